"""A whole published record in memory, made without the office: formats and protocol alone, every step repeatable.

`hooks` change one named thing on its way into the record; later parts are made from the changed thing. So a record can
have exactly one fault: signed, hashed and listed in the manifest like an honest one.
"""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ballot.constitution.load import load_constitution
from ballot.constitution.programme import Programme, Returned, load_programme
from ballot.protocol.canonical import write_json
from ballot.protocol.elections import generate_uuid
from ballot.protocol.group import element_text
from ballot.protocol.hashing import Hash, sha256_hex
from ballot.protocol.results import result_to_bytes
from ballot.protocol.trustees import ThresholdParameters, create_trustee_public_key
from ballot.record.authority import StatementsRoot
from ballot.record.checkpoints import EVENTS_LOG, Checkpoint, checkpoint_line, origin_of, sign_checkpoint
from ballot.record.counting import Counting, choose_counting, eligible_measure
from ballot.record.decisions import CcgCount, ElectionCount, decide_programme
from ballot.record.decryptions import decryptions_path, write_decryptions
from ballot.record.elections import election_name, election_title, localities_of
from ballot.record.keys import PEOPLE, PublicKey, Role, SigningKey
from ballot.record.manifest import Manifest, sign_manifest
from ballot.record.merkle import CompactRange
from ballot.record.moves import ARGUMENTS
from ballot.record.programme_events import SIGNERS, Head, Move, ProgrammeEvent, ReasonCode, sign_event
from ballot.record.proposals import Proposal, SignedProposal, salted, sign_approval, sign_proposal
from ballot.record.public_roll import PublicMember, RollSource, roll_parts, write_returned, write_roll
from ballot.record.receipts import Receipt, sign_receipt
from ballot.record.secrecy import RevealedVotes, measure_election
from ballot.record.terms import Terms, TermsElection, programme_fingerprint, terms_description
from ballot.record.times import time_text
from ballot.record.tokens import Token, TokenAction, TokenLine, issued_in_order, sign_token, token_hash
from tests.support.simulator import ABSTAIN, AGAINST, FOR, G, Simulator, run_ceremony

BOARD = "board.example.org"
OPENS, CLOSES = datetime(2020, 5, 11, 8, tzinfo=UTC), datetime(2020, 5, 29, 16, tzinfo=UTC)
SEALED = datetime(2020, 5, 4, 10, tzinfo=UTC)

PROGRAMME = """\
programme = "a-small-merger"
name      = "Two CCGs become one"
policy    = "{policy}"
returned  = "after-closing"
rehearsal = true

[secrecy]
at_most = "{secrecy}"

[window]
opens  = 2020-05-11T09:00:00
closes = 2020-05-29T17:00:00
zone   = "Europe/London"

[[ccg]]
ods  = "00A"
name = "NHS Ash CCG"

[[ccg]]
ods  = "00B"
name = "NHS Beech CCG"

[[question]]
id      = "merge"
text    = "Do you support the merger?"
answers = ["For", "Against", "Abstain"]

[trustees]
threshold = 2
names     = ["One", "Two", "Three"]

[outcome]
questions = ["merge"]
require   = "all"
"""

SOURCE = """
[source]
document    = "Made up for a test"
clause      = "1"
wording     = "A resolution is carried if ..."
encoded_by  = "a test"
approved_by = "a test"
"""

ASH = f"""ccg  = "00A"
name = "NHS Ash CCG"
{SOURCE}
[[test]]
measure   = "practices"
of        = "cast"
more_than = "1/2"
"""

BEECH = f"""ccg  = "00B"
name = "NHS Beech CCG"
{SOURCE}
[weight]
per      = 1
snapshot = 2020-04-01
missing  = "zero"

[[test]]
measure   = "practices"
of        = "eligible"
more_than = "1/2"

[[test]]
measure  = "weight"
of       = "for-and-against"
at_least = "60%"
"""

MEMBERS = {
    "00A": [("Z90001", "Ash Surgery", 4000), ("Z90002", "Ash Surgery", 9000), ("Z90003", "Lane, Ash", None)],
    "00B": [("Z90011", "Beech House", 5200), ("Z90012", "Beech Hill", 11000), ("Z90013", "Beech End", 7100)],
}
VOTES = {"00A": [(0, FOR), (1, AGAINST), (2, FOR)], "00B": [(0, FOR), (2, FOR)]}

Hooks = dict[str, Callable[[Any], Any]]


