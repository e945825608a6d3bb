"""Does a published record hold exactly this statement of who cast a vote? For a dispute, without trusting the office.

(1) The terms ask voters for exactly this statement, and name the election. (2) The event of closing, signed by whom the
terms name, has the root under which the statement is. (3) The election's archive has the ballot. What is *not* checked
here: the rest of the record (`ballot verify`), and whether the person told the truth.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ballot.audit.files import Files, open_files
from ballot.audit.source import SingleSource, Unreadable, open_source, reading
from ballot.protocol.archive import read_header, read_members
from ballot.protocol.errors import Reason
from ballot.protocol.hashing import sha256_hex
from ballot.record.authority import StatementProof, StatementsRoot
from ballot.record.errors import InvalidRecord
from ballot.record.moves import Move
from ballot.record.programme_events import ProgrammeEvent, check_event_signatures, parse_programme_event
from ballot.record.terms import ReadTerms, parse_terms


def check_statement(path: Path, proof: StatementProof) -> ProgrammeEvent:
    """The event of closing whose root covers the statement. Raises InvalidMessage if a check fails, or Unreadable."""
    with open_source(path) as source:
        if isinstance(source, SingleSource):
            raise Unreadable(f"{path} is a single archive: a statement is checked against a whole record")
        files = open_files(source)
        terms = parse_terms(_file(files, "terms.json"))
        _check_terms(terms, proof)
        closing = _closing(_file(files, "events.jsonl"), proof)
        check_event_signatures(closing, terms.keys)
        proof.check(StatementsRoot.from_json(closing.data["authority"]))
        if proof.made.ballot not in set(_ballots(files, f"elections/{proof.election}.bel")):
            raise InvalidRecord(Reason.INCLUSION, "the archive has no ballot of this statement")
    return closing


def _file(files: Files, name: str) -> bytes:
    body = files.read(name)
    if body is None:
        raise Unreadable(f"the record has no readable {name}")
    return body


def _check_terms(terms: ReadTerms, proof: StatementProof) -> None:
    if terms.programme != proof.programme:
        raise InvalidRecord(Reason.WRONG_FIELDS, "the record is of another programme")
    if terms.statement != proof.made.authority.statement:
        raise InvalidRecord(Reason.WRONG_FIELDS, "the terms do not ask voters to confirm this statement")
    uuids = {election.election_name: election.uuid for election in terms.elections}
    if uuids.get(proof.election) != proof.made.election_uuid:
        raise InvalidRecord(Reason.WRONG_FIELDS, "the terms have no such election")


def _closing(events: bytes, proof: StatementProof) -> ProgrammeEvent:
    for line in events.splitlines():
        event = parse_programme_event(line)
        if event.move is Move.CLOSED and event.election_name == proof.election and "authority" in event.data:
            return event
    raise InvalidRecord(Reason.INCLUSION, "the log has no closing of this election with a root of statements")


def _ballots(files: Files, name: str) -> Iterator[str]:
    """The hashes of everything in the archive, read anew from its bytes."""
    if name not in files.names:
        raise Unreadable(f"the record has no {name}")
    with reading(files.source, name) as stream:
        for member in read_members(stream, read_header(stream)):
            if member.kind == "data":
                yield sha256_hex(member.body)
