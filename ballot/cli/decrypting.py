"""A trustee's last step: decrypt the published totals of archives that the trustee has verified, and nothing else.

(1) A private copy of the archive is taken first, so that the verified bytes are the decrypted ones.
(2) It is audited and must be closed: neither still open, nor tallied without this trustee. In a record, the sealed
terms must name its list of credentials and weights.
(3) This trustee's key must be one of its trustees'. (4) The trustee sees what will be decrypted, and confirms it on a
terminal. (5) The trustee must not have decrypted another total of this election: the difference between two totals
that differ by one ballot reveals that ballot. A request to decrypt a single ballot is refused and named as one.
"""

from __future__ import annotations

import argparse
import os
import secrets
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from ballot.audit.catalogue import Stage
from ballot.audit.run import Options, audit
from ballot.audit.source import RecordSource, SingleSource, open_source, read_file, reading
from ballot.cli.refusals import Unacceptable
from ballot.cli.say import found_in, say, write_new
from ballot.constitution.programme import CountOrder, load_programme
from ballot.constitution.words import DEFAULT_WORDS, Noun
from ballot.protocol.archive import read_header, read_members
from ballot.protocol.ballots import parse_ballot, tracking_number
from ballot.protocol.canonical import array, parse_json, write_json
from ballot.protocol.elections import Election, parse_election
from ballot.protocol.errors import InvalidMessage
from ballot.protocol.events import EventType, parse_event
from ballot.protocol.group import Ed25519
from ballot.protocol.hashing import sha256_hex
from ballot.protocol.strong_decryption import create_share
from ballot.protocol.tally import SizedEncryptedTally, parse_encrypted_tally, parse_sized_encrypted_tally
from ballot.protocol.trustees import parse_trustees, public_keys
from ballot.record.counting import CountKind
from ballot.record.moves import Move
from ballot.record.programme_events import ProgrammeEvent, check_event_signatures, parse_programme_event
from ballot.record.terms import ReadTerms, TermsElection, check_archive_terms, parse_terms
from ballot.registrar.files import append_private, read_private

GROUP = Ed25519()


def decrypt_published_totals(options: argparse.Namespace, x: int) -> tuple[int, list[str]]:
    """Write this trustee's share of one total, or of every total that waits, to `options.out`. Raises Unacceptable.

    Returns the owner number and the names of the elections. Several shares are written as one object, by name.
    """
    check_no_ballot(options.published)
    names = [options.ccg] if options.ccg else _waiting(options.published)
    made = [_decrypt_total(options, x, name) for name in names]
    several = write_json({ccg: share.decode() for _, ccg, share in made})
    write_new(options.out, made[0][2] if len(made) == 1 else several)
    return made[0][0], [ccg for _, ccg, _ in made]


def _decrypt_total(options: argparse.Namespace, x: int, name: str | None) -> tuple[int, str, bytes]:
    """The owner number, the name of the election, and the share. Raises Unacceptable."""
    with TemporaryDirectory(prefix="ballot-") as folder:
        archive = Path(folder) / "published.bel"
        ccg, terms = _take_archive(options.published, name, archive)
        report = audit(archive, Options(stage=Stage.CLOSED, jobs=os.cpu_count() or 1))
        found = _read(archive) if report.verified else None
        if found is None:
            reason = _single_ballot(archive) or f"{report.conclusion}."
            raise Unacceptable(
                f"Nothing is decrypted: the archive of {ccg} is not a closed and consistent one. "
                f"{reason} Look at it with ballot verify --stage closed."
            )
    election = parse_election(GROUP, found.election)
    sealed, struck = None, 0
    if terms is not None:
        sealed = _check_terms(terms, election, found.credentials, ccg)
        with found_in(options.published):
            _check_all_closed(options.published, terms)
            struck = _count_struck(options.published, terms, ccg)
    keys = public_keys(parse_trustees(GROUP, found.trustees))
    mine = GROUP.base_power(x)
    if mine not in keys:
        raise Unacceptable(f"Nothing is decrypted: your key is not one of the keys of the election of {ccg}.")
    memory, line = options.key.with_name(f"{options.key.name}.decrypted"), f"{election.uuid} {sha256_hex(found.tally)}"
    is_known = _is_remembered(memory, line)
    member = DEFAULT_WORDS.member if terms is None else parse_terms(terms).words.member
    _show(ccg, election, found, sealed, struck, member)
    if not is_known:
        append_private(memory, f"{line}\n".encode())
    owner, tally = keys.index(mine) + 1, parse_encrypted_tally(GROUP, found.tally, election)
    share = create_share(GROUP, election, tally, owner, x, secrets.randbelow)
    return owner, ccg, share.to_bytes()


