"""Records whose tokens, events or checkpoints are false."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from ballot.protocol.hashing import Hash
from ballot.record.checkpoints import EVENTS_LOG, Checkpoint, checkpoint_line, origin_of, sign_checkpoint
from ballot.record.keys import Purpose, Role, sign_as
from ballot.record.moves import ReasonCode
from ballot.record.programme_events import SIGNERS, Move, ProgrammeEvent, sign_event
from ballot.record.proposals import SignedProposal, approval_bytes
from ballot.record.times import time_text
from ballot.record.tokens import TokenAction, TokenLine
from tests.support.record_simulator import CLOSES, KEYS, OPENS, SEALED, RecordSimulator, signing_key
from tests.support.simulator import FOR
from tests.support.vectors.tampered_records import OTHER, Files, cosigned, false, hooked, packed, signed_by, with_file
from tests.support.vectors.tampering import Vector

# -- Tokens ------------------------------------------------------------------------------------------------------


class WithTokens(RecordSimulator):
    """Lines of tokens.jsonl that go with the issue, or a move of the registrar after it."""

    issued: tuple[TokenLine, ...] = ()
    later: tuple[tuple[Move, TokenLine], ...] = ()

    def _issue(self, time: datetime) -> None:
        self.tokens += self.issued
        super()._issue(time)

    def _vote(self) -> None:
        for move, line in self.later:
            self.tokens.append(line)
            data = {"token": line.token} | ({} if line.replaces is None else {"replaces": line.replaces})
            self.event(move, SEALED, data, line.ccg)
        super()._vote()


def tokens(issued: tuple[TokenLine, ...] = (), later: tuple[tuple[Move, TokenLine], ...] = ()) -> type[WithTokens]:
    return type("Tokens", (WithTokens,), {"issued": issued, "later": later})


ONE_MORE = TokenLine("00A", TokenAction.ISSUED, OTHER)
REISSUED = TokenLine("00A", TokenAction.REISSUED, Hash("cd" * 32), OTHER)
REVOKED = TokenLine("00A", TokenAction.REVOKED, OTHER)

TOKENS = [
    false("one-too-many", "record.tokens", make=tokens((ONE_MORE,)), stage="voting"),
    false("of-a-ccg-that-does-not-vote", "record.tokens", make=tokens((replace(ONE_MORE, ccg="00Z"),)), stage="voting"),
    false("reissue-of-an-unknown", "record.tokens", make=tokens(later=((Move.REISSUED, REISSUED),)), stage="voting"),
    false("revoked-unknown", "record.tokens", make=tokens(later=((Move.REVOKED, REVOKED),)), stage="voting"),
    hooked("revoked-and-not-told", "record.tokens", "tokens", lambda t: [*t, gone(t[0])], stage="voting"),
    hooked(
        "cut-in-a-line",
        "record.tokens",
        "files",
        with_file("tokens.jsonl", lambda b: b + b'{"ccg":"00A"'),
        stage="voting",
    ),
]


def gone(line: TokenLine) -> TokenLine:
    return replace(line, action=TokenAction.REVOKED)


# -- Events ------------------------------------------------------------------------------------------------------


class Without(RecordSimulator):
    """A log in which moves of one kind are not written down, and nothing else is missing."""

    left_out: frozenset[Move] = frozenset()

    def event(self, move: Move, time: datetime, data: dict[str, Any], ccg: str | None = None, **more: Any) -> None:
        if move not in self.left_out:
            super().event(move, time, data, ccg, **more)


class Twice(RecordSimulator):
    """A log in which the opening is written down twice."""

    def event(self, move: Move, time: datetime, data: dict[str, Any], ccg: str | None = None, **more: Any) -> None:
        super().event(move, time, data, ccg, **more)
        if move is Move.OPENED:
            super().event(move, time, data, ccg, **more)


def silent(*moves: Move) -> type[Without]:
    return type("Silent", (Without,), {"left_out": frozenset(moves)})


def signed(event: ProgrammeEvent, *roles: Role, seed: int = 0) -> ProgrammeEvent:
    """Signed by these people, whether or not they are the right ones."""
    by = tuple(sign_as(signing_key(role, seed), Purpose.EVENT, event.signed_bytes) for role in roles)
    return replace(event, signatures=by)


def dated_back(event: ProgrammeEvent) -> ProgrammeEvent:
    early = replace(event, data={"opens": time_text(OPENS - timedelta(days=6))})
    return sign_event(early, tuple(KEYS[role] for role in Role if role in SIGNERS[Move.SEALED][0]))


def for_another(event: ProgrammeEvent) -> ProgrammeEvent:
    return replace(signed(replace(event, height=99), Role.RETURNING_OFFICER, Role.DEPUTY), height=event.height)


def other_heads(event: ProgrammeEvent) -> ProgrammeEvent:
    return replace(event, heads={ccg: replace(head, hash=OTHER) for ccg, head in event.heads.items()})


def add_line(name: str, line: bytes) -> Callable[[Files], Files]:
    return with_file(name, lambda body: body + line + b"\n")


TWO = (Role.RETURNING_OFFICER, Role.DEPUTY)


# -- Proposed by one, approved by another ------------------------------------------------------------------------


class ContactChanged(RecordSimulator):
    """A practice has another contact, and with it another token, by the proposal of one and the approval of another."""

    told: bool = True

    def _vote(self) -> None:
        old, new = next(line.token for line in self.tokens if line.ccg == "00A"), Hash("cd" * 32)
        if self.told:
            self.tokens.append(TokenLine("00A", TokenAction.REISSUED, new, old))
        why = ReasonCode.CONTACT_MOVED
        self.event(Move.CONTACT_CHANGED, SEALED, {"token": new, "replaces": old}, "00A", reason=why)
        super()._vote()


def by_another(signed: SignedProposal, role: Role, seed: int = 0) -> SignedProposal:
    """The same proposal with another's signature, whether or not they may propose."""
    return replace(signed, signature=sign_as(signing_key(role, seed), Purpose.PROPOSAL, signed.proposal.to_bytes()))


