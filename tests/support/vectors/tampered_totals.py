"""Totals that are false although every proof of the specification holds, and strong proofs that do not hold.

The specification's decryption proof hashes X, A and B only. Whoever holds one decryption key and makes the last ballot
can fix the commitments first, get the challenge, and only then choose the ballot's randomness so that a false factor
fits. The ballot itself is an honest one, with valid proofs.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from ballot.protocol.ballots import Ballot, create_ballot
from ballot.protocol.canonical import write_json
from ballot.protocol.credentials import PrivateKey, derive_private_key
from ballot.protocol.decryption import PartialDecryption, lagrange
from ballot.protocol.elections import Election
from ballot.protocol.events import EventType
from ballot.protocol.group import element_text
from ballot.protocol.proofs import Proof, hash_commitments
from ballot.protocol.strong_decryption import TrusteeShare, create_strong_proofs
from ballot.protocol.tally import EncryptedTally, Tally
from ballot.record.public_roll import PublicMember
from tests.support.record_simulator import CLOSES, RecordSimulator
from tests.support.simulator import AGAINST, FOR, G, Simulator
from tests.support.vectors.tampered_records import OTHER, Files, hooked, with_file
from tests.support.vectors.tampering import Vector, publish_share

SHIFTS = (2, -2, 0)
"""How much each published total of 00A is below the true one: (2, 1, 0) becomes (0, 3, 0)."""
LAST = 2
"""The voter whose ballot the forger makes."""
COUNTED = (1, 2, 4)
"""The owners whose shares are combined: the server, and the ceremony's first and third trustee."""


def shifts_of(forger: int, counted: Sequence[int]) -> list[int]:
    """A trustee's factor is raised to its Lagrange coefficient before it counts; the server's is not."""
    if forger == 1:
        return [sigma % G.q for sigma in SHIFTS]
    power = lagrange(G, [owner - 1 for owner in counted if owner != 1], forger - 1)
    return [sigma * pow(power, -1, G.q) % G.q for sigma in SHIFTS]


def tally_of(election: Election, cast: Iterable[Any]) -> EncryptedTally:
    """The encrypted total of choices with their weights."""
    tally = Tally(G, election)
    for choices, weight in cast:
        tally.add(choices, weight)
    return tally.encrypted


def forge(
    election: Election, before: EncryptedTally, x: int, shifts: Sequence[int], weight: int, draw: Callable[[int], int]
) -> tuple[list[int], list[Proof]]:
    """The randomness of a last ballot behind the total `before`, and the proofs that will then hold for false factors.

    A = g^a and B = alpha0^a g^b are fixed first; with their challenge c, the randomness is k = (b - sigma c) / a.
    """
    prefix = f"decrypt|{election.fingerprint}|{element_text(G.base_power(x))}|"
    randomness, proofs = [], []
    for alpha0, sigma in zip((c.alpha for c in before[0]), shifts, strict=True):
        a, b = draw(G.q), draw(G.q)
        A, B = G.base_power(a), G.multiply(G.power(alpha0, a), G.base_power(b))
        c = hash_commitments(G, prefix, [A, B])
        proofs.append(Proof(c, (a - x * c) % G.q))
        randomness.append((b - sigma * c) * pow(a * weight, -1, G.q) % G.q)
    return randomness, proofs


def ballot_with(
    election: Election, s: PrivateKey, vote: Sequence[int], randomness: Sequence[int], draw: Callable[[int], int]
) -> Ballot:
    """An honest ballot for one question, with chosen randomness of its ciphertexts."""
    chosen = iter(randomness)
    return create_ballot(G, election, s, [vote], lambda n: next(chosen, None) or draw(n))


def shifted(honest: TrusteeShare, shifts: Sequence[int], proofs: Sequence[Proof]) -> TrusteeShare:
    """The share with factors alpha^x g^sigma and the forged proofs. The strong ones are those of the true factors."""
    (row,) = honest.partial.decryption_factors
    false = tuple(G.multiply(F, G.base_power(sigma)) for F, sigma in zip(row, shifts, strict=True))
    return TrusteeShare(PartialDecryption((false,), (tuple(proofs),)), honest.proofs)


