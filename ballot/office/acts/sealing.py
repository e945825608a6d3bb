"""Seal a programme: fix its terms, begin every archive, and return the fingerprint of all of it.

From here on every download of an archive is a prefix of every later one.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar

from ballot.constitution.phrases import joined
from ballot.constitution.programme import Policy, Programme
from ballot.db.ballots import BallotRow, list_ballots
from ballot.db.logs import begin_log
from ballot.db.practices import PracticeRow, list_practices
from ballot.db.programmes import ProgrammeRow
from ballot.db.session import reading
from ballot.office.acts.act import Act, Done, Using, fact, window
from ballot.office.chronicle import Chronicle
from ballot.office.desk import Desk, Why
from ballot.office.errors import Refusal, Refused
from ballot.office.lifecycle import State, next_state
from ballot.office.sealed import (
    GROUP,
    credentials_of,
    read_constitution,
    read_counting,
    read_keys,
    read_roll_parts,
    read_roll_sources,
    read_trustees,
)
from ballot.office.setup.packs import say_document
from ballot.office.setup.prepare import cited_by
from ballot.office.setup.secrecy import check_secrecy, measure_ballots
from ballot.office.setup.trial_decryption import check_trial_decryptions
from ballot.office.situation import Situation
from ballot.protocol.archive import setup_payloads
from ballot.protocol.canonical import Json
from ballot.protocol.elections import Election
from ballot.protocol.events import EventType
from ballot.protocol.hashing import Hash, sha256_hex
from ballot.protocol.questions import HomomorphicQuestion
from ballot.protocol.trustees import combine_keys, trustees_to_bytes
from ballot.record.counting import CountKind
from ballot.record.keys import PublicKey, Role
from ballot.record.moves import Move, ReasonCode
from ballot.record.secrecy import RevealedVotes
from ballot.record.terms import Terms, TermsElection, programme_fingerprint, terms_description

_SECOND_VOTES = {
    Policy.FINAL: "Refused: {a member} can vote only once",
    Policy.LAST_COUNTS: "Accepted while voting is open: the last vote of {a member} counts",
}
_COUNTED = {
    CountKind.HEADS: "each counting once",
    CountKind.PATIENTS: "each counting by its {}",
    CountKind.PACKED: "each counting once, and by its {}",
}


@dataclass(frozen=True, slots=True)
class Seal(Act[Hash]):
    """Fix terms, roll and window in every ballot at once. Returns the fingerprint. -> sealed

    It needs a credential for every practice, a tested backup of the server's keys, and a trial decryption of every
    trustee. If the totals would reveal more about single votes than the programme allows, it also needs a reason other
    than `as-planned`.
    """

    move: ClassVar[Move] = Move.SEALED
    name: ClassVar[str] = "seal"
    title: ClassVar[str] = "Seal the programme: its rules, roll and window are then fixed for ever"
    needs_reason: ClassVar[bool] = False

    reasons: ClassVar[tuple[ReasonCode, ...]] = (
        ReasonCode.AS_PLANNED,
        ReasonCode.SECRECY_ACCEPTED,
        ReasonCode.REHEARSAL,
    )

    def before(self, desk: Desk, programme_id: str) -> None:
        """Measure what the totals would reveal about single votes. The figures are kept until the lock."""
        with reading(desk.engine) as session:
            measure_ballots(session, list_ballots(session, programme_id))

    def facts(self, situation: Situation) -> Iterator[str]:
        for ballot in situation.ballots:
            next_state(State(ballot.state), Move.SEALED)  # first, because the other checks apply only to a draft
        _check_ready(situation)
        programme, terms = situation.rules, _terms_of(situation)
        yield from window(situation.ballots[0])
        yield from (
            fact("Question", question.text, f"Answers: {joined(question.answers, 'or')}")
            for question in programme.questions
        )
        yield fact("Second votes", _SECOND_VOTES[programme.policy])
        for ballot in situation.ballots:
            members = programme.words.member.counted(len(list_practices(situation.session, ballot.id)))
            rule = read_constitution(ballot)
            by = "list size" if rule.weight_column is None else rule.nouns.counts.many
            how = _COUNTED[CountKind(ballot.count)].format(by)
            yield fact("Ballot", f"{ballot.name} ({ballot.election_name}), {members}, {how}")
        if (statement := programme.statement) is None:
            yield fact("Authority to vote", "Voters are not asked who they are or by what authority they vote")
        else:
            yield fact("Authority to vote", f"Voters give name and capacity, and confirm: {statement}")
        names = programme.trustees.names
        yield fact("Trustees", f"Any {programme.trustees.threshold} of {len(names)} can decrypt: {joined(names)}")
        if programme.scrutineer is not None:
            yield fact("Scrutineer", f"{programme.scrutineer} watches the ballot, and signs a report on it")
        for pack in programme.voting_packs:
            what = f"{pack.name}, {say_document(pack)}" if pack.is_served else pack.name
            yield fact("Document for voters", f"{what}, SHA-256 {pack.sha256}")
        yield fact("Afterwards", "Rules, roll, weights and keys are fixed for ever.")
        yield fact("Fingerprint of the sealed programme", _fingerprint(situation, terms, _elections(situation, terms)))

    def check_reason(self, situation: Situation, why: Why | None) -> None:
        if why is None or why.code is ReasonCode.AS_PLANNED:
            check_secrecy(situation.rules, measure_ballots(situation.session, situation.ballots))

    def arguments(self, situation: Situation, ready: None) -> dict[str, Json]:
        return {"terms": sha256_hex(_terms_of(situation))}

    def apply(self, chronicle: Chronicle, ballot: BallotRow | None, using: Using) -> Done[Hash]:
        row = chronicle.programme
        row.terms = terms = _terms_of(chronicle)
        elections = _elections(chronicle, terms)
        for each in chronicle.ballots:
            each.election = elections[each.election_name]
            _begin(chronicle, each, each.election)
        row.statement = chronicle.rules.statement
        row.fingerprint = fingerprint = _fingerprint(chronicle, terms, elections)
        return Done({"terms": sha256_hex(terms), "fingerprint": fingerprint}, fingerprint)


def _elections(situation: Situation, terms: bytes) -> dict[str, bytes]:
    """The election that each archive begins with, by name."""
    questions = tuple(HomomorphicQuestion(each.answers, 1, 1, each.text) for each in situation.rules.questions)
    description, made = terms_description(terms), {}
    for ballot in situation.ballots:
        key = combine_keys(GROUP, read_trustees(situation.programme, ballot))
        made[ballot.election_name] = Election(description, ballot.name, key, questions, ballot.uuid).to_bytes()
    return made


def _fingerprint(situation: Situation, terms: bytes, elections: Mapping[str, bytes]) -> Hash:
    hashes = {name: sha256_hex(election) for name, election in elections.items()}
    return programme_fingerprint(sha256_hex(terms), read_keys(situation.programme.keys), hashes)


def _practices(situation: Situation) -> dict[int, list[PracticeRow]]:
    return {ballot.id: list_practices(situation.session, ballot.id) for ballot in situation.ballots}


def _terms_of(situation: Situation) -> bytes:
    row, secrecy = situation.programme, measure_ballots(situation.session, situation.ballots)
    cited = cited_by(situation.session, row)
    terms = make_terms(row, situation.rules, situation.ballots, _practices(situation), secrecy)
    return replace(terms, citation=None if cited is None else cited.citation).to_bytes()


def _check_ready(situation: Situation) -> None:
    """Raise Refused unless sealing has everything it needs."""
    row, programme = situation.programme, situation.rules
    if any(practice.credential is None for members in _practices(situation).values() for practice in members):
        raise Refused(Refusal.NOT_ISSUED, "The registrar has not issued the voting links yet.")
    if row.backup_restored_at is None:
        raise Refused(
            Refusal.BACKUP_NOT_TRIED, "No one has tested the backup of the server's keys yet. Both officers must."
        )
    if situation.now >= programme.closes_at:
        raise Refused(Refusal.WINDOW_PASSED, "The planned closing time has passed.")
    check_trial_decryptions(situation.session, row.id, row.pedersen, programme.trustees.names)


def make_terms(
    row: ProgrammeRow,
    programme: Programme,
    ballots: Sequence[BallotRow],
    practices: dict[int, list[PracticeRow]],
    secrecy: Mapping[str, RevealedVotes],
) -> Terms:
    """The terms that every ballot of the programme will sign. `practices` has each ballot's members, by ballot id."""
    files = {"programme.toml": sha256_hex(row.toml)}
    files |= {f"constitutions/{ballot.ccg}.toml": sha256_hex(ballot.constitution) for ballot in ballots}
    files |= {"roll.csv": sha256_hex(row.roll)}
    parts = read_roll_parts(row.roll)
    elections = tuple(
        TermsElection(
            ballot.ccg,
            ballot.locality,
            ballot.name,
            ballot.uuid,
            read_counting(ballot),
            len(practices[ballot.id]),
            sum(1 if practice.weight is None else practice.weight for practice in practices[ballot.id]),
            sha256_hex(credentials_of(practices[ballot.id])),
            sha256_hex(parts[ballot.election_name]),
            _snapshot(ballot),
        )
        for ballot in ballots
    )
    held = frozenset(map(Role, row.keys_held.split()))
    pedersen, keys, sources = sha256_hex(row.pedersen), read_keys(row.keys), read_roll_sources(row)
    scrutineer = None if row.scrutineer is None else PublicKey.from_hex(row.scrutineer)
    fixed = programme, row.board, held, files, elections, pedersen, keys, sources, secrecy
    return Terms(*fixed, None, scrutineer, programme.statement)


def _snapshot(ballot: BallotRow) -> date | None:
    weight = read_constitution(ballot).weight
    return None if weight is None else weight.snapshot


def _begin(chronicle: Chronicle, ballot: BallotRow, election: bytes) -> None:
    """Write the header and the Setup event of one archive."""
    trustees = read_trustees(chronicle.programme, ballot)
    ballot.timestamp = calendar.timegm(chronicle.now.utctimetuple())
    name = ballot.election_name
    chronicle.logs[name] = begin_log(chronicle.session, ballot.programme_id, name, chronicle.now)
    practices = list_practices(chronicle.session, ballot.id)
    payloads = setup_payloads(election, trustees_to_bytes(trustees), credentials_of(practices))
    chronicle.append(ballot, EventType.SETUP, payloads)