def approved_by(role: Role, seed: int = 0, of: Hash | None = None) -> Callable[[SignedProposal], SignedProposal]:
    """The same proposal, approved with this role's key, or the proposal of another hash approved."""

    def approve(signed: SignedProposal) -> SignedProposal:
        message = approval_bytes(of or signed.proposal.hash)
        return replace(signed, approval=sign_as(signing_key(role, seed), Purpose.APPROVAL, message))

    return approve


def by_others(change: Callable[[SignedProposal], SignedProposal]) -> Callable[[ProgrammeEvent], ProgrammeEvent]:
    """The event as the board signs it, whoever signed its proposal."""

    def write(event: ProgrammeEvent) -> ProgrammeEvent:
        assert event.proposal is not None
        return signed(replace(event, proposal=change(event.proposal)), Role.BOARD)

    return write


def proposed(fault: str, hook: str, change: Callable[[Any], Any], make: type[RecordSimulator] = ContactChanged) -> Any:
    """A change of contact that two people made one after the other, with one fault."""
    moves = frozenset({Move.CONTACT_CHANGED})
    return hooked(fault, "events.signatures", hook, change, make=make, proposed=moves, stage="voting")


class StruckTwice(RecordSimulator):
    """A practice is struck again, and nobody proposed that: the proposal of the first time stands there once more."""

    def _propose(self, event: ProgrammeEvent) -> SignedProposal:
        self.kept = getattr(self, "kept", None) or super()._propose(event)
        return self.kept

    def _strike(self, election: str, voter: int) -> None:
        super()._strike(election, voter)
        data = {**self.events[-1].data, "token": None}
        self.event(Move.STRUCK, OPENS, data, election, reason=ReasonCode.PRACTICE_CLOSED)


def one_behind(tokens: list[TokenLine]) -> list[TokenLine]:
    """The last of the issued tokens stands behind all others, and so behind a re-issue."""
    issued = [line for line in tokens if line.action is TokenAction.ISSUED]
    return [line for line in tokens if line is not issued[-1]] + issued[-1:]


TOKEN_ORDER = [
    hooked("in-the-order-of-the-roll", "record.tokens", "order of tokens", lambda _: list, stage="voting"),
    hooked("issued-behind-a-reissue", "record.tokens", "tokens", one_behind, make=ContactChanged, stage="voting"),
]

PROPOSAL, PROPOSED = "proposal contact-changed", "proposed contact-changed"

