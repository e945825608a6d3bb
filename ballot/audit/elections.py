"""Audit one archive: bytes, chain, setup, ballots, tally, shares, result.

The archive is read once, as a stream. Only a ballot's place, its credential and the hash of its event stay in memory.
Faults go to the report; reading continues as long as anything can be read.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ballot.audit.ballots import BallotChecker
from ballot.audit.catalogue import ARCHIVE_CHECK_OF, BALLOT_CHECK_OF, BALLOT_CHECKS, CHECKS, Scope, Stage
from ballot.audit.chunks import Chunk, ChunkFindings, add_to
from ballot.audit.election_facts import NO_PAYLOAD, ElectionFacts
from ballot.audit.faults import FaultKind
from ballot.audit.memory import Memory
from ballot.audit.report import Report
from ballot.audit.setup import Setup, read_setup
from ballot.audit.source import RecordSource, SingleSource, Unreadable, reading
from ballot.audit.tallies import MAX_SHARE, CountedBallots
from ballot.audit.workers import Workers
from ballot.protocol.archive import BLOCK, ArchiveMember, read_header, read_members
from ballot.protocol.ballots import parse_ballot
from ballot.protocol.errors import InvalidArchive, InvalidMessage, Reason
from ballot.protocol.events import Event, EventType, check_link, parse_event
from ballot.protocol.group import Element, Group
from ballot.protocol.hashing import Hash
from ballot.protocol.tally import EncryptedTally, Tally, divide_tallies

MAX_PENDING = 6
"""The most data before one event; a Setup with a certificate has five."""

PAYLOAD_CHECK_OF = {
    EventType.SETUP: "setup.form",
    EventType.ENCRYPTED_TALLY: "tally.form",
    EventType.SHUFFLE: "shuffles.form",
    EventType.PARTIAL_DECRYPTION: "decryption.form",
}
"""The check that fails if the payload of such an event cannot be read."""

OF_THE_CONTENTS = ("setup", "ballots", "tally", "shuffles", "decryption", "result")
"""Families of checks that are skipped if an archive's version, group or question is not supported."""

MAX_BALLOT = 2**22
"""Bytes: about five thousand choices."""

OF_A_BALLOT = 2**10
"""Bytes: more than one ballot takes of a shuffle or a share, for each question whose answers are shuffled."""

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Work:
    """How archives are audited: the arithmetic, the workers, the progress callback, and the memory of earlier runs."""

    group: Group
    workers: Workers
    progress: Progress
    memory: Memory | None = None