@dataclass(frozen=True, slots=True)
class _Found:
    """The data taken from a verified, closed archive."""

    election: bytes
    trustees: bytes
    credentials: bytes
    registered: int
    tally: bytes
    sized: SizedEncryptedTally


def _data(archive: Path, kind: Literal["data", "event"] = "data") -> list[bytes]:
    with archive.open("rb") as stream:
        return [member.body for member in read_members(stream, read_header(stream)) if member.kind == kind]


def _read(archive: Path) -> _Found:
    """Read the archive. Raises Unacceptable unless it ends in the total: shares are added only with the result."""
    last = parse_event(_data(archive, "event")[-1]).type
    if last is EventType.END_BALLOTS:
        raise Unacceptable("Nothing is decrypted: voting was ended, and there is no encrypted total yet.")
    if last is not EventType.ENCRYPTED_TALLY:
        raise Unacceptable("Nothing is decrypted: shares of its total are in it, and no result. Ask whose they are.")
    election, trustees, credentials, *_, tally, sized = _data(archive)
    registered = len(array(parse_json(credentials)))
    return _Found(election, trustees, credentials, registered, tally, parse_sized_encrypted_tally(sized))


def _check_terms(terms: bytes, election: Election, credentials: bytes, ccg: str) -> TermsElection:
    """The election in the record's terms. Raises Unacceptable unless they match it and its list of credentials."""
    try:
        return check_archive_terms(terms, election, sha256_hex(credentials))
    except InvalidMessage as fault:
        raise Unacceptable(f"Nothing is decrypted: in the record of {ccg}, {fault.detail}.") from None


def _show(ccg: str, election: Election, found: _Found, sealed: TermsElection | None, struck: int, member: Noun) -> None:
    """Show what will be decrypted, in the words of the trustee's page. Raises Unacceptable if the person says no.

    `sealed` is the election in the terms, which say how weights are counted; None for an archive by itself. `struck`
    is how many members of its list were struck off after sealing; `member` is what the programme calls them.
    """
    count, weight, hash = found.sized.num_tallied, found.sized.total_weight, sha256_hex(found.tally)
    say(f"What is about to be decrypted, of {ccg}:")
    say(f"    Ballot: {election.name}")
    say(f"    Ballots in the total: {count} of {found.registered - struck} that could be cast")
    if struck:
        say(f"    Struck off the roll: {struck} of the {found.registered} {member.many} on the list")
    if sealed is not None and sealed.counting.kind is not CountKind.HEADS:
        say(f"    They count for: {sealed.counting.say_total(weight)}")
    elif sealed is None and weight != count:
        say(f"    Weight in the total: {weight}. Only the whole record says what one unit of it is")
    say(f"    SHA-256 of the encrypted total: {' '.join(hash[i : i + 4] for i in range(0, 64, 4))}")
    if count == 1:
        whose = f"that {member.one}'s vote"
        say(f"    Take care: Only one ballot was cast: its total is {whose}. Speak to the others first.")
    say("Read the SHA-256 out to the other trustees, by telephone or in one room. You must all have the same.")
    say("If yours differs, stop: someone is showing you different totals. The difference between two totals can")
    say("reveal a single vote.")
    if sys.stdin.isatty() and input('Decrypt it? Type "yes": ') != "yes":
        raise Unacceptable("Nothing is decrypted.")


def check_no_ballot(path: Path) -> None:
    """Raise Unacceptable if the file to decrypt is a ballot."""
    if not path.is_file():
        return
    with path.open("rb") as stream:
        data = stream.read(2**22)
    try:
        ballot = parse_ballot(GROUP, data.rstrip(b"\n"))
    except InvalidMessage:
        return
    raise Unacceptable(
        f"Nothing is decrypted: {path} is a single ballot (tracking number {tracking_number(ballot.to_bytes())}). "
        "No trustee ever decrypts one: only the published total of a whole election."
    )


def _single_ballot(archive: Path) -> str | None:
    """A sentence, if the total of an archive that does not verify is the ciphertext of one ballot."""
    try:
        election, *_, tally, _ = data = _data(archive)
        asked = parse_encrypted_tally(GROUP, tally, parse_election(GROUP, election))
    except (InvalidMessage, ValueError):
        return None
    for body in data:
        try:
            ballot = parse_ballot(GROUP, body)
        except InvalidMessage:
            continue
        if tuple(answer.choices for answer in ballot.answers) == asked:
            return f"What it asks for is not the total but a single ballot (tracking number {tracking_number(body)})."
    return None