PROPOSALS = [
    Vector(
        "good--record-proposed.zip",
        packed(proposed=frozenset({Move.SEALED, Move.STRUCK, Move.DECLARED}), strike=("00B", 1)),
        exit=0,
    ),
    Vector(
        "good--record-contact-changed.zip",
        packed(make=ContactChanged, proposed=frozenset({Move.CONTACT_CHANGED}), stage="voting"),
        exit=0,
        stage="voting",
    ),
    proposed("own-proposal-approved", "event contact-changed", by_others(approved_by(Role.RETURNING_OFFICER))),
    proposed("approved-by-the-registrar", "event contact-changed", by_others(approved_by(Role.REGISTRAR))),
    proposed("approved-with-a-foreign-key", PROPOSED, approved_by(Role.DEPUTY, 1)),
    proposed("approved-another-proposal", PROPOSED, approved_by(Role.DEPUTY, of=OTHER)),
    proposed("proposed-by-the-registrar", "event contact-changed", by_others(lambda p: by_another(p, Role.REGISTRAR))),
    proposed("proposed-and-written-by-the-deputy", "event contact-changed", lambda e: signed(e, Role.DEPUTY)),
    proposed("proposed-and-written-by-no-one", "signed contact-changed", lambda e: replace(e, signatures=())),
    proposed("proposed-with-a-foreign-key", PROPOSED, lambda p: by_another(p, Role.RETURNING_OFFICER, 1)),
    proposed(
        "proposal-changed-after-signing",
        PROPOSED,
        lambda p: replace(p, proposal=replace(p.proposal, words=OTHER)),
    ),
    proposed("proposal-of-another-move", PROPOSAL, lambda p: replace(p, move=Move.ABANDONED, arguments={})),
    proposed("proposal-of-another-ccg", PROPOSAL, lambda p: replace(p, ccg="00B")),
    proposed("proposal-of-another-programme", PROPOSAL, lambda p: replace(p, programme="another")),
    proposed("proposal-of-another-token", PROPOSAL, lambda p: replace(p, arguments={"replaces": OTHER})),
    proposed("proposal-for-another-reason", PROPOSAL, lambda p: replace(p, reason=ReasonCode.MAIL_LOST)),
    proposed("proposal-with-another-note", PROPOSAL, lambda p: replace(p, note=OTHER)),
    proposed("proposal-expired", PROPOSAL, lambda p: replace(p, expires=p.time + timedelta(hours=1))),
    proposed("proposal-of-the-future", PROPOSAL, lambda p: replace(p, time=p.time + timedelta(hours=2))),
    proposed("proposal-in-another-log", PROPOSAL, lambda p: replace(p, after=OTHER)),
    false(
        "proposal-approved-twice",
        "events.signatures",
        make=StruckTwice,
        proposed=frozenset({Move.STRUCK}),
        strike=("00B", 1),
        stage="voting",
    ),
    false(
        "contact-changed-and-not-told",
        "record.tokens",
        make=type("NotTold", (ContactChanged,), {"told": False}),
        stage="voting",
    ),
]