class ElectionAudit:
    """Audits one archive of a source and reports under one subject.

    Call `read`, then `finish`. Other archives may be read in between, while workers check this one's last ballots.
    """

    def __init__(self, source: RecordSource, name: str, subject: str, report: Report, work: Work) -> None:
        self._source, self._name, self._subject = source, name, subject
        self._report, self._work = report, work
        self._alone = isinstance(source, SingleSource)
        """Whether this is a single archive. In a record, the log says that voting closed only once a tally exists."""
        self.facts = ElectionFacts(subject)
        self._pending: list[ArchiveMember] = []
        self._previous: Event | None = None
        self._checker: BallotChecker | None = None
        self._payloads: set[bytes] = set()
        """The payload hashes of all events so far, to find ballots that are there twice."""
        self._last_place: dict[Element, int] = {}
        self._places: dict[int, int] = {}
        self._superseded: list[int] = []
        self._ended = False
        self._whole = True
        """Whether no fault so far separates the chain of events from the content of the archive."""
        self._tally: Tally | None = None
        """The running tally of all ballots, superseded ones too, once the setup is read."""

    @property
    def file(self) -> str:
        """The archive's path in its source."""
        return self._name

    def run(self) -> ElectionFacts:
        """Call `read`, then `finish`."""
        self.read()
        return self.finish()

    def read(self) -> None:
        """Read the archive and report its faults; raises InvalidArchive if it has no readable header."""
        report, subject = self._report, self._subject
        with reading(self._source, self._name) as stream:
            self.facts.timestamp = read_header(stream, self._archive_fault)
            for member in read_members(stream, self.facts.timestamp, self._archive_fault):
                self._member(member)
                self._work.progress(BLOCK + len(member.body) + -len(member.body) % BLOCK)
        if self._checker is not None:
            self._checker.flush()
        if self._pending and not report.has_fault("archive.whole", subject):
            self._archive_fault(InvalidArchive(Reason.ARCHIVE_ORDER, "there is data at the end that no event names"))
        if self._previous is None:
            report.fault("chain.sequence", subject, "there are no events", FaultKind.MISSING)
        for id in ARCHIVE_CHECK_OF.values():
            report.ran(id, subject, len(self.facts.types))
        report.ran("chain.form", subject, len(self.facts.types))

    def finish(self) -> ElectionFacts:
        """Wait for the ballots still being checked, then check the tally and what follows against them."""
        if self._checker is not None:
            self._checker.finish()
        self._finish_ballots()
        self._finish_closing()
        self._checker = None  # it refers to this object: without the cycle, memory is freed now
        return self.facts

    # -- Bytes and chain ---------------------------------------------------------------------------------------

    def _archive_fault(self, fault: InvalidArchive, height: int | None = None) -> None:
        self._whole = False
        self._report.fault(ARCHIVE_CHECK_OF[fault.reason], self._subject, fault, height=height)

    def _member(self, member: ArchiveMember) -> None:
        if member.kind == "data":
            if len(self._pending) < MAX_PENDING:
                self._pending.append(member)
            elif len(self._pending) == MAX_PENDING:
                self._archive_fault(InvalidArchive(Reason.ARCHIVE_ORDER, "more data than any event names"))
            return
        pending, self._pending = self._pending, []
        try:
            event = parse_event(member.body)
        except InvalidMessage as fault:
            where = f"at byte {member.offset}"
            self._report.fault("chain.form", self._subject, fault, where=where, byte=member.offset)
            return
        self._event(event, member.hash, pending)

    def _event(self, event: Event, hash: Hash, pending: list[ArchiveMember]) -> None:
        for fault in check_link(self._previous, event):
            if fault.reason is Reason.EVENT_SEQUENCE and event.type is EventType.BALLOT and self._ended:
                self._report.fault("ballots.after-end", self._subject, fault, height=len(self.facts.types))
            else:
                self._archive_fault(fault, len(self.facts.types))
        height = len(self.facts.types)
        self.facts.types.append(event.type)
        self._ended = self._ended or event.type is EventType.END_BALLOTS
        self.facts.event_hashes += bytes.fromhex(hash)
        self._previous = event
        payload = pending[-1] if pending and pending[-1].hash == event.payload else None
        if event.payload is not None and payload is None:
            detail = f"at height {height}: the payload {event.payload} is not directly before its event"
            self._archive_fault(InvalidArchive(Reason.EVENT_PAYLOAD, detail), height)
        named = NO_PAYLOAD if event.payload is None else bytes.fromhex(event.payload)
        self.facts.payload_hashes += named
        twice = named in self._payloads
        if event.payload is not None:
            self._payloads.add(named)
        self._take(event, height, pending, payload, twice=twice)

    def _take(
        self, event: Event, height: int, pending: list[ArchiveMember], payload: ArchiveMember | None, *, twice: bool
    ) -> None:
        """Process the event by its type, and check that exactly the data it names came before it."""
        named = [payload.hash] if payload else []
        try:
            if event.type is EventType.SETUP and height == 0 and payload:
                named = self._setup(pending, payload)
            elif event.type is EventType.BALLOT and payload:
                self._ballot(height, payload, twice)
            elif event.type is EventType.ENCRYPTED_TALLY and payload:
                named = self.facts.closing.take_tally(pending, payload)
            elif event.type is EventType.PARTIAL_DECRYPTION and payload:
                named = self.facts.closing.take_share(pending, payload, self._room())
            elif event.type is EventType.SHUFFLE and payload:
                named = self.facts.closing.take_shuffle(pending, payload, self._room())
            elif event.type is EventType.RESULT and payload:
                self.facts.closing.take_result(payload)
        except InvalidMessage as fault:
            check = PAYLOAD_CHECK_OF[event.type]
            if self.facts.unsupported is None:
                self._report.fault(check, self._subject, fault, where=f"at height {height}", height=height)
            return
        if payload and [member.hash for member in pending] != named:
            detail = f"at height {height}: the data before the event is not what it names, in its order"
            self._archive_fault(InvalidArchive(Reason.ARCHIVE_ORDER, detail), height)

    def _room(self) -> int:
        """The most bytes of a share or a shuffle. Where answers are shuffled, it has an entry for each ballot."""
        questions = 0 if self.facts.setup is None else len(self.facts.setup.election.questions)
        return MAX_SHARE + OF_A_BALLOT * questions * self.facts.ballots

    # -- Setup and ballots -------------------------------------------------------------------------------------

    def _setup(self, pending: list[ArchiveMember], payload: ArchiveMember) -> list[Hash]:
        setup, named = read_setup(self._work.group, pending, payload, self._report, self._subject)
        self.facts.setup = setup
        self.facts.unsupported = self._report.why_skipped("setup.form", self._subject)
        if setup is not None:
            self._tally = Tally(setup.group, setup.election)
            self._checker = BallotChecker(
                setup.election, setup.weights, self._work.workers, self._take_findings, self._is_verified
            )
        return named

    def _ballot(self, height: int, payload: ArchiveMember, twice: bool) -> None:
        """Send a ballot to be checked. One after EndBallots is a fault already and does not count."""
        if twice:
            detail = f"at height {height}: the ballot is there already"
            self._report.fault("ballots.twice", self._subject, detail, height=height)
        if len(payload.body) > MAX_BALLOT:
            detail = f"at height {height}: larger than a ballot can be"
            self._report.fault("ballots.form", self._subject, detail, height=height)
        elif self._checker is not None and not self._ended:
            self._places[height] = payload.offset
            self._checker.add(height, payload.body)

    def _is_verified(self, height: int) -> bool:
        """Whether an earlier run verified everything up to this height; the event's hash covers all before it."""
        memory = self._work.memory
        return memory is not None and self._whole and memory.knows(bytes.fromhex(self.facts.event_hash(height)))

    def _remember(self, chunk: Chunk, findings: ChunkFindings) -> None:
        """Remember that everything up to this chunk's end is verified, unless there was a fault so far."""
        self._whole = self._whole and not findings.faults
        if self._work.memory is not None and self._whole:
            self._work.memory.learn(bytes.fromhex(self.facts.event_hash(chunk.heights[-1])))

    def _take_findings(self, chunk: Chunk, findings: ChunkFindings) -> None:
        self._remember(chunk, findings)
        if chunk.verified:
            self._report.earlier += len(chunk.heights)
        elif findings.by:
            self._report.checked_by[findings.by] += len(chunk.heights)
        for height, fault in findings.faults:
            check = BALLOT_CHECK_OF.get(fault.reason, "ballots.form")
            self._report.fault(check, self._subject, fault, where=f"at height {height}", height=height)
        for height, credential in findings.voted:
            self.facts.voted[height] = credential
            if credential in self._last_place:
                self._superseded.append(self._last_place[credential])
            self._last_place[credential] = self._places.pop(height)
        if self._tally is not None:
            self._tally.multiply(findings.tally)

    def _finish_ballots(self) -> None:
        for id in BALLOT_CHECKS:
            if self.facts.setup is None:
                self._report.skip(id, self._subject, "the setup could not be read")
            elif self._checker is not None and self._checker.lost is not None:
                self._report.skip(id, self._subject, self._checker.lost)
            else:
                self._report.ran(id, self._subject, self.facts.ballots)

    # -- What comes after the ballots --------------------------------------------------------------------------

    def _finish_closing(self) -> None:
        report, subject, setup = self._report, self._subject, self.facts.setup
        for check in CHECKS:
            belongs = list(Stage).index(check.since) <= list(Stage).index(self.facts.stage)
            if check.scope is not Scope.ARCHIVE:
                continue
            if check.since is not Stage.SETUP and not belongs:
                report.not_applicable(check.id, subject, "not yet")
            elif self.facts.unsupported is not None and check.id.split(".")[0] in OF_THE_CONTENTS:
                report.skip(check.id, subject, self.facts.unsupported)
            elif self._alone and self.facts.awaits_tally and check.since is Stage.CLOSED:
                report.not_applicable(check.id, subject, "voting has ended, and there is no encrypted tally yet")
        if setup is None or (self._alone and self.facts.awaits_tally):
            return
        counted = None
        if self._checker is not None and self._checker.lost is None:
            self.facts.every_ballot_checked = True
            weights = [setup.weights[credential] for credential in self._last_place]
            counted = CountedBallots(self._product(setup), len(weights), sum(weights))
        self.facts.closing.check(report, subject, setup, counted, self.facts.stage)

    def _product(self, setup: Setup) -> EncryptedTally:
        """The product of all ballots without the superseded ones, which are read from the archive again in order."""
        product = (self._tally or Tally(setup.group, setup.election)).encrypted
        superseded = Tally(setup.group, setup.election)
        with reading(self._source, self._name) as stream:
            for offset in sorted(self._superseded):
                stream.seek(offset)
                try:
                    size = int(stream.read(BLOCK)[124:135], 8)
                    ballot = parse_ballot(setup.group, stream.read(size))
                except (ValueError, InvalidMessage):
                    raise Unreadable(f"{self._name} changed while it was read") from None
                add_to(superseded, setup.weights, ballot)
        if not self._superseded:
            return product
        return divide_tallies(setup.group, setup.election, product, superseded.encrypted)
