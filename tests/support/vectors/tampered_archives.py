"""Good archives, and archives whose bytes or chain are false."""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ballot.protocol.archive import write_data, write_event, write_header, write_member
from ballot.protocol.events import Event, EventType
from ballot.protocol.hashing import Hash
from ballot.protocol.questions import HomomorphicQuestion
from tests.support.simulator import ABSTAIN, FOR, Simulator
from tests.support.vectors.tampered_ballots import WITH_BLANK
from tests.support.vectors.tampering import (
    NO,
    YES,
    Step,
    Vector,
    chained,
    finish,
    members_of,
    offsets_of,
    small_election,
    steps_of,
    with_header,
)

SELECT = HomomorphicQuestion(("Ash", "Beech", "Cedar"), 1, 3, "Which, from one to three?")
OTHER = Hash("ab" * 32)
Change = Callable[[Event], Event]


def voted(**more: Any) -> Simulator:
    """Two ballots, still open."""
    sim = small_election(**more)
    sim.vote(0, YES)
    sim.vote(1, NO)
    return sim


def tallied() -> bytes:
    return finish(voted())


def one_vote() -> bytes:
    sim = small_election()
    sim.vote(0, YES)
    return finish(sim)


# -- Good ones ---------------------------------------------------------------------------------------------------


def of_three_kinds() -> bytes:
    """Three questions: with weights, blank votes, and several choices, by two trustees of three and the server."""
    sim = Simulator(seed=11, questions=(YES_NO_ABSTAIN, WITH_BLANK, SELECT), weights=(3, 0, 2**31), threshold=(2, 3))
    sim.vote(0, FOR, (0, 1, 1), (1, 1, 1))
    sim.vote(1, ABSTAIN, (1, 0, 0), (0, 1, 0))
    sim.close()
    sim.decrypt(1, 3, 4)
    return sim.archive


YES_NO_ABSTAIN = HomomorphicQuestion(("For", "Against", "Abstain"), 1, 1, "Do you support the proposal?", blank=False)


def superseded() -> bytes:
    sim = voted()
    sim.vote(0, NO)
    return finish(sim)


def closed() -> bytes:
    sim = voted()
    sim.close()
    return sim.archive


GOOD = [
    Vector("good--setup.bel", lambda: small_election().archive, exit=0, stage="setup"),
    Vector("good--voting.bel", lambda: voted().archive, exit=0, stage="voting"),
    Vector("good--closed.bel", closed, exit=0, stage="closed"),
    Vector("good--tallied.bel", tallied, exit=0),
    Vector("good--three-kinds-of-question.bel", of_three_kinds, exit=0),
    Vector("good--superseded.bel", superseded, exit=0),
    Vector("good--nobody-voted.bel", lambda: finish(small_election()), exit=0),
    Vector("good--not-tallied-and-no-stage-given.bel", lambda: voted().archive),
]


# -- Bytes -------------------------------------------------------------------------------------------------------


def short() -> bytes:
    """One ballot, still open."""
    sim = small_election()
    sim.vote(0, YES)
    return sim.archive


def header(member: int, at: int, new: bytes, *, checksum: bool = True) -> Callable[[], bytes]:
    return lambda: with_header(short(), member, at, new, checksum=checksum)


def cut(member: int, more: int) -> Callable[[], bytes]:
    """The archive up to `more` bytes behind the start of a member."""

    def make() -> bytes:
        archive = short()
        return archive[: offsets_of(archive)[member] + more]

    return make


def padded_with_text() -> bytes:
    archive = bytearray(short())
    archive[offsets_of(short())[2] - 1] = ord("x")
    return bytes(archive)