EVENTS = [
    hooked("parent", "events.chain", "event tallied", lambda e: replace(e, parent=OTHER)),
    hooked("height", "events.chain", "event sealed", lambda e: replace(e, height=7), stage="voting"),
    hooked(
        "falling",
        "events.times",
        "event opened",
        lambda e: replace(e, time=e.time + timedelta(days=60)),
        "checkpoints.times",
        "events.heads",
    ),
    hooked(
        "sealed-later", "events.times", "event sealed", lambda e: replace(e, time=e.time + timedelta(1)), stage="voting"
    ),
    hooked("one-person", "events.signatures", "event sealed", lambda e: signed(e, TWO[0]), stage="voting"),
    hooked("one-person-twice", "events.signatures", "event sealed", lambda e: signed(e, *TWO[:1] * 2), stage="voting"),
    hooked("foreign-key", "events.signatures", "event declared", lambda e: signed(e, *TWO, seed=1)),
    hooked("by-the-board-alone", "events.signatures", "event declared", lambda e: signed(e, Role.BOARD)),
    hooked("of-another-event", "events.signatures", "event sealed", for_another, stage="voting"),
    hooked("by-nobody", "events.signatures", "signed opened", lambda e: replace(e, signatures=()), stage="voting"),
    false("not-prepared", "events.order", make=silent(Move.PREPARED), stage="voting"),
    false("not-sealed", "events.order", make=silent(Move.SEALED), stage="setup"),
    false("not-opened", "events.order", make=silent(Move.OPENED), stage="voting"),
    false("not-closed", "events.order", make=silent(Move.CLOSED), stage="closed"),
    false("empty", "events.order", make=silent(*Move), stage="setup"),
    false("opened-twice", "events.order", make=Twice, stage="voting"),
    hooked("opened-and-dated-back", "events.order", "event opened", dated_back, stage="voting"),
    hooked(
        "closed-by-the-board-too-soon",
        "events.order",
        "event closed",
        lambda e: replace(e, time=CLOSES - timedelta(hours=1)),
        "events.heads",
        stage="closed",
    ),
    hooked("ccg-of-nobody", "events.order", "event opened", lambda e: replace(e, ccg="00Z"), stage="voting"),
    hooked("other-terms", "events.data", "event sealed", lambda e: told(e, terms=OTHER), stage="voting"),
    hooked("other-result", "events.data", "event tallied", lambda e: told(e, result=OTHER)),
    hooked("other-tokens", "events.data", "event issued", lambda e: told(e, tokens=OTHER), stage="voting"),
    hooked("other-roll", "events.data", "event prepared", lambda e: told(e, roll=OTHER), stage="voting"),
    hooked("other-decision", "events.data", "event declared", lambda e: told(e, decision=OTHER)),
    hooked("other-programme", "events.data", "event opened", lambda e: replace(e, programme="x"), stage="voting"),
    hooked("never-had", "events.heads", "event opened", other_heads, stage="voting"),
    hooked("none", "events.heads", "event opened", lambda e: replace(e, heads={}), stage="voting"),
    hooked("unknown-move", "events.form", "files", add_line("events.jsonl", b'{"type":"annulled"}'), stage="voting"),
    hooked("blank-line", "events.form", "files", add_line("events.jsonl", b""), stage="voting"),
]


def told(event: ProgrammeEvent, **facts: Any) -> ProgrammeEvent:
    return replace(event, data={**event.data, **facts})


# -- Checkpoints -------------------------------------------------------------------------------------------------

Entries = list[tuple[str, Checkpoint]]


def checkpoint(log: str, number: int, **changes: Any) -> Callable[[Entries], Entries]:
    """One checkpoint of a log, counted from its first or last, in other words but signed."""

    def hook(entries: Entries) -> Entries:
        mine = [i for i, (name, _) in enumerate(entries) if name == log][number]
        entries[mine] = (log, replace(entries[mine][1], **changes))
        return entries

    return hook


def left_out(log: str, number: int | None = None) -> Callable[[Entries], Entries]:
    def hook(entries: Entries) -> Entries:
        mine = [i for i, (name, _) in enumerate(entries) if name == log]
        gone = mine if number is None else [mine[number]]
        return [entry for i, entry in enumerate(entries) if i not in gone]

    return hook


def of_another_log(entries: Entries) -> Entries:
    point = replace(entries[0][1], origin=origin_of("board.example.org", "a-small-merger", "00Z"))
    return [*entries, ("00Z", point)]


def one_by_a_stranger(files: Files) -> Files:
    """The last line, signed by another board."""
    lines = files["checkpoints.jsonl"].split(b"\n")
    value = json.loads(lines[-2])
    origin, size, root, head, time = value["note"].split("\n")[:5]
    body = f"{origin}\n{size}\n{root}\n{head}\n{time}\n"
    forged = sign_checkpoint(point_of(body), signing_key(Role.BOARD, 1))
    return {**files, "checkpoints.jsonl": b"\n".join(lines[:-2]) + b"\n" + checkpoint_line(value["log"], forged)}


def point_of(body: str) -> Checkpoint:
    import base64

    from ballot.record.times import parse_time

    origin, size, root, head, time = body.split("\n")[:5]
    return Checkpoint(origin, int(size), base64.b64decode(root), Hash(head[5:]), parse_time(time[5:]))


COSIGNED = "checkpoints.cosignatures"
COSIGNATURES = [
    hooked(
        "of-another-checkpoint",
        COSIGNED,
        "files",
        cosigned(lambda lines: [replace(lines[0], line=lines[1].line), *lines[1:]]),
        stage="voting",
    ),
    hooked(
        "of-no-checkpoint",
        COSIGNED,
        "files",
        cosigned(lambda lines: [*lines, replace(lines[0], size=99)]),
        stage="voting",
    ),
    hooked("there-twice", COSIGNED, "files", cosigned(lambda lines: [*lines, lines[0]]), stage="voting"),
    hooked(
        "key-of-another-name",
        COSIGNED,
        "files",
        cosigned(lambda lines: [replace(line, vkey=line.vkey.replace("witness", "stranger")) for line in lines]),
        stage="voting",
    ),
]

