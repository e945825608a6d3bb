"""The shuffles of one archive: there must be one, and each must provably hold the votes of the one before.

Only other people's archives have any: our own elections ask homomorphic questions, whose ballots are added.
"""

from __future__ import annotations

from collections.abc import Sequence

from ballot.audit.faults import FaultKind
from ballot.audit.report import Report
from ballot.audit.setup import Setup
from ballot.protocol.decryption import OwnedPartialDecryption
from ballot.protocol.errors import InvalidElement, InvalidMessage, Reason
from ballot.protocol.kinds import is_shuffled
from ballot.protocol.shuffle_proofs import Row
from ballot.protocol.shuffles import (
    check_shuffle,
    is_shuffled_by_enough,
    merge_shuffled,
    parse_shuffle,
    shuffled_rows,
)
from ballot.protocol.tally import EncryptedTally
from ballot.protocol.trustees import public_keys

SHUFFLE_CHECKS = ("shuffles.form", "shuffles.owner", "shuffles.proofs", "shuffles.made")

Shuffles = Sequence[tuple[OwnedPartialDecryption, bytes]]
"""The shuffles of an archive in its order: who made each, and its bytes."""


def is_to_be_shuffled(report: Report, subject: str, setup: Setup, shuffles: Shuffles) -> bool:
    """Whether a question's answers are shuffled. If not, the checks do not apply, and a shuffle is a fault."""
    if any(is_shuffled(question) for question in setup.election.questions):
        return True
    for id in SHUFFLE_CHECKS:
        report.not_applicable(id, subject, "no question's answers are shuffled")
    if shuffles:
        report.fault("shuffles.form", subject, "there is a shuffle, and no question whose answers are shuffled")
    return False


def check_shuffles(
    report: Report, subject: str, setup: Setup, tally: EncryptedTally, shuffles: Shuffles, *, ended: bool
) -> EncryptedTally | None:
    """Check every shuffle against the one before, and the first against the ballots' tally.

    Returns the tally that is decrypted, with the ciphertexts of the last shuffle; None if they cannot be known.
    `ended` is whether no more shuffles can come: then there must be one. A note says if fewer trustees than decrypt
    made them: that is no fault, because a server's administrator may skip some, but secrecy rests on those alone.
    """
    trustees, owners = len(public_keys(setup.trustees)), set[int]()
    rows: tuple[Row, ...] | None = shuffled_rows(setup.election, tally)
    for number, (owned, body) in enumerate(shuffles, start=1):
        where = f"shuffle {number}"
        if owned.owner > trustees or owned.owner in owners:
            detail = f"{where}: there is no trustee {owned.owner}, or it made a shuffle before"
            report.fault("shuffles.owner", subject, detail)
        owners.add(owned.owner)
        if rows is not None:
            rows = _next_rows(report, subject, setup, rows, body, where)
    for id in ("shuffles.form", "shuffles.owner", "shuffles.proofs"):
        report.ran(id, subject, len(shuffles))
    if ended:
        if not shuffles:
            report.fault("shuffles.made", subject, "the votes were opened as they were cast", FaultKind.MISSING)
        elif not is_shuffled_by_enough(setup.trustees, owners):
            report.notes.append(_few(subject, owners))
        report.ran("shuffles.made", subject, len(shuffles))
    return None if rows is None else merge_shuffled(setup.election, tally, rows)


def _few(subject: str, owners: set[int]) -> str:
    numbers = " and ".join(map(str, sorted(owners)))
    few = f"Fewer trustees shuffled the votes of {subject} than are needed to decrypt (only {numbers})"
    return f"{few}, so they could tell together who voted how"


def _next_rows(
    report: Report, subject: str, setup: Setup, rows: tuple[Row, ...], body: bytes, where: str
) -> tuple[Row, ...] | None:
    """The rows of a shuffle, even if not proved; None if they are not what could be shuffled or decrypted further."""
    if not body:
        detail = "it is not before its event, or larger than a shuffle can be"
        report.fault("shuffles.form", subject, detail, FaultKind.MISSING, where=where)
        return None
    try:
        shuffle = parse_shuffle(setup.group, body)
    except InvalidMessage as fault:
        report.fault("shuffles.form", subject, fault, where=where)
        return None
    try:
        check_shuffle(setup.group, setup.election, rows, shuffle)
    except InvalidMessage as fault:
        shapeless = fault.reason is Reason.WRONG_SHAPE
        report.fault("shuffles.form" if shapeless else "shuffles.proofs", subject, fault, where=where)
        if shapeless or isinstance(fault, InvalidElement):
            return None
    return shuffle.ciphertexts
