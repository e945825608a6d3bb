"""A short soak on real processes and both databases has a clean verdict, and the reckoning notices faults.

What `make soak` does for as long as one likes is done here for some seconds, each fault once.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from ballot.record.keys import Role
from ballot.record.receipts import check_receipt, sign_receipt
from ballot.registrar.keyring import open_signing_key
from scripts import compiler
from tests.soak import __main__, ending, faults, report, timetable
from tests.soak.electorate import FINAL, LAST_COUNTS, programme_id
from tests.soak.evidence import Answered
from tests.soak.faults import Fault
from tests.soak.reckoning import Evidence, reckon
from tests.soak.stage import Size

SMALL = Size({FINAL: 24, LAST_COUNTS: 6}, voters=1, threads=3, pause=0.7, workers=1)
ON_SQLITE = ("kill -9 of a machine", "disk full")
ON_POSTGRESQL = ("kill -9 of the database", "a machine's clock steps")
VOTES, PAUSE = 14, 0.3


def short_soak(kind: str, folder: Path, names: tuple[str, ...]) -> report.Soaked:
    if compiler.find() is None:
        pytest.skip(compiler.NOT_RUN)
    every: dict[str, Fault] = faults.ALWAYS | faults.OF_DATABASE["PostgreSQL"]
    rain = partial(timetable.run_once, seed="1", only={name: every[name] for name in names}, votes=VOTES, pause=PAUSE)
    return __main__.soak(kind, folder, "1", SMALL, rain)


@dataclass(frozen=True)
class Here:
    """A soak that is over, and its folder."""

    soaked: report.Soaked
    folder: Path

    @property
    def evidence(self) -> Evidence:
        return copy.deepcopy(self.soaked.evidence)


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Here:
    folder = tmp_path_factory.mktemp("soak")
    return Here(short_soak("sqlite", folder, ON_SQLITE), folder)


def check_clean(soaked: report.Soaked, names: tuple[str, ...]) -> None:
    assert soaked.findings == []
    assert soaked.done.broken == []
    assert set(soaked.done.faults) | soaked.done.could_not == set(names)
    assert soaked.done.could_not <= {"disk full"}  # it takes the right to mount a disk
    assert len(soaked.evidence.voted.handed) > 5
    assert "nothing lost, nothing counted twice" in report.to_text(soaked)


def test_a_short_soak_on_sqlite_loses_nothing_and_counts_nothing_twice(here: Here) -> None:
    check_clean(here.soaked, ON_SQLITE)
    assert len(here.evidence.posted.took) > 20


def test_a_short_soak_on_postgresql_loses_nothing_and_counts_nothing_twice() -> None:
    with TemporaryDirectory(prefix="ballot-soak-") as folder:  # pytest's own would be closed to the server's user
        check_clean(short_soak("postgresql", Path(folder), ON_POSTGRESQL), ON_POSTGRESQL)


# -- what the reckoning would have noticed -----------------------------------------------------------------------------


def drop_a_ballot(evidence: Evidence) -> Evidence:
    """One that its voter has a receipt for."""
    first, *others = evidence.counted
    gone = next(ballot for ballot in first.ballots if ballot[0] in evidence.voted.handed)
    return replace(evidence, counted=[replace(first, ballots=tuple(b for b in first.ballots if b != gone)), *others])


def repeat_a_ballot(evidence: Evidence) -> Evidence:
    first, *others = evidence.counted
    return replace(evidence, counted=[replace(first, ballots=(*first.ballots, first.ballots[0])), *others])


def count_a_ballot_that_nobody_made(evidence: Evidence) -> Evidence:
    first, *_ = evidence.counted
    del evidence.voted.made[(payload := first.ballots[0][0])]
    evidence.voted.handed.pop(payload, None)
    evidence.voted.answers[:] = [answer for answer in evidence.voted.answers if answer.payload != payload]
    return evidence


def count_half_a_ballot(evidence: Evidence) -> Evidence:
    evidence.voted.whole.remove(evidence.counted[0].ballots[0][0])
    return evidence


def give_a_vote_to_another_answer(evidence: Evidence) -> Evidence:
    first, *others = evidence.counted
    one, two, three = first.result
    return replace(evidence, counted=[replace(first, result=(one + 1, two - 1, three)), *others])


def forge_a_receipt(evidence: Evidence) -> Evidence:
    payload, (receipt,) = next(iter(evidence.voted.handed.items()))
    evidence.voted.handed[payload] = {receipt.replace(b'"height":', b'"height":1')}
    return evidence


def hand_out_two_receipts(evidence: Evidence) -> Evidence:
    (one, first), (_, second), *_ = evidence.voted.handed.items()
    evidence.voted.handed[one] = first | second
    return evidence


def lose_the_mail(kind: str) -> Callable[[Evidence], Evidence]:
    def lose(evidence: Evidence) -> Evidence:
        id = next(id for id in evidence.posted.answered if id.startswith(f"<{kind}.") and not has_voted(evidence, id))
        del evidence.posted.answered[id]
        return evidence

    return lose


def has_voted(evidence: Evidence, id: str) -> bool:
    """Whether this is an invitation of somebody whose vote is final: it may stay away."""
    voted = {made.practice[1].lower() for made in evidence.voted.made.values() if FINAL in made.practice[0]}
    return id.startswith("<invitation.") and evidence.posted.to[id].partition("@")[0] in voted


def repeat_the_mail(evidence: Evidence) -> Evidence:
    (id, *_) = evidence.posted.answered
    evidence.posted.answered[id] += evidence.crashes + 1
    return evidence


def answer_oddly(status: int, word: str) -> Callable[[Evidence], Evidence]:
    def answer(evidence: Evidence) -> Evidence:
        evidence.voted.answers.append(Answered(next(iter(evidence.voted.made)), status, word))
        return replace(evidence, past_closing=False)

    return answer


CONSEQUENCES = {
    "receipt not honoured",
    "mail lost",
    "mail about no ballot",
    "refused for another ballot that is not there",
}
"""What a missing ballot may lead to as well, depending on whose it was."""


@pytest.mark.parametrize(
    ("tamper", "names"),
    [
        (drop_a_ballot, {"receipt not honoured", "number differs", "count differs", "mail about no ballot"}),
        (repeat_a_ballot, {"ballot twice", "practice counted twice"}),
        (count_a_ballot_that_nobody_made, {"ballot that its voter did not make", "count differs"}),
        (count_half_a_ballot, {"half a ballot counted"}),
        (give_a_vote_to_another_answer, {"count differs"}),
        (forge_a_receipt, {"receipt is not the board's"}),
        (hand_out_two_receipts, {"two receipts for one ballot", "receipt is for another ballot"}),
        (lose_the_mail("receipt"), {"mail lost"}),
        (lose_the_mail("has-voted"), {"mail lost"}),
        (lose_the_mail("invitation"), {"mail lost"}),
        (repeat_the_mail, {"mail repeated"}),
        (answer_oddly(500, "internal-error"), {"unexpected answer"}),
        (answer_oddly(410, "closed"), {"unexpected answer"}),
        (lambda evidence: replace(evidence, unsent=["a receipt is deferred"]), {"message not sent"}),
        (lambda evidence: replace(evidence, faults_of_ours=["Traceback"]), {"fault of ours"}),
        (lambda evidence: replace(evidence, damage=["row 3 missing"]), {"database damaged"}),
    ],
)
def test_the_reckoning_notices_each_thing_that_is_amiss(
    here: Here, tamper: Callable[[Evidence], Evidence], names: set[str]
) -> None:
    found = {finding.name for finding in reckon(tamper(here.evidence))}
    assert names <= found
    assert found <= names | CONSEQUENCES


def test_a_receipt_of_the_board_s_that_the_record_does_not_honour_is_a_finding(here: Here) -> None:
    evidence, id = here.evidence, programme_id(FINAL)
    board = open_signing_key(here.folder / "instance" / "keys", Role.BOARD)
    payload, (receipt,) = next(
        (payload, receipts)
        for payload, receipts in evidence.voted.handed.items()
        if evidence.voted.made[payload].practice[0].startswith(id)
    )
    later = replace(check_receipt(receipt, board.public), height=10_000)
    evidence.voted.handed = {payload: {sign_receipt(later, board)}}
    fingerprint = (here.folder / f"trusted-{id}.txt").read_text().split()[1]

    told = ending.verify(id, fingerprint, here.folder / f"record-{id}", evidence.voted)

    assert told[1] == 1
    assert "receipt.honoured" in told[2] or "Receipt honoured" in told[2]
    names = {finding.name for finding in reckon(replace(evidence, audits=[told]))}
    assert {"record not verified", "receipt not honoured"} <= names