A_SECOND = timedelta(seconds=1)

CHECKPOINTS = [
    hooked(
        "foreign-key",
        "checkpoints.signatures",
        "board's key",
        signed_by(Role.BOARD, 1),
        "checkpoints.order",
        stage="voting",
    ),
    hooked(
        "last-by-a-stranger", "checkpoints.signatures", "files", one_by_a_stranger, "checkpoints.order", stage="voting"
    ),
    hooked("other-root", "checkpoints.roots", "checkpoints", checkpoint("00A", 1, root=bytes(32)), stage="voting"),
    hooked("other-head", "checkpoints.roots", "checkpoints", checkpoint("00A", 1, head=OTHER), stage="voting"),
    hooked(
        "more-than-there-is",
        "checkpoints.roots",
        "checkpoints",
        checkpoint(EVENTS_LOG, -1, size=99),
        "checkpoints.order",
        stage="voting",
    ),
    hooked("none-for-a-ballot", "checkpoints.order", "checkpoints", left_out("00A", 1), stage="closed"),
    hooked("none-of-a-log", "checkpoints.order", "checkpoints", left_out("00B"), stage="voting"),
    hooked("none-of-the-events", "checkpoints.order", "checkpoints", left_out(EVENTS_LOG), stage="voting"),
    hooked("last-missing", "checkpoints.order", "checkpoints", left_out("00A", -1), stage="closed"),
    hooked("backwards", "checkpoints.order", "checkpoints", lambda c: c[::-1], "checkpoints.times", stage="voting"),
    hooked("once-more", "checkpoints.order", "checkpoints", lambda c: [c[0], *c], stage="voting"),
    false(
        "falling",
        "checkpoints.times",
        hooks={"time 00A 0": lambda t: t + timedelta(hours=9)},
        stage="voting",
        votes={"00A": [(0, FOR), (1, FOR)], "00B": []},
    ),
    hooked(
        "setup-later",
        "checkpoints.times",
        "checkpoints",
        checkpoint("00A", 0, time=SEALED + A_SECOND),
        "events.heads",
        stage="voting",
    ),
    hooked(
        "not-the-events",
        "checkpoints.times",
        "checkpoints",
        checkpoint(EVENTS_LOG, 0, time=SEALED - timedelta(1)),
        stage="voting",
    ),
    hooked(
        "ballot-before-opening",
        "checkpoints.window",
        "time 00A 0",
        lambda _: OPENS - A_SECOND,
        "events.heads",
        stage="voting",
    ),
    hooked("ballot-at-closing", "checkpoints.window", "time 00B 0", lambda _: CLOSES),
    hooked(
        "closed-too-soon",
        "checkpoints.window",
        "checkpoints",
        checkpoint("00A", 2, time=CLOSES - A_SECOND),
        stage="closed",
    ),
    hooked("of-another-log", "checkpoints.form", "checkpoints", of_another_log, stage="voting"),
    hooked("blank-line", "checkpoints.form", "files", add_line("checkpoints.jsonl", b""), stage="voting"),
]


# -- Who cast the votes --------------------------------------------------------------------------------------------


def of_statements(**changed: Any) -> Callable[[Any], Any]:
    """The data of a closing with another root, or another number of statements."""
    return lambda data: {**data, "authority": {**data["authority"], **changed}}


def without_root(data: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name != "authority"}


ASKED: dict[str, Any] = {"asks": True, "stage": "closed"}
AUTHORITY = [
    hooked("no-root", "record.authority", "closing 00B", without_root, **ASKED),
    hooked("fewer-than-ballots", "record.authority", "closing 00A", of_statements(rows=0), **ASKED),
    hooked("root-no-hash", "record.authority", "closing 00A", of_statements(root="00"), **ASKED),
    hooked(
        "root-not-asked-for",
        "record.authority",
        "closing 00A",
        lambda data: {**data, "authority": {"rows": 1, "root": OTHER}},
        stage="closed",
    ),
    hooked("another-statement", "record.programme", "statement", lambda words: f"{words}, I think", **ASKED),
]

LOGS = [*AUTHORITY, *TOKENS, *TOKEN_ORDER, *EVENTS, *PROPOSALS, *CHECKPOINTS, *COSIGNATURES]