def by_tarfile() -> bytes:
    """The same members as Python's tarfile writes them."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as new:
        for name, body in members_of(short()):
            member = tarfile.TarInfo(name)
            member.size, member.mtime = len(body), TIME
            new.addfile(member, io.BytesIO(body))
    return out.getvalue()


def ended_and_not_tallied() -> bytes:
    return chained(steps_of(tallied())[:4])


def inserted(at: int, member: bytes) -> Callable[[], bytes]:
    """Something between the members."""

    def make() -> bytes:
        archive = short()
        offset = [*offsets_of(archive), len(archive)][at]
        return archive[:offset] + member + archive[offset:]

    return make


TIME = 1589184000
EVENT = 5
"""The number of the member that is the Setup event."""

BYTES = [
    Vector("archive.tar--ustar-magic.bel", header(1, 257, b"ustar\x0000"), ("archive.tar",)),
    Vector("archive.tar--other-mode.bel", header(1, 100, b"0000666"), ("archive.tar",)),
    Vector("archive.tar--other-uid.bel", header(1, 108, b"0001750"), ("archive.tar",)),
    Vector("archive.tar--other-mtime.bel", header(1, 136, b"13543473401"), ("archive.tar",)),
    Vector("archive.tar--wrong-checksum.bel", header(1, 148, b"000000", checksum=False), ("archive.tar",)),
    Vector("archive.tar--symlink.bel", header(1, 156, b"2/etc/passwd"), ("archive.tar",)),
    Vector("archive.tar--octal-with-spaces.bel", header(1, 124, b"        405"), ("archive.tar", "chain.sequence")),
    Vector("archive.tar--padding-not-empty.bel", padded_with_text, ("archive.tar",)),
    Vector("archive.tar--zero-blocks-at-the-end.bel", lambda: short() + bytes(1024), ("archive.tar",)),
    Vector("archive.tar--written-by-tarfile.bel", by_tarfile, ("archive.tar",)),
    Vector("archive.tar--garbage-at-the-end.bel", lambda: short() + b"garbage " * 64, ("archive.tar",)),
    Vector("archive.tar--header-of-other-mode.bel", header(0, 100, b"0000600"), ("archive.tar",)),
    Vector("archive.names--not-the-hash.bel", header(6, 0, b"0" * 64), ("archive.names",)),
    Vector("archive.names--event-not-the-hash.bel", header(EVENT, 0, b"0" * 64), ("archive.names",)),
    Vector("archive.names--path.bel", inserted(6, write_member("../../etc/passwd", b"x", TIME)), ("archive.names",)),
    Vector("archive.names--second-header.bel", inserted(6, write_header(TIME)), ("archive.names",)),
    Vector("archive.order--data-of-no-event.bel", inserted(6, write_data(b"{}", TIME)), ("archive.order",)),
    Vector("archive.order--data-at-the-end.bel", lambda: short() + write_data(b"{}", TIME), ("archive.order",)),
    Vector(
        "archive.order--flood-of-data.bel",
        inserted(6, b"".join(write_data(b"[%d]" % i, TIME) for i in range(9))),
        ("archive.order", "chain.payload"),
    ),
    Vector("archive.whole--cut-in-a-header.bel", cut(7, 100), ("archive.whole",)),
    Vector("archive.whole--cut-in-a-body.bel", cut(6, 600), ("archive.whole",)),
    Vector("archive.whole--cut-in-the-padding.bel", lambda: short()[:-1], ("archive.whole",)),
    Vector("archive.whole--eight-gigabytes-claimed.bel", header(6, 124, b"77777777777"), ("archive.whole",)),
    Vector("archive.order--cut-before-an-event.bel", cut(7, 0), ("archive.order",)),
    Vector("good--ended-and-not-tallied.bel", ended_and_not_tallied, exit=0, stage="closed"),
    Vector("good--cut-between-two-ballots.bel", lambda: voted().archive[: len(short())], exit=0, stage="voting"),
    Vector("chain.sequence--no-event.bel", lambda: write_header(TIME), ("chain.sequence",)),
    Vector("unreadable--empty.bel", lambda: b"", exit=2),
    Vector("unreadable--garbage.bel", lambda: bytes(range(256)) * 8, exit=2),
    Vector("unreadable--gzip.bel", lambda: gzip.compress(short(), mtime=0)[:2048], exit=2),
    Vector("unreadable--without-its-header.bel", lambda: short()[1024:4096], exit=2),
    Vector("unreadable--cut-in-the-header.bel", lambda: short()[:700], exit=2),
    Vector("unreadable--version-two.bel", lambda: short()[:1024].replace(b'sion":1', b'sion":2'), exit=2),
    Vector("unreadable--timestamp-a-number.bel", lambda: _header(b'{"version":1,"timestamp":1589184000}'), exit=2),
    Vector("unreadable--timestamp-negative.bel", lambda: _header(b'{"version":1,"timestamp":"-1"}'), exit=2),
]


def _header(body: bytes) -> bytes:
    return write_member("BELENIOS", body, TIME)


# -- Chain -------------------------------------------------------------------------------------------------------


def changed(number: int, change: Change) -> Callable[[], bytes]:
    """The event with this number altered, and everything after it chained to what it is now."""
    return lambda: chained(steps_of(voted().archive), changes={number: change})


def rearranged(arrange: Callable[[list[Step]], list[Step]], make: Callable[[], bytes] = tallied) -> Callable[[], bytes]:
    return lambda: chained(arrange(steps_of(make())))


def unreadable_event(body: bytes) -> Callable[[], bytes]:
    return lambda: voted().archive + write_event(body, TIME)


def without_payload(steps: list[Step]) -> bytes:
    """The second ballot's event names a ballot that is not there; nothing of it was tallied."""
    archive = chained(steps)
    at = offsets_of(archive)[8]
    return archive[:at] + archive[at + 512 + 2048 :]


