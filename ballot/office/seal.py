"""Seal a programme: fix its terms, begin every archive, and print the fingerprint that vouches for all of it. -> sealed

From here on every download of an archive is a prefix of every later one.
"""

from __future__ import annotations

import calendar
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy.orm import Session

from ballot.constitution.programme import Programme
from ballot.db.ballots import BallotRow, list_ballots
from ballot.db.practices import PracticeRow, list_practices
from ballot.db.programmes import ProgrammeRow, find_programme
from ballot.db.session import reading, transaction
from ballot.office.chronicle import Chronicle, open_chronicle
from ballot.office.desk import Desk, Why
from ballot.office.errors import Refusal, Refused
from ballot.office.lifecycle import State, next_state
from ballot.office.logbook import new_log
from ballot.office.practice import check_practised
from ballot.office.reballot import cited_by
from ballot.office.sealed import (
    GROUP,
    credentials_of,
    read_constitution,
    read_counting,
    read_keys,
    read_programme,
    read_roll_parts,
    read_roll_sources,
    read_trustees,
)
from ballot.office.secrecy import check_secrecy, measure_programme
from ballot.office.signing import Signers
from ballot.protocol.archive import setup_payloads
from ballot.protocol.elections import Election
from ballot.protocol.events import EventType
from ballot.protocol.hashing import Hash, sha256_hex
from ballot.protocol.questions import Question
from ballot.protocol.trustees import combine_keys, trustees_to_bytes
from ballot.record.programme_events import Move, ReasonCode
from ballot.record.secrecy import Revealed
from ballot.record.terms import Terms, TermsElection, programme_fingerprint, terms_description


def seal(desk: Desk, programme_id: str, signers: Signers, why: Why | None = None) -> Hash:
    """Seal every ballot of the programme at once, and answer its fingerprint; raises Refused.

    Needs two people, a credential for every practice, a backup of the server's keys that was tried, and a practice
    decryption of every trustee; and a reason other than `as-planned` where the totals would tell more about single
    votes than the programme allows.
    """
    secrecy = measure_programme(desk.engine, programme_id)  # takes its time, and needs no lock
    with transaction(desk.engine) as session:
        chronicle = open_chronicle(session, desk, programme_id, signers)
        row, programme = chronicle.programme, read_programme(chronicle.programme.toml)
        states = {ballot.id: next_state(State(ballot.state), Move.SEALED) for ballot in chronicle.ballots}
        practices = {ballot.id: list_practices(session, ballot.id) for ballot in chronicle.ballots}
        _check_ready(row, programme, practices, chronicle.now)
        check_practised(session, row.id, row.pedersen, programme.trustees.names)
        if why is None or why.code is ReasonCode.AS_PLANNED:
            check_secrecy(programme, secrecy)
        row.terms = _terms_of(session, row, chronicle.ballots, practices, secrecy)
        description = terms_description(row.terms)
        for ballot in chronicle.ballots:
            _begin(chronicle, ballot, practices[ballot.id], programme, description)
            ballot.state = states[ballot.id].value
        hash = sha256_hex(row.terms)
        elections = {ballot.election_name: sha256_hex(ballot.election or b"") for ballot in chronicle.ballots}
        fingerprint = programme_fingerprint(hash, read_keys(row.keys), elections)
        row.fingerprint = fingerprint
        chronicle.write(Move.SEALED, None, {"terms": hash, "fingerprint": fingerprint}, signers, why)
    return fingerprint


def planned_terms(desk: Desk, programme_id: str) -> bytes:
    """The terms that sealing would fix now; raises Refused where it could not seal. Changes nothing."""
    secrecy = measure_programme(desk.engine, programme_id)
    with reading(desk.engine) as session:
        row = find_programme(session, programme_id)
        if row is None:
            raise Refused(Refusal.NO_SUCH_PROGRAMME, f"There is no programme {programme_id}.")
        ballots = list_ballots(session, programme_id)
        for ballot in ballots:
            next_state(State(ballot.state), Move.SEALED)
        practices = {ballot.id: list_practices(session, ballot.id) for ballot in ballots}
        programme = read_programme(row.toml)
        _check_ready(row, programme, practices, desk.clock())
        check_practised(session, row.id, row.pedersen, programme.trustees.names)
        return _terms_of(session, row, ballots, practices, secrecy)


def _terms_of(
    session: Session,
    row: ProgrammeRow,
    ballots: Sequence[BallotRow],
    practices: dict[int, list[PracticeRow]],
    secrecy: Mapping[str, Revealed],
) -> bytes:
    cited = cited_by(session, row)
    terms = make_terms(row, read_programme(row.toml), ballots, practices, secrecy)
    return replace(terms, citation=None if cited is None else cited.citation).to_bytes()


def _check_ready(
    row: ProgrammeRow, programme: Programme, practices: dict[int, list[PracticeRow]], now: datetime
) -> None:
    if any(practice.credential is None for members in practices.values() for practice in members):
        raise Refused(Refusal.NOT_ISSUED, "The registrar has not issued the credentials yet.")
    if row.backup_restored_at is None:
        raise Refused(Refusal.BACKUP_NOT_TRIED, "Nobody has tried yet to restore the server's keys from their backup.")
    if now >= programme.closes_at:
        raise Refused(Refusal.WINDOW_PASSED, "The closing time in the programme file has passed.")


def make_terms(
    row: ProgrammeRow,
    programme: Programme,
    ballots: Sequence[BallotRow],
    practices: dict[int, list[PracticeRow]],
    secrecy: Mapping[str, Revealed],
) -> Terms:
    """The terms that every ballot of the programme will sign; `practices` are those of each ballot, by its id."""
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
    pedersen, keys, sources = sha256_hex(row.pedersen), read_keys(row.keys), read_roll_sources(row)
    return Terms(programme, row.board, row.separate, files, elections, pedersen, keys, sources, secrecy)


def _snapshot(ballot: BallotRow) -> date | None:
    weight = read_constitution(ballot).weight
    return None if weight is None else weight.snapshot


def _begin(
    chronicle: Chronicle, ballot: BallotRow, practices: list[PracticeRow], programme: Programme, description: str
) -> None:
    """Write the header and the Setup event of one archive."""
    trustees = read_trustees(chronicle.programme, ballot)
    questions = tuple(Question(question.answers, 1, 1, question.text) for question in programme.questions)
    election = Election(description, ballot.name, combine_keys(GROUP, trustees), questions, ballot.uuid)
    ballot.election = election.to_bytes()
    ballot.timestamp = calendar.timegm(chronicle.now.utctimetuple())
    name = ballot.election_name
    chronicle.logs[name] = new_log(chronicle.session, ballot.programme_id, name, chronicle.now)
    payloads = setup_payloads(ballot.election, trustees_to_bytes(trustees), credentials_of(practices))
    chronicle.append(ballot, EventType.SETUP, payloads)