@dataclass
class Forger(Simulator):
    """An election whose trustee `forger` makes the ballot of the last voter and shifts the totals by what it publishes.

    `shifts` are what its own factors are shifted by; `forged` holds its proofs once the ballot is made.
    """

    forger: int = 1
    forged: list[Proof] = field(default_factory=list)

    @property
    def shifts(self) -> list[int]:
        return shifts_of(self.forger, COUNTED)

    def vote(self, voter: int, *votes: Sequence[int]) -> bytes:
        if voter != LAST:
            return super().vote(voter, *votes)
        weight = self.public.weights()[self.public_of(voter)]
        before = tally_of(self.election, self.cast.values())
        x = self.keys[self.forger]
        randomness, self.forged = forge(self.election, before, x, self.shifts, weight, self.draw)
        s = derive_private_key(G, self.election.uuid, self.private[voter])
        ballot = ballot_with(self.election, s, votes[0], randomness, self.draw)
        self.append(EventType.BALLOT, [ballot.to_bytes()])
        self.cast[ballot.credential] = ([answer.choices for answer in ballot.answers], weight)
        return ballot.to_bytes()

    def share(self, owner: int) -> TrusteeShare:
        """The forger's factors are alpha^x g^sigma. It has no better strong proofs than those of the true factors."""
        honest = super().share(owner)
        if owner != self.forger:
            return honest
        return shifted(honest, self.shifts, self.forged)


class ForgedByServer(RecordSimulator):
    """The server's key and the page that draws the randomness in one hand: the default installation, dishonest."""

    forger = 1

    def _election(self, ccg: str, uuid: str, rows: list[PublicMember]) -> Simulator:
        honest = super()._election(ccg, uuid, rows)
        if ccg != "00A":
            return honest
        forging = Forger.__new__(Forger)
        forging.__dict__.update(honest.__dict__, forger=self.forger, forged=[])
        return forging


class SharesWithoutResult(ForgedByServer):
    """The forged shares are published, and the result is left to whoever adds them up."""

    def _close(self) -> None:
        super()._close()
        sim = self.elections["00A"]
        for owner in COUNTED:
            publish_share(sim, owner, sim.share(owner).partial.to_bytes())
        self._checkpoint("00A", len(COUNTED), CLOSES + timedelta(hours=1))


class ForgedByTrustee(ForgedByServer):
    """One trustee of the ceremony, who made the last ballot."""

    forger = 2


def forged(make: type[RecordSimulator], hooks: dict[str, Callable[[Any], Any]] | None = None) -> Callable[[], bytes]:
    return lambda: make(votes=VOTES, hooks=hooks or {}).to_zip()


def forged_archive(make: type[RecordSimulator]) -> Callable[[], bytes]:
    return lambda: make(votes=VOTES).files["elections/00A.bel"]


VOTES = {"00A": [(0, FOR), (1, AGAINST), (2, FOR)], "00B": [(0, FOR)]}

NOTHING: dict[str, Callable[[Any], Any]] = {"decryptions 00A": lambda _: b""}
NOT_ASKED = b'"decryption_proofs":"ballot-decrypt|1",'


def _bound(fault: str, change: Callable[[list[dict[str, Any]]], Any], **more: Any) -> Vector:
    """The lines of decryptions/00A.jsonl changed, and the event TALLIED made of the changed file."""

    def hook(body: bytes) -> bytes:
        lines = [json.loads(line) for line in body.splitlines()]
        changed = change(lines)
        lines = lines if changed is None else changed
        return b"".join(line if isinstance(line, bytes) else write_json(line) + b"\n" for line in lines)

    return hooked(fault, "decryption.bound", "decryptions 00A", hook, **more)


def _next(number: str) -> str:
    return str((int(number) + 1) % G.q)


def _response_plus_one(lines: list[dict[str, Any]]) -> None:
    proof = lines[0]["strong_proofs"][0][0]
    proof["response"] = _next(proof["response"])


def _choices_exchanged(lines: list[dict[str, Any]]) -> None:
    row = lines[0]["strong_proofs"][0]
    row[0], row[1] = row[1], row[0]


def _proofs_exchanged(lines: list[dict[str, Any]]) -> None:
    first, second = lines[1], lines[2]
    first["strong_proofs"], second["strong_proofs"] = second["strong_proofs"], first["strong_proofs"]


def _choice_missing(lines: list[dict[str, Any]]) -> None:
    lines[0]["strong_proofs"][0].pop()


def _scalar_plus_q(lines: list[dict[str, Any]]) -> None:
    proof = lines[0]["strong_proofs"][0][0]
    proof["challenge"] = str(int(proof["challenge"]) + G.q)


class WeakAsStrong(RecordSimulator):
    """The archive's own proofs, handed in a second time as if they were strong."""

    def _election(self, ccg: str, uuid: str, rows: list[PublicMember]) -> Simulator:
        return _with_share(super()._election(ccg, uuid, rows), lambda sim, owner, made: made.partial.decryption_proofs)


class OfAnotherTally(RecordSimulator):
    """Strong proofs of the same keys over another encrypted total of the same election."""

    def _election(self, ccg: str, uuid: str, rows: list[PublicMember]) -> Simulator:
        def proofs(sim: Simulator, owner: int, made: TrusteeShare) -> Any:
            (row,) = sim.tally.encrypted
            other = (tuple(replace(c, beta=G.multiply(c.beta, G.g)) for c in row),)
            return create_strong_proofs(G, sim.election, other, owner, sim.keys[owner], sim.draw)

        return _with_share(super()._election(ccg, uuid, rows), proofs)


