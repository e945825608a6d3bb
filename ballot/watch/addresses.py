"""Compare what a board serves at its addresses, which people see, with its record, which is audited."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from ballot.audit.source import Unreadable, open_source, reading
from ballot.protocol.canonical import Json
from ballot.protocol.errors import InvalidMessage
from ballot.protocol.hashing import base64_of_hex
from ballot.record.times import time_text
from ballot.watch.alarms import Alarm, Sighting, Trouble
from ballot.watch.fetching import BoardSite, NotFetched
from ballot.watch.records import AuditedRecord, read_member

MAX_FILE = 2**26
PIECE = 2**20
ARCHIVE_SECONDS = 1800.0
"""To download a whole archive or record, of any size."""
GROWING = ("events.jsonl", "checkpoints.jsonl")


def compare_addresses(
    site: BoardSite, api: str, record: Path, watched: AuditedRecord, largest: int
) -> Iterator[Sighting]:
    """Compare everything else that is served with the record, which was read first: what is served may be longer."""
    terms = watched.base.terms
    if terms is None:
        return
    yield from _each(_file, site, api, "terms.json", f"{api}/terms.json", record, Alarm.CHANGED_RULE)
    for name in sorted(terms.files):
        kind = Alarm.CHANGED_ROLL if name == "roll.csv" else Alarm.CHANGED_RULE
        yield from _each(_file, site, api, name, f"{api}/files/{name}", record, kind)
    for role in terms.keys:
        name = f"keys/{role.value}.pub"
        yield from _each(_file, site, api, name, f"{api}/files/{name}", record, Alarm.CHANGED_KEY)
    for name in GROWING:
        yield from _each(_growing, site, f"{api}/{name}", name, record, MAX_FILE)
    yield from _each(_fingerprint, site, api, watched)
    for name in watched.payloads:
        yield from _each(_growing, site, f"{api}/{name}/election.bel", f"elections/{name}.bel", record, largest)
        yield from _each(_board, site, f"{api}/{name}/board", name, watched)


def read_json(data: bytes) -> Json:
    """Parse JSON that need not be canonical; raises ValueError if it is invalid or nests too deeply."""
    try:
        return json.loads(data)
    except RecursionError:
        raise ValueError("nests too deeply") from None


def _each(check: Callable[..., Iterator[Sighting]], *given: object) -> Iterator[Sighting]:
    """What a check finds; an answer that is missing or unreadable is a trouble, and does not end the look."""
    try:
        yield from check(*given)
    except NotFetched as fault:
        yield Sighting(fault.trouble, fault.detail)
    except (Unreadable, InvalidMessage, KeyError, TypeError, ValueError) as fault:
        yield Sighting(Trouble.UNREADABLE, f"{given[1]}: {fault}")


def _file(site: BoardSite, api: str, name: str, path: str, record: Path, kind: Alarm) -> Iterator[Sighting]:
    if site.get(path, MAX_FILE) != read_member(record, name):
        yield Sighting(kind, f"{path} is not the {name} of the record")


def _growing(site: BoardSite, path: str, name: str, record: Path, largest: int) -> Iterator[Sighting]:
    """What is served must begin with the record's bytes, since the record is older."""
    with TemporaryDirectory(dir=record.parent) as temporary, open_source(record) as source:
        served = Path(temporary) / "served"
        site.save(path, served, largest, ARCHIVE_SECONDS)
        with reading(source, name) as expected, served.open("rb") as found:
            at = 0
            while piece := expected.read(PIECE):
                other = found.read(len(piece))
                if other != piece:
                    at += next((i for i, (a, b) in enumerate(zip(piece, other, strict=False)) if a != b), len(other))
                    yield Sighting(Alarm.TWO_FACES, f"{path} differs from the {name} of the record from byte {at}")
                    return
                at += len(piece)


def _fingerprint(site: BoardSite, api: str, watched: AuditedRecord) -> Iterator[Sighting]:
    shown = read_json(site.get(api, MAX_FILE))
    if shown["fingerprint"] != watched.base.fingerprint:
        yield Sighting(Alarm.TWO_FACES, f"{api} shows another fingerprint than the record")


def _board(site: BoardSite, path: str, name: str, watched: AuditedRecord) -> Iterator[Sighting]:
    """Compare the tracking numbers, heights and times that people see."""
    listed = read_json(site.get(path, MAX_FILE))
    shown = {entry["height"]: (entry["tracking_number"], entry["time"]) for entry in listed}
    for height, payload in watched.payloads[name].items():
        number, time = shown.get(height, (None, None))
        stamped = watched.times.get(name, {}).get(height)
        if number != base64_of_hex(payload.hex()):
            yield Sighting(Alarm.TWO_FACES, f"{path} does not show the ballot at height {height}")
        elif stamped is not None and time != time_text(stamped):
            yield Sighting(Alarm.BACK_DATED, f"{path} shows the ballot at height {height} at {time}")
