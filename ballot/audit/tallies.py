"""The events after the ballots: encrypted tally, shuffles, trustees' shares, result; each is computed again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from ballot.audit.catalogue import Stage
from ballot.audit.faults import FaultKind
from ballot.audit.mixing import check_shuffles, is_to_be_shuffled
from ballot.audit.report import Report
from ballot.audit.setup import Setup
from ballot.protocol.archive import ArchiveMember
from ballot.protocol.decryption import (
    OwnedPartialDecryption,
    PartialDecryption,
    check_partial_decryption,
    combine_factors,
    parse_owned,
    parse_partial_decryption,
)
from ballot.protocol.errors import InvalidMessage
from ballot.protocol.hashing import Hash
from ballot.protocol.kinds import is_shuffled
from ballot.protocol.results import Result, check_result, parse_result
from ballot.protocol.tally import (
    EncryptedTally,
    SizedEncryptedTally,
    parse_encrypted_tally,
    parse_sized_encrypted_tally,
)
from ballot.protocol.trustees import public_keys

MAX_SHARES = 1000
MAX_SHARE = 2**22


@dataclass(frozen=True, slots=True)
class CountedBallots:
    """From the ballots: the product of those that count, the number of credentials that voted, and their weight."""

    product: EncryptedTally
    count: int
    weight: int


@dataclass(slots=True)
class ClosingEvents:
    """The closing events: their bytes as read, and their parsed content."""

    tally_bytes: bytes | None = None
    sized: SizedEncryptedTally | None = None
    shuffles: list[tuple[OwnedPartialDecryption, bytes]] = field(default_factory=list)
    shares: list[tuple[OwnedPartialDecryption, bytes]] = field(default_factory=list)
    result_bytes: bytes | None = None
    result: Result | None = None
    too_many: int = 0
    tally: EncryptedTally | None = None
    """The tally in `tally_bytes`, once `check` has parsed it."""
    valid_shares: dict[int, PartialDecryption] = field(default_factory=dict)
    """The shares with valid proofs by owner, once `check` has run."""

    def take_tally(self, pending: Sequence[ArchiveMember], payload: ArchiveMember) -> list[Hash]:
        """Store the tally; returns the hashes that the event names. Raises InvalidMessage if the payload is invalid."""
        self.sized = parse_sized_encrypted_tally(payload.body)
        self.tally_bytes = _body(pending, self.sized.encrypted_tally)
        return [self.sized.encrypted_tally, payload.hash]

    def take_shuffle(self, pending: Sequence[ArchiveMember], payload: ArchiveMember, room: int) -> list[Hash]:
        """Store a shuffle as `take_share` stores a share. One that is too large counts as empty."""
        owned, body = _owned(pending, payload)
        if len(self.shuffles) < MAX_SHARES:
            self.shuffles.append((owned, body if len(body) <= room else b""))
        return [owned.payload, payload.hash]

    def take_share(self, pending: Sequence[ArchiveMember], payload: ArchiveMember, room: int) -> list[Hash]:
        """Store a share of at most `room` bytes; returns the hashes that the event names.

        Raises InvalidMessage if the payload is invalid.
        """
        owned, body = _owned(pending, payload)
        if len(self.shares) < MAX_SHARES and len(body) <= room:
            self.shares.append((owned, body))
        else:
            self.too_many += 1
        return [owned.payload, payload.hash]

    def take_result(self, payload: ArchiveMember) -> None:
        """Store the result."""
        self.result_bytes = payload.body

    def check(
        self,
        report: Report,
        subject: str,
        setup: Setup,
        counted: CountedBallots | None,
        stage: Stage,
    ) -> None:
        """Compare with the count of the ballots, which is None if not every ballot could be checked.

        Shares without a result are checked too: an unchecked share must not be called consistent.
        """
        if stage not in (Stage.CLOSED, Stage.TALLIED):
            return
        mixed = is_to_be_shuffled(report, subject, setup, self.shuffles)
        tally = self.tally = self._check_tally(report, subject, setup, counted)
        decrypted = stage is Stage.TALLIED or bool(self.shares) or bool(self.too_many)
        if mixed and tally is not None:
            tally = check_shuffles(report, subject, setup, tally, self.shuffles, ended=decrypted)
        if tally is None or not decrypted:
            return
        shares = self.valid_shares = self._check_shares(report, subject, setup, tally)
        if stage is Stage.TALLIED:
            self._check_result(report, subject, setup, tally, shares)

    def _check_tally(
        self, report: Report, subject: str, setup: Setup, counted: CountedBallots | None
    ) -> EncryptedTally | None:
        if self.sized is None or self.tally_bytes is None:
            report.fault("tally.form", subject, "there is no readable encrypted tally", FaultKind.MISSING)
            return None
        try:
            tally = parse_encrypted_tally(setup.group, self.tally_bytes, setup.election)
        except InvalidMessage as fault:
            report.fault("tally.form", subject, fault)
            return None
        report.ran("tally.form", subject)
        if counted is None:
            for id in ("tally.count", "tally.weight", "tally.ciphertexts"):
                report.skip(id, subject, "not every ballot could be checked")
            return tally
        if self.sized.num_tallied != counted.count:
            report.fault("tally.count", subject, f"expected {counted.count}, found {self.sized.num_tallied}")
        if self.sized.total_weight != counted.weight:
            report.fault("tally.weight", subject, f"expected {counted.weight}, found {self.sized.total_weight}")
        report.ran("tally.count", subject)
        report.ran("tally.weight", subject)
        rows = zip(setup.election.questions, tally, counted.product, strict=True)
        for i, (question, row, expected) in enumerate(rows):
            if is_shuffled(question):
                if row != expected:
                    what = (
                        "in another order than ascending" if Counter(row) == Counter(expected) else "not the ballots'"
                    )
                    report.fault("tally.ciphertexts", subject, f"question {i}: its ciphertexts are {what}")
                continue
            for j, (c, d) in enumerate(zip(row, expected, strict=True)):
                if c != d:
                    report.fault(
                        "tally.ciphertexts", subject, f"question {i}, choice {j}: not the product of the ballots"
                    )
        report.ran("tally.ciphertexts", subject, sum(len(row) for row in tally))
        return tally

    def _check_shares(
        self, report: Report, subject: str, setup: Setup, tally: EncryptedTally
    ) -> dict[int, PartialDecryption]:
        keys = public_keys(setup.trustees)
        if self.too_many:
            report.fault("decryption.form", subject, f"{self.too_many} shares are too many, or too large")
        shares: dict[int, PartialDecryption] = {}
        for owned, body in self.shares:
            who = f"the share of trustee {owned.owner}"
            if owned.owner > len(keys) or owned.owner in shares:
                report.fault("decryption.owner", subject, f"{who}: there is no such trustee, or it is there twice")
                continue
            try:
                share = parse_partial_decryption(setup.group, body, setup.election.questions)
            except InvalidMessage as fault:
                report.fault("decryption.form", subject, fault, where=who)
                continue
            try:
                check_partial_decryption(setup.group, setup.election, tally, keys[owned.owner - 1], share)
                shares[owned.owner] = share
            except InvalidMessage as fault:
                report.fault("decryption.proofs", subject, fault, where=who)
        for id in ("decryption.form", "decryption.owner", "decryption.proofs"):
            report.ran(id, subject, len(self.shares))
        return shares

    def _check_result(
        self, report: Report, subject: str, setup: Setup, tally: EncryptedTally, shares: dict[int, PartialDecryption]
    ) -> None:
        try:
            self.result = parse_result(self.result_bytes or b"", setup.election.questions)
        except InvalidMessage as fault:
            report.fault("result.form", subject, fault)
        report.ran("result.form", subject)
        try:
            factors = combine_factors(setup.group, setup.trustees, shares)
        except InvalidMessage as fault:
            if not any(report.has_fault(id, subject) for id in ("decryption.form", "decryption.proofs")):
                report.fault("decryption.shares", subject, fault)
            else:
                report.skip("decryption.shares", subject, "an invalid share cannot be counted")
            return
        report.ran("decryption.shares", subject, len(shares))
        if self.result is None:
            return
        try:
            check_result(setup.group, tally, factors, self.result, setup.election.questions)
        except InvalidMessage as fault:
            report.fault("result.value", subject, fault)
        report.ran("result.value", subject)


def _owned(pending: Sequence[ArchiveMember], payload: ArchiveMember) -> tuple[OwnedPartialDecryption, bytes]:
    """Whose shuffle or share it is, and its bytes; empty if they are not there."""
    owned = parse_owned(payload.body)
    return owned, _body(pending, owned.payload) or b""


def _body(pending: Sequence[ArchiveMember], hash: Hash) -> bytes | None:
    return next((member.body for member in pending if member.hash == hash), None)