def ballot_left_out() -> bytes:
    sim = small_election()
    sim.vote(0, YES)
    before = len(sim.archive)
    sim.vote(1, NO)
    (credential,) = [c for c in sim.cast if c == sim.public_of(1)]
    del sim.cast[credential]
    ballot = sim.archive[before:]
    size = 512 + len(ballot[512:].split(b"\0", 1)[0]) + -len(ballot[512:].split(b"\0", 1)[0]) % 512
    sim.archive = sim.archive[:before] + ballot[size:]
    return finish(sim)


def end_with_payload(steps: list[Step]) -> list[Step]:
    return [Step(s.type, [b"{}"]) if s.type is EventType.END_BALLOTS else s for s in steps]


def _link(check: str, fault: str, make: Callable[[], bytes]) -> Vector:
    return Vector(f"chain.{check}--{fault}.bel", make, (f"chain.{check}",), 1, "voting")


CHAIN = [
    _link("parent", "another", changed(2, lambda e: replace(e, parent=OTHER))),
    _link("parent", "none", changed(2, lambda e: replace(e, parent=None))),
    Vector(
        "chain.parent--of-the-first.bel", changed(0, lambda e: replace(e, parent=OTHER)), ("chain.parent",), 1, "voting"
    ),
    _link("height", "left-out", changed(2, lambda e: replace(e, height=3))),
    _link("height", "twice", changed(2, lambda e: replace(e, height=1))),
    Vector("chain.payload--ballot-left-out.bel", ballot_left_out, ("chain.payload",)),
    Vector("chain.payload--end-ballots-with-one.bel", rearranged(end_with_payload), ("chain.payload",)),
    Vector(
        "chain.payload--result-without.bel",
        rearranged(lambda s: [*s[:-1], Step(EventType.RESULT, [])]),
        ("chain.payload", "result.form"),
    ),
    Vector(
        "chain.form--unknown-type.bel", unreadable_event(b'{"height":3,"type":"Recount"}'), ("chain.form",), 1, "voting"
    ),
    Vector(
        "chain.form--spaces.bel", unreadable_event(b'{"height": 3, "type": "EndBallots"}'), ("chain.form",), 1, "voting"
    ),
    Vector(
        "chain.form--float.bel", unreadable_event(b'{"height":3.0,"type":"EndBallots"}'), ("chain.form",), 1, "voting"
    ),
    _link("form", "deep", unreadable_event(b'{"height":' * 999)),
    Vector("chain.sequence--no-setup.bel", rearranged(lambda s: s[1:]), ("chain.sequence",)),
    Vector(
        "chain.sequence--two-setups.bel",
        rearranged(lambda s: [s[0], Step(EventType.SETUP, s[0].payloads[-1:]), *s[1:]]),
        ("chain.sequence",),
    ),
    Vector(
        "chain.sequence--result-before-tally.bel",
        rearranged(lambda s: [*s[:4], s[-1], *s[4:-1]]),
        ("chain.sequence",),
    ),
    Vector("chain.sequence--two-results.bel", rearranged(lambda s: [*s, s[-1]]), ("chain.sequence",)),
    Vector("chain.sequence--never-ended.bel", rearranged(lambda s: [*s[:3], *s[4:]]), ("chain.sequence",)),
    Vector("ballots.twice--copied.bel", rearranged(lambda s: [*s[:3], s[2], *s[3:]]), ("ballots.twice",)),
    Vector(
        "ballots.after-end--behind-the-result.bel",
        rearranged(lambda s: [*s[:2], *s[3:], s[2]], lambda: without_second()),
        ("ballots.after-end",),
    ),
    Vector(
        "ballots.after-end--before-the-tally.bel",
        rearranged(lambda s: [*s[:2], s[3], s[2], *s[4:]], lambda: without_second()),
        ("ballots.after-end", "chain.sequence"),
    ),
    Vector("good--ballots-in-another-order.bel", rearranged(lambda s: [s[0], s[2], s[1], *s[3:]]), exit=0),
]


def without_second() -> bytes:
    """Two ballots, the second of which is not in the tally."""
    sim = voted()
    del sim.cast[sim.public_of(1)]
    return finish(sim)


OPEN = [vector if vector.stage or vector.exit == 2 else replace(vector, stage="voting") for vector in BYTES]
"""Most of them are of an archive still open, and would be consistent but for their fault."""

ARCHIVES = [*GOOD, *OPEN, *CHAIN]