def signing_key(role: Role, seed: int = 0) -> SigningKey:
    """A key that is always the same for a role and a seed."""
    raw = bytes.fromhex(sha256_hex(f"{role.value} {seed}".encode()))
    return SigningKey(role, Ed25519PrivateKey.from_private_bytes(raw))


KEYS = {role: signing_key(role) for role in Role}
SCRUTINEER_PRIVATE = Ed25519PrivateKey.from_private_bytes(b"s" * 32)
SCRUTINEER = PublicKey(SCRUTINEER_PRIVATE.public_key().public_bytes_raw())
"""The scrutineer's key, in the terms only if the programme names a scrutineer."""


@dataclass
class CheckpointLog:
    """One log with a checkpoint for each append."""

    name: str
    programme: str
    tree: CompactRange = field(default_factory=CompactRange)
    checkpoints: list[Checkpoint] = field(default_factory=list)

    def append(self, hashes: list[Hash], time: datetime) -> None:
        for hash in hashes:
            self.tree = self.tree.append(bytes.fromhex(hash))
        origin = origin_of(BOARD, self.programme, self.name)
        self.checkpoints.append(Checkpoint(origin, self.tree.size, self.tree.root, hashes[-1], time))


@dataclass
class RecordSimulator:
    """Builds `files`, the record by path; `receipts` of every ballot; `stage` stops early (setup, voting, closed)."""

    policy: str = "final"
    stage: str = "tallied"
    secrecy: str = "1/1"
    """How much of the votes the totals may reveal: with so few practices they reveal nearly all."""
    votes: dict[str, list[tuple[int, tuple[int, ...]]]] = field(default_factory=lambda: VOTES)
    practices: dict[str, list[tuple[Any, ...]]] = field(default_factory=lambda: MEMBERS)
    """Code, name and list size by CCG; a fourth value is the locality."""
    strike: tuple[str, int] | None = None
    asks: bool = False
    """Whether voters are asked who casts a vote. Without it, the terms are as those of older versions."""
    proposed: frozenset[Move] = frozenset()
    """Moves that the returning officer proposes and the deputy approves, one after the other."""
    hooks: Hooks = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.rng = random.Random(2020)
        self.files: dict[str, bytes] = {}
        self.receipts: list[bytes] = []
        self.events: list[ProgrammeEvent] = []
        self.tokens: list[TokenLine] = []
        self.elections: dict[str, Simulator] = {}
        self._read_rules()
        self._roll()
        self._seal()
        if self.stage != "setup":
            self._vote()
        if self.stage in ("closed", "tallied"):
            self._close()
        if self.stage == "tallied":
            self._decide()
        self._write()

    def hook(self, name: str, value: Any) -> Any:
        return self.hooks[name](value) if name in self.hooks else value

    # -- Before sealing ------------------------------------------------------------------------------------------

    def _read_rules(self) -> None:
        programme = PROGRAMME.format(policy=self.policy, secrecy=self.secrecy)
        self.files["programme.toml"] = self.hook("programme.toml", programme).encode()
        self.files["constitutions/00A.toml"] = self.hook("00A.toml", ASH).encode()
        self.files["constitutions/00B.toml"] = self.hook("00B.toml", BEECH).encode()
        self.programme: Programme = load_programme(self.files["programme.toml"], "programme.toml")
        self.constitutions = {
            ccg: load_constitution(self.files[f"constitutions/{ccg}.toml"], ccg, self.programme.words)
            for ccg in ("00A", "00B")
        }
        self.log = CheckpointLog(EVENTS_LOG, self.programme.id)

    def _roll(self) -> None:
        self.counting: dict[str, Counting] = {}
        self.places: dict[str, tuple[str, str | None]] = {}
        """CCG and locality of each election, by its name; so are the members, the archives and the votes."""
        self.members: dict[str, list[PublicMember]] = {}
        everyone: list[PublicMember] = []
        for ccg, rows in self.practices.items():
            constitution, sizes = self.constitutions[ccg], [row[2] for row in rows]
            questions = [question.id for question in self.programme.questions]
            counting = self.hook(f"counting {ccg}", choose_counting(constitution, questions, sizes))
            votes = self.hook(f"votes {ccg}", constitution.votes)
            members = [
                PublicMember(ccg, code, name, size, counting.weight(votes(size)), *locality)
                for code, name, size, *locality in rows
            ]
            everyone += members
            for place in localities_of(member.locality for member in members):
                election = election_name(ccg, place)
                self.counting[election] = counting
                self.places[election] = (ccg, place)
                self.members[election] = [member for member in members if member.locality == place]
        self.roll: list[PublicMember] = self.hook("roll", everyone)
        self.files["roll.csv"] = write_roll(self.roll)

    def event(self, move: Move, time: datetime, data: dict[str, Any], election: str | None = None, **more: Any) -> None:
        """Append a signed event, of the programme or of one election."""
        heads = {}
        if any(event.move is Move.SEALED for event in self.events) or move is Move.SEALED:
            heads = {
                c: Head(sim.last.hash, sim.last.height) for c, sim in self.elections.items() if sim.last is not None
            }
        parent = self.events[-1].hash if self.events else None
        signers = more.pop("signers", SIGNERS[move][0])
        ccg, locality = (None, None) if election is None else self.places[election]
        height, id = len(self.events), self.programme.id
        event = ProgrammeEvent(
            parent, height, time, move, id, ccg, data, more.get("reason"), None, heads, locality=locality
        )
        if move in self.proposed:
            event, signers = replace(event, proposal=self._propose(event)), {Role.BOARD}
        event = self.hook(f"event {move.value}", event)
        keys = tuple(KEYS[role] for role in Role if role in signers)
        event = self.hook(f"signed {move.value}", sign_event(event, keys) if not event.signatures else event)
        self.events.append(event)
        self.log.append([event.hash], event.time)

    def _propose(self, event: ProgrammeEvent) -> SignedProposal:
        """Made an hour before its event, after the last one in the log."""
        proposal = Proposal(
            event.programme,
            event.move,
            event.ccg,
            {name: event.data[name] for name in ARGUMENTS[event.move]},
            event.reason,
            None,
            salted(b"a salt", f"words of {event.move.value}"),
            Hash(event.parent or ""),
            event.time - timedelta(hours=1),
            event.time + timedelta(hours=71),
        )
        proposal = self.hook(f"proposal {event.move.value}", proposal)
        approved = replace(
            sign_proposal(proposal, KEYS[Role.RETURNING_OFFICER]),
            approval=sign_approval(proposal.hash, KEYS[Role.DEPUTY]),
        )
        return self.hook(f"proposed {event.move.value}", approved)

    def _seal(self) -> None:
        draw = self.rng.randrange
        self.pedersen, self.trustee_keys = run_ceremony(2, 3, self.rng)
        uuids = {name: generate_uuid(draw) for name in self.members}
        roll = sha256_hex(self.files["roll.csv"])
        programme_toml = sha256_hex(self.files["programme.toml"])
        before = SEALED - timedelta(hours=1)
        self.event(Move.PREPARED, before, {"programme_toml": programme_toml, "roll": roll})
        lists, parts = self._sealed_lists(uuids), roll_parts(self.roll)
        names = ("programme.toml", "constitutions/00A.toml", "constitutions/00B.toml", "roll.csv")
        terms = Terms(
            self.programme,
            BOARD,
            frozenset(PEOPLE),
            {name: sha256_hex(self.files[name]) for name in names},
            tuple(
                TermsElection(
                    *self.places[name],
                    self._title(name),
                    uuids[name],
                    self.counting[name],
                    len(rows),
                    sum(1 if member.weight is None else member.weight for member in rows),
                    self.hook(f"credentials {name}", sha256_hex(lists[name])),
                    self.hook(f"roll part {name}", sha256_hex(parts.get(name, b""))),
                    self._snapshot(name),
                )
                for name, rows in self.members.items()
            ),
            sha256_hex(write_json(self.pedersen.to_json())),
            {role: key.public for role, key in KEYS.items()},
            (RollSource("roll.csv", sha256_hex(b"a roll"), "both"),),
            {name: self._secrecy(name, rows) for name, rows in self.members.items()},
            scrutineer=None if self.programme.scrutineer is None else SCRUTINEER,
            statement=self.hook("statement", self.programme.statement if self.asks else None),
        )
        self.terms = self.hook("terms", terms)
        self.files["terms.json"] = self.hook("terms.json", self.terms.to_bytes())
        self.logs: dict[str, CheckpointLog] = {}
        for name, rows in self.members.items():
            self.elections[name] = self._election(name, uuids[name], rows)
            self.logs[name] = CheckpointLog(name, self.programme.id)
            self._checkpoint(name, 1, SEALED)
        self._issue(before)
        self.fingerprint = programme_fingerprint(
            sha256_hex(self.files["terms.json"]),
            self.terms.keys,
            {ccg: sim.election.hash for ccg, sim in self.elections.items()},
        )
        data = {"terms": sha256_hex(self.files["terms.json"]), "fingerprint": self.fingerprint}
        self.event(Move.SEALED, SEALED, data)

    def _snapshot(self, name: str) -> date | None:
        weight = self.constitutions[self.places[name][0]].weight
        return None if weight is None else weight.snapshot

    def _title(self, name: str) -> str:
        ccg, locality = self.places[name]
        return election_title(next(c.name for c in self.programme.ccgs if c.ods == ccg), locality)

    def _secrecy(self, name: str, rows: list[PublicMember]) -> RevealedVotes:
        """What sealing measures."""
        rule = self.constitutions[self.places[name][0]]
        return measure_election(self.programme.id, name, rule, self.counting[name], [row.weight for row in rows])

    def _sealed_lists(self, uuids: dict[str, str]) -> dict[str, bytes]:
        """The credentials and weights that the terms name. The elections are made later, with the same draws."""
        state = self.rng.getstate()
        lists = {n: self._election(n, uuids[n], rows).public.to_bytes() for n, rows in self.members.items()}
        self.rng.setstate(state)
        return lists

    def _election(self, ccg: str, uuid: str, rows: list[PublicMember]) -> Simulator:
        x = self.rng.randrange(G.q)
        server = create_trustee_public_key(G, x, self.rng.randrange)
        pedersen: ThresholdParameters = self.hook(f"pedersen {ccg}", self.pedersen)
        question = self.programme.questions[0]
        from ballot.protocol.questions import HomomorphicQuestion

        weights = self.hook(f"weights {ccg}", [member.weight for member in rows])
        return Simulator(
            seed=self.rng.randrange(2**32),
            questions=self.hook(f"questions {ccg}", (HomomorphicQuestion(question.answers, 1, 1, question.text),)),
            weights=self.hook(f"listed {ccg}", weights) if "terms.json" in self.files else weights,
            timestamp=int(SEALED.timestamp()),
            description=self.hook(f"description {ccg}", terms_description(self.files.get("terms.json", b""))),
            trustees=[server, pedersen],
            keys=dict(enumerate([x, *self.trustee_keys], start=1)),
            uuid=self.hook(f"uuid {ccg}", uuid),
            name=self._title(ccg),
        )

    def _issue(self, time: datetime) -> None:
        for election, sim in self.elections.items():
            ccg = self.places[election][0]
            for member, entry in zip(self.members[election], sim.public.entries, strict=False):
                token = Token(self.programme.id, ccg, member.practice, entry.credential, 1, CLOSES)
                signed = sign_token(token, KEYS[Role.REGISTRAR])
                self.tokens.append(TokenLine(ccg, TokenAction.ISSUED, token_hash(signed)))
        self.tokens = self.hook("order of tokens", issued_in_order)(self.tokens)
        lines = b"".join(line.to_bytes() for line in self.tokens)
        self.event(Move.ISSUED, time, {"count": len(self.tokens), "tokens": sha256_hex(lines)})

    # -- From opening to the decision ----------------------------------------------------------------------------

    def _checkpoint(self, ccg: str, events: int, time: datetime) -> None:
        """A checkpoint after the last `events` events of an archive."""
        self.logs[ccg].append(self.elections[ccg].hashes[-events:], time)

    def _vote(self) -> None:
        for election in self.elections:
            self.event(Move.OPENED, OPENS, {"opens": time_text(OPENS)}, election)
        if self.strike is not None:
            self._strike(*self.strike)
        for election, votes in self.votes.items():
            for number, (voter, vote) in enumerate(votes):
                time = self.hook(f"time {election} {number}", OPENS + timedelta(hours=1 + number))
                sim = self.elections[election]
                body = sim.vote(voter, vote)
                self._checkpoint(election, 1, time)
                assert sim.last is not None
                from ballot.protocol.ballots import tracking_number

                receipt = Receipt(
                    self.programme.id,
                    self.places[election][0],
                    sim.election.uuid,
                    tracking_number(body),
                    sim.last.height,
                    sim.last.hash,
                    time,
                )
                self.receipts.append(sign_receipt(receipt, KEYS[Role.BOARD]))

    def _strike(self, election: str, voter: int) -> None:
        credential = self.elections[election].public_of(voter)
        token = next(line.token for line in self.tokens if line.ccg == self.places[election][0])
        self.tokens.append(TokenLine(self.places[election][0], TokenAction.REVOKED, token))
        self.event(
            Move.STRUCK,
            OPENS,
            {"credential": element_text(credential), "token": token},
            election,
            reason=ReasonCode.PRACTICE_CLOSED,
        )

    def _close(self) -> None:
        for election, sim in self.elections.items():
            sim.close()
            self._checkpoint(election, 2, CLOSES)
            data: dict[str, Any] = {"closes": time_text(CLOSES)}
            if self.asks:
                hashes = [bytes.fromhex(sha256_hex(f"{election} {i}".encode())) for i in range(len(sim.cast))]
                data["authority"] = StatementsRoot.of(hashes).to_json()
            self.event(Move.CLOSED, CLOSES, self.hook(f"closing {election}", data), election)
        rows = [
            (member.ccg, member.practice, member.name)
            for election, votes in self.votes.items()
            for member in (self.members[election][voter] for voter in sorted({voter for voter, _ in votes}))
        ]
        if self.programme.returned is Returned.AFTER_CLOSING:
            self.files["returned.csv"] = write_returned(self.hook("returned", rows))

    def _decide(self) -> None:
        counts: dict[str, list[ElectionCount]] = {}
        time = CLOSES + timedelta(hours=2)
        for election, sim in self.elections.items():
            result = self.hook(f"result {election}", sim.decrypt(1, 2, 4))
            self._checkpoint(election, 4, time)
            strong = self.hook(f"decryptions {election}", write_decryptions(sim.strong))
            self.files[decryptions_path(election)] = strong
            data = {"result": sha256_hex(result_to_bytes(result)), "proofs": sha256_hex(strong)}
            self.event(Move.TALLIED, time, data, election)
            weights = [entry.weight for entry in sim.public.entries]
            if self.strike is not None and self.strike[0] == election:
                struck = sim.public_of(self.strike[1])
                weights = [entry.weight for entry in sim.public.entries if entry.credential != struck]
            counting = self.counting[election]
            eligible = eligible_measure(counting, weights)
            ccg, locality = self.places[election]
            count = ElectionCount(locality, counting, eligible, sim.tally.num_tallied, sim.tally.total_weight, result)
            counts.setdefault(ccg, []).append(count)
        of_ccgs = {ccg: CcgCount(self.constitutions[ccg], tuple(found)) for ccg, found in counts.items()}
        decision = decide_programme(self.programme, of_ccgs).to_bytes()
        self.files["decision.json"] = self.hook("decision.json", decision)
        data = {"decision": sha256_hex(self.files["decision.json"])}
        self.event(Move.DECIDED, time, data)
        self.event(Move.DECLARED, time, data)

    # -- Writing ---------------------------------------------------------------------------------------------------

    def _write(self) -> None:
        for election, sim in self.elections.items():
            self.files[f"elections/{election}.bel"] = self.hook(f"archive {election}", sim.archive)
        events = self.hook("events", self.events)
        self.files["events.jsonl"] = b"".join(event.to_bytes() + b"\n" for event in events)
        logs = {**self.logs, EVENTS_LOG: self.log}
        checkpoints = self.hook(
            "checkpoints", [(name, checkpoint) for name, log in logs.items() for checkpoint in log.checkpoints]
        )
        board = self.hook("board's key", KEYS[Role.BOARD])
        self.files["checkpoints.jsonl"] = b"".join(
            checkpoint_line(name, sign_checkpoint(checkpoint, board)) for name, checkpoint in checkpoints
        )
        tokens = self.hook("tokens", self.tokens)
        self.files["tokens.jsonl"] = b"".join(line.to_bytes() for line in tokens)
        for role, key in KEYS.items():
            self.files[f"keys/{role.value}.pub"] = self.hook(f"key {role.value}", key.public).to_pem()
        self.files = self.hook("files", self.files)
        manifest = Manifest(
            self.programme.id,
            self.hook("fingerprint", self.fingerprint),
            {name: sha256_hex(body) for name, body in self.files.items()},
        )
        manifest = self.hook("manifest", sign_manifest(manifest, self.hook("manifest's key", KEYS[Role.BOARD])))
        self.files["manifest.json"] = self.hook("manifest.json", manifest.to_bytes())
        self.files = self.hook("all files", self.files)

    def to_zip(self) -> bytes:
        """The record as a .zip, the same bytes every time."""
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in sorted(self.files):
                info = zipfile.ZipInfo(name, (2020, 5, 29, 17, 0, 0))
                info.compress_type = zipfile.ZIP_DEFLATED
                info.external_attr = 0o644 << 16
                archive.writestr(info, self.files[name])
        return out.getvalue()


__all__ = ["ABSTAIN", "KEYS", "RecordSimulator", "replace", "signing_key"]