def _waiting(published: Path) -> list[str | None]:
    """The archives that end with an encrypted total; [None] for a single archive. Raises Unacceptable if none does."""
    with open_source(published) as source:
        if isinstance(source, SingleSource):
            return [None]
        there = sorted(name for name in source.names() if name.startswith("elections/"))
        last = {Path(name).stem: _last_event(source, name) for name in there}
        if len(last) == 1:
            return list(last)
        waiting: list[str | None] = [name for name, event in last.items() if event is EventType.ENCRYPTED_TALLY]
    if not waiting:
        raise Unacceptable(f"Nothing is decrypted: no total in {published} waits for shares.")
    return waiting


def _take_archive(published: Path, ccg: str | None, copy: Path) -> tuple[str, bytes | None]:
    """Copy the chosen archive. Return its name, and a record's terms. Raises Unacceptable, Unreadable."""
    terms = None
    with open_source(published) as source:
        if isinstance(source, SingleSource):
            name, ccg = source.names()[0], ccg or published.stem
        else:
            there = {Path(name).stem: name for name in source.names() if name.startswith("elections/")}
            listed = ", ".join(sorted(there)[:50]) or "none"
            if ccg is None and len(there) == 1:
                ccg = next(iter(there))
            if ccg is None or ccg not in there:
                raise Unacceptable(f"Say with --ccg which archive of {published} is meant; there are: {listed}.")
            name, terms = there[ccg], read_file(source, "terms.json")
        with reading(source, name) as stream, copy.open("xb") as target:
            shutil.copyfileobj(stream, target)
        return ccg, terms


def _check_all_closed(published: Path, terms: bytes) -> None:
    """Raise Unacceptable while another ballot of the record can take votes, if its programme counts all together.

    The terms are those of the election. A ballot is closed if its archive says so, or if two people abandoned it.
    """
    sealed = parse_terms(terms)
    with open_source(published) as source:
        content = read_file(source, "programme.toml")
        if sha256_hex(content) != sealed.files.get("programme.toml"):
            raise Unacceptable("Nothing is decrypted: programme.toml of this record is not the one that was sealed.")
        if load_programme(content, "programme.toml").count is CountOrder.EACH:
            return
        abandoned = {event.election_name for event in _events(source, sealed) if event.move is Move.ABANDONED}
        for election in sealed.elections:
            name = election.election_name
            if name not in abandoned and _is_open(source, f"elections/{name}.bel"):
                raise Unacceptable(
                    f"Nothing is decrypted: the ballot of {name} has not closed in this record, and all ballots are "
                    "counted together. Download the record again when every ballot has closed."
                )


def _count_struck(published: Path, terms: bytes, ccg: str) -> int:
    """How many practices of this election were struck off the roll after sealing."""
    sealed = parse_terms(terms)
    with open_source(published) as source:
        struck = [event for event in _events(source, sealed) if event.move is Move.STRUCK]
    return sum(event.election_name == ccg for event in struck)


def _events(source: RecordSource, sealed: ReadTerms) -> Iterator[ProgrammeEvent]:
    """The record's events of this programme. Leaves out any that is not well signed.

    The same officers' keys sign every programme, so an abandoned rehearsal must not pass for this one.
    """
    for line in read_file(source, "events.jsonl").splitlines():
        try:
            event = parse_programme_event(line)
            check_event_signatures(event, sealed.keys)
        except InvalidMessage:
            continue
        if event.programme == sealed.programme:
            yield event


def _is_open(source: RecordSource, name: str) -> bool:
    """Whether an archive of the record has not ended, or is not there."""
    return name not in source.names() or _last_event(source, name) in (None, EventType.SETUP, EventType.BALLOT)


def _last_event(source: RecordSource, name: str) -> EventType | None:
    with reading(source, name) as stream:
        events = [member.body for member in read_members(stream, read_header(stream)) if member.kind == "event"]
    return parse_event(events[-1]).type if events else None


def _is_remembered(memory: Path, line: str) -> bool:
    """Whether this total was decrypted before; raises Unacceptable if another total of this election was."""
    written = read_private(memory).decode("utf-8-sig", "replace") if memory.exists() else ""
    lines = [known.strip() for known in written.splitlines()]
    before = [known for known in lines if known.partition(" ")[0] == line.partition(" ")[0]]
    if before and line not in before:
        raise Unacceptable(
            f"Nothing is decrypted: this key has already decrypted another total of this election (see {memory}). "
            "Two totals of one election can reveal a single vote. Ask the other trustees what they see."
        )
    return bool(before)
