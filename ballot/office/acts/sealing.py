"""Seal a programme: fix its terms, begin every archive, and return the fingerprint of all of it.

From here on every download of an archive is a prefix of every later one.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar

from ballot.constitution.programme import Programme
from ballot.db.ballots import BallotRow
from ballot.db.logs import begin_log
from ballot.db.practices import PracticeRow, list_practices
from ballot.db.programmes import ProgrammeRow
from ballot.office.acts.act import Act, Done, Using, window
from ballot.office.chronicle import Chronicle
from ballot.office.desk import Desk
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
from ballot.office.setup.prepare import cited_by
from ballot.office.setup.secrecy import check_secrecy, measure_programme
from ballot.office.setup.trial_decryption import check_trial_decryptions
from ballot.office.situation import Situation
from ballot.protocol.archive import setup_payloads
from ballot.protocol.canonical import Json
from ballot.protocol.elections import Election
from ballot.protocol.events import EventType
from ballot.protocol.hashing import Hash, sha256_hex
from ballot.protocol.questions import HomomorphicQuestion
from ballot.protocol.trustees import combine_keys, trustees_to_bytes
from ballot.record.keys import Role
from ballot.record.moves import Move, ReasonCode
from ballot.record.secrecy import RevealedVotes
from ballot.record.terms import Terms, TermsElection, programme_fingerprint, terms_description


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

    def before(self, desk: Desk, programme_id: str) -> Mapping[str, RevealedVotes]:
        """Measure what the totals would reveal about single votes."""
        return measure_programme(desk.engine, programme_id)

    def facts(self, situation: Situation) -> Iterator[str]:
        for ballot in situation.ballots:
            next_state(State(ballot.state), Move.SEALED)  # first, because the other checks apply only to a draft
        _check_ready(situation)
        programme = situation.rules
        yield from window(situation.ballots[0])
        yield from (f"Question: {question.text}" for question in programme.questions)
        yield f"Second votes: {programme.policy.value}"
        for ballot in situation.ballots:
            members = len(list_practices(situation.session, ballot.id))
            yield f"Ballot: {ballot.name} ({ballot.election_name}), {members} practices"

    def arguments(self, situation: Situation, ready: Mapping[str, RevealedVotes]) -> dict[str, Json]:
        return {"terms": sha256_hex(_terms_of(situation, ready))}

    def apply(self, chronicle: Chronicle, ballot: BallotRow | None, using: Using) -> Done[Hash]:
        row = chronicle.programme
        if using.why is None or using.why.code is ReasonCode.AS_PLANNED:
            check_secrecy(chronicle.rules, using.ready)
        row.terms = _terms_of(chronicle, using.ready)
        description = terms_description(row.terms)
        for each in chronicle.ballots:
            _begin(chronicle, each, description)
        hash = sha256_hex(row.terms)
        elections = {each.election_name: sha256_hex(each.election or b"") for each in chronicle.ballots}
        row.fingerprint = fingerprint = programme_fingerprint(hash, read_keys(row.keys), elections)
        return Done({"terms": hash, "fingerprint": fingerprint}, fingerprint)


def _practices(situation: Situation) -> dict[int, list[PracticeRow]]:
    return {ballot.id: list_practices(situation.session, ballot.id) for ballot in situation.ballots}


def _terms_of(situation: Situation, secrecy: Mapping[str, RevealedVotes]) -> bytes:
    row = situation.programme
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
    return Terms(programme, row.board, held, files, elections, pedersen, keys, sources, secrecy)


def _snapshot(ballot: BallotRow) -> date | None:
    weight = read_constitution(ballot).weight
    return None if weight is None else weight.snapshot


def _begin(chronicle: Chronicle, ballot: BallotRow, description: str) -> None:
    """Write the header and the Setup event of one archive."""
    trustees = read_trustees(chronicle.programme, ballot)
    questions = tuple(
        HomomorphicQuestion(question.answers, 1, 1, question.text) for question in chronicle.rules.questions
    )
    election = Election(description, ballot.name, combine_keys(GROUP, trustees), questions, ballot.uuid)
    ballot.election = election.to_bytes()
    ballot.timestamp = calendar.timegm(chronicle.now.utctimetuple())
    name = ballot.election_name
    chronicle.logs[name] = begin_log(chronicle.session, ballot.programme_id, name, chronicle.now)
    practices = list_practices(chronicle.session, ballot.id)
    payloads = setup_payloads(ballot.election, trustees_to_bytes(trustees), credentials_of(practices))
    chronicle.append(ballot, EventType.SETUP, payloads)