class UnderAnotherOwner(RecordSimulator):
    """Strong proofs that name the next owner."""

    def _election(self, ccg: str, uuid: str, rows: list[PublicMember]) -> Simulator:
        def proofs(sim: Simulator, owner: int, made: TrusteeShare) -> Any:
            return create_strong_proofs(G, sim.election, sim.tally.encrypted, owner + 1, sim.keys[owner], sim.draw)

        return _with_share(super()._election(ccg, uuid, rows), proofs)


def _with_share(sim: Simulator, proofs: Callable[[Simulator, int, TrusteeShare], Any]) -> Simulator:
    """Every share of the election with other strong proofs."""
    honest = sim.share
    sim.share = lambda owner: TrusteeShare((made := honest(owner)).partial, proofs(sim, owner, made))  # type: ignore[method-assign]
    return sim


def of_another_election(files: Files) -> Files:
    return {**files, "decryptions/00A.jsonl": files["decryptions/00B.jsonl"]}


def other_proofs(event: Any) -> Any:
    return replace(event, data={**event.data, "proofs": OTHER}, signatures=())


TOTALS = [
    Vector("good--forged-total-as-the-specification-allows.bel", forged_archive(ForgedByServer), exit=0),
    Vector("good--total-forged-by-a-trustee.bel", forged_archive(ForgedByTrustee), exit=0),
    Vector("decryption.bound--total-forged-by-the-server.zip", forged(ForgedByServer), ("decryption.bound",)),
    Vector("decryption.bound--total-forged-by-a-trustee.zip", forged(ForgedByTrustee), ("decryption.bound",)),
    Vector("decryption.bound--forged-with-an-empty-file.zip", forged(ForgedByServer, NOTHING), ("decryption.bound",)),
    Vector(
        "decryption.bound--forged-with-the-file-left-out.zip",
        forged(ForgedByServer, {**NOTHING, "files": with_file("decryptions/00A.jsonl", lambda _: None)}),
        ("decryption.bound",),
    ),
    Vector(
        "record.terms--strong-proofs-not-asked-for.zip",
        forged(ForgedByServer, {**NOTHING, "terms.json": lambda body: body.replace(NOT_ASKED, b"")}),
        ("record.terms", "decryption.bound"),
    ),
    Vector(
        "unreadable--format-without-strong-proofs.zip",
        forged(ForgedByServer, {"manifest.json": lambda body: body.replace(b'"version":2', b'"version":1')}),
        exit=2,
    ),
    Vector("decryption.bound--weak-proofs-again.zip", forged(WeakAsStrong), ("decryption.bound",)),
    Vector("decryption.bound--of-another-tally.zip", forged(OfAnotherTally), ("decryption.bound",)),
    Vector("decryption.bound--under-another-owner.zip", forged(UnderAnotherOwner), ("decryption.bound",)),
    _bound("response-plus-one", _response_plus_one),
    _bound("challenge-plus-q", _scalar_plus_q),
    _bound("choices-exchanged", _choices_exchanged),
    _bound("proofs-of-two-trustees-exchanged", _proofs_exchanged),
    _bound("choice-missing", _choice_missing),
    _bound("line-missing", lambda lines: lines[:-1]),
    _bound("line-twice", lambda lines: [*lines, lines[-1]]),
    _bound("lines-exchanged", lambda lines: [lines[1], lines[0], *lines[2:]]),
    _bound("spaces", lambda lines: [json.dumps(line).encode() + b"\n" for line in lines]),
    _bound("unknown-field", lambda lines: [{**line, "note": ""} for line in lines]),
    _bound("deep", lambda lines: [b"[" * 20000 + b"\n"]),
    _bound("cut-in-a-line", lambda lines: [write_json(lines[0])]),
    hooked("of-another-election", "decryption.bound", "files", of_another_election, "events.data"),
    hooked("of-no-election", "decryption.bound", "files", with_file("decryptions/00Z.jsonl", lambda _: b"{}\n")),
    hooked(
        "before-the-tally",
        "decryption.bound",
        "files",
        with_file("decryptions/00A.jsonl", lambda _: b"{}\n"),
        stage="closed",
    ),
    Vector(
        "decryption.bound--forged-shares-and-no-result.zip",
        lambda: SharesWithoutResult(votes=VOTES, stage="closed").to_zip(),
        ("decryption.bound",),
        1,
        "closed",
    ),
    hooked("other-strong-proofs-named", "events.data", "event tallied", other_proofs),
]
"""The archives verify alone, as the specification asks: only the record can show that they are false."""
