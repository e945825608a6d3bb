"""Whole records, good ones, and ones whose files, keys or terms are false: signed and listed like honest ones."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ballot.constitution.programme import Policy
from ballot.constitution.weight import WeightNouns
from ballot.constitution.words import Noun
from ballot.protocol.hashing import Hash
from ballot.record.checkpoints import parse_checkpoint_line
from ballot.record.cosignatures import RecordedCosignature, Witness, cosign
from ballot.record.counting import Counting, CountKind
from ballot.record.keys import PublicKey, Role
from ballot.record.manifest import sign_manifest
from ballot.record.public_roll import PublicMember, parse_roll, write_roll
from ballot.record.reballots import FOLDER, Citation
from ballot.record.terms import Terms
from tests.support import record_simulator
from tests.support.record_simulator import KEYS, MEMBERS, RecordSimulator, signing_key
from tests.support.simulator import AGAINST, FOR, Simulator, run_ceremony
from tests.support.vectors.tampering import Vector

OTHER = Hash("ab" * 32)
FEW = {"00A": [(0, FOR)], "00B": [(0, FOR)]}
"""As few votes as make a record, so that the files are small."""

Files = dict[str, bytes]


def packed(make: type[RecordSimulator] = RecordSimulator, **more: Any) -> Callable[[], bytes]:
    """The record as a .zip; hooks are given as `hooks`."""
    return lambda: make(**({"votes": FEW} | more)).to_zip()


def false(fault: str, *fails: str, make: type[RecordSimulator] = RecordSimulator, **more: Any) -> Vector:
    """A record with one fault, named after the first check that must fail; `stage` stops it early."""
    stage = more.get("stage")
    return Vector(f"{fails[0]}--{fault}.zip", packed(make, **more), fails, 1, stage)


def hooked(fault: str, check: str, hook: str, change: Callable[[Any], Any], *also: str, **more: Any) -> Vector:
    """One thing changed on its way into the record."""
    return false(fault, check, *also, hooks={hook: change}, **more)


WITNESS = Ed25519PrivateKey.from_private_bytes(b"w" * 32)
WITNESS_NAME = "witness.example.org"
Cosignatures = list[RecordedCosignature]


def cosigned(change: Callable[[Cosignatures], Cosignatures] = lambda lines: lines) -> Callable[[Files], Files]:
    """A witness cosigned every checkpoint at noon; `change` alters what the record says of it."""
    vkey = Witness(WITNESS_NAME, PublicKey(WITNESS.public_key().public_bytes_raw())).vkey

    def hook(files: Files) -> Files:
        lines = []
        for log, note in map(parse_checkpoint_line, files["checkpoints.jsonl"].splitlines()):
            body = note.partition("\n\n")[0] + "\n"
            line = cosign(body, WITNESS_NAME, WITNESS, datetime(2020, 5, 11, 12, tzinfo=UTC))
            lines.append(RecordedCosignature(log, int(note.split("\n")[1]), vkey, line))
        return {**files, "cosignatures.jsonl": b"".join(line.to_bytes() for line in change(lines))}

    return hook


GOOD = [
    Vector("good--record.zip", packed(votes=record_simulator.VOTES), exit=0),
    Vector("good--record-setup.zip", packed(stage="setup"), exit=0, stage="setup"),
    Vector("good--record-voting.zip", packed(stage="voting"), exit=0, stage="voting"),
    Vector("good--record-closed.zip", packed(stage="closed"), exit=0, stage="closed"),
    Vector("good--record-struck.zip", packed(strike=("00B", 1)), exit=0),
    Vector(
        "good--record-last-counts.zip",
        packed(policy="last-counts", votes={"00A": [(0, FOR), (0, AGAINST)], "00B": [(0, FOR)]}),
        exit=0,
    ),
    Vector("good--record-keys-apart.zip", packed(hooks={"terms": lambda t: replace(t, keys_held=frozenset())}), exit=0),
    Vector("good--record-cosigned.zip", packed(hooks={"files": cosigned()}, stage="voting"), exit=0, stage="voting"),
    Vector("good--record-authority.zip", packed(asks=True), exit=0),
    Vector("good--record-nobody-voted.zip", packed(votes={"00A": [], "00B": []}), exit=0),
]


# -- Files, keys, manifest ---------------------------------------------------------------------------------------


def with_file(name: str, change: Callable[[bytes], bytes | None]) -> Callable[[Files], Files]:
    """One file in other bytes, or gone."""

    def hook(files: Files) -> Files:
        body = change(files.get(name, b""))
        return {n: b for n, b in {**files, name: body}.items() if b is not None}

    return hook


def signed_by(role: Role, seed: int = 0) -> Callable[[Any], Any]:
    return lambda _: signing_key(role, seed)


def listing(change: Callable[[dict[str, Hash]], dict[str, Hash]]) -> Callable[[Any], Any]:
    """The manifest with another list, signed again."""
    return lambda m: sign_manifest(replace(m, files=change(dict(m.files)), signatures=()), KEYS[Role.BOARD])


def without(name: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda entries: {n: entry for n, entry in entries.items() if n != name}


def other_manifest(old: bytes, new: bytes) -> Callable[[bytes], bytes]:
    return lambda body: body.replace(old, new, 1)


FILES = [
    hooked("extra-file", "record.files", "files", with_file("notes.txt", lambda _: b"x")),
    hooked("private-key", "record.files", "files", with_file("keys/board.key", lambda _: b"x")),
    hooked("key-missing", "record.files", "files", with_file("keys/deputy.pub", lambda _: None), "record.keys"),
    hooked("wrong-hash", "record.manifest", "manifest", listing(lambda f: {**f, "roll.csv": OTHER})),
    hooked("file-not-listed", "record.manifest", "manifest", listing(without("tokens.jsonl"))),
    hooked("file-not-there", "record.manifest", "manifest", listing(lambda f: {**f, "constitutions/00C.toml": OTHER})),
    hooked("foreign-key", "record.manifest-signature", "manifest's key", signed_by(Role.BOARD, 1)),
    hooked("by-the-registrar", "record.manifest-signature", "manifest's key", signed_by(Role.REGISTRAR)),
    hooked("by-nobody", "record.manifest-signature", "manifest", lambda m: replace(m, signatures=())),
    hooked("of-the-deputy", "record.keys", "key deputy", lambda _: signing_key(Role.DEPUTY, 1).public),
    hooked("other", "record.fingerprint", "fingerprint", lambda _: OTHER),
    Vector("unreadable--no-manifest.zip", packed(hooks={"all files": without("manifest.json")}, stage="setup"), exit=2),
    Vector(
        "unreadable--manifest-version-true.zip",
        packed(hooks={"manifest.json": other_manifest(b'"version":2', b'"version":true')}, stage="setup"),
        exit=2,
    ),
    Vector(
        "unreadable--manifest-deep.zip", packed(hooks={"manifest.json": lambda _: b"[" * 20000}, stage="setup"), exit=2
    ),
]


# -- Terms, roll, elections --------------------------------------------------------------------------------------


class LeftOut(RecordSimulator):
    """A programme of two CCGs of which only some get an election, and everything else fits that."""

    ccgs: tuple[str, ...] = ("00A",)

    def __post_init__(self) -> None:
        gone = set(MEMBERS) - set(self.ccgs)
        kept = {ccg: MEMBERS[ccg] for ccg in self.ccgs}
        rules = [f"constitutions/{ccg}.toml" for ccg in gone]
        self.votes = {ccg: votes for ccg, votes in self.votes.items() if ccg in kept}
        self.hooks = {
            "terms": lambda t: replace(t, files={n: h for n, h in t.files.items() if n not in rules}),
            "files": lambda files: {n: b for n, b in files.items() if n not in rules},
        }
        self.practices = kept
        super().__post_init__()


class NoElection(LeftOut):
    ccgs = ()


class SharedServerKey(RecordSimulator):
    def _election(self, ccg: str, uuid: str, rows: list[PublicMember]) -> Simulator:
        self.rng = random.Random(7)
        return super()._election(ccg, uuid, rows)


def roll_changed(change: Callable[[list[PublicMember]], list[PublicMember]]) -> Callable[[Files], Files]:
    """The roll changed behind the terms' back."""
    return with_file("roll.csv", lambda body: write_roll(change(parse_roll(body))))


def lighter(terms: Terms) -> Terms:
    first, *rest = terms.elections
    return replace(terms, elections=(replace(first, total_weight=first.total_weight + 1), *rest))


def other_policy(terms: Terms) -> Terms:
    return replace(terms, programme=replace(terms.programme, policy=Policy.LAST_COUNTS))


def lists_of_another_day(terms: Terms) -> Terms:
    first, second = terms.elections
    return replace(terms, elections=(first, replace(second, snapshot=date(2020, 5, 1))))


def from_a_folder(terms: Terms) -> Terms:
    return replace(terms, roll_sources=(replace(terms.roll_sources[0], file="home/officer/roll.csv"),))


def telling_nothing(terms: Terms) -> Terms:
    """Terms that say the totals tell no vote."""
    return replace(terms, secrecy={name: replace(found, known=0) for name, found in terms.secrecy.items()})


def of_more_votes(terms: Terms) -> Terms:
    """As many votes told, of twice as many cast: half the share."""
    found = terms.secrecy["00A"]
    return replace(terms, secrecy={**terms.secrecy, "00A": replace(found, cast=2 * found.cast)})


def cited(files: Files) -> Files:
    """A good record inside the record."""
    inner = RecordSimulator(votes=FEW).files
    return files | {f"{FOLDER}{name}": body for name, body in inner.items()}


def citing(terms: Terms) -> Terms:
    """Terms that cite another programme than any there is."""
    return replace(terms, citation=Citation("another-merger", OTHER, OTHER))


def no_rule(name: str) -> dict[str, Callable[[Any], Any]]:
    return {"files": without(name), "terms": lambda terms: replace(terms, files=without(name)(dict(terms.files)))}


def other_ceremony(_: Any) -> Any:
    return run_ceremony(2, 3, random.Random(99))[0]


def larger_ceremony(_: Any) -> Any:
    return run_ceremony(2, 4, random.Random(99))[0]


def heavier(weights: list[int]) -> list[int]:
    return [weights[0] + 1, *weights[1:]]


def member_as(**changes: str) -> Callable[[list[PublicMember]], list[PublicMember]]:
    """The first member written otherwise from the start: signed, sealed, and the same everywhere."""
    return lambda rows: [replace(rows[0], **changes), *rows[1:]]


def second_as(practice: str) -> Callable[[list[PublicMember]], list[PublicMember]]:
    """The second member as the first once more, under a code that looks like the first's."""
    return lambda rows: [rows[0], replace(rows[1], practice=practice, name=rows[0].name), *rows[2:]]


def _roll(fault: str, change: Callable[[list[PublicMember]], list[PublicMember]]) -> Vector:
    return hooked(fault, "record.roll", "roll", change, stage="voting")


ROLL = [
    _roll("member-twice-by-a-letter-that-looks-alike", second_as("\u0396" + "90001")),
    _roll("member-twice-in-small-letters", second_as("z90001")),
    _roll("member-twice-by-a-no-break-blank", second_as("Z90001\u00a0")),
    _roll("member-twice-by-a-blank", second_as(" Z90001")),
    _roll("member-twice-by-a-blank-of-no-width", second_as("Z\u200b90001")),
    _roll("member-twice-by-a-mark-of-direction", second_as("\u200eZ90001")),
    _roll("member-twice-in-wide-digits", second_as("Z9000\uff11")),
    _roll("code-of-nobody", member_as(practice="")),
    _roll("name-with-a-no-break-blank", member_as(name="Ash\u00a0Surgery")),
    _roll("name-with-a-blank-of-no-width", member_as(name="Ash\u200b Surgery")),
    _roll("name-turned-round", member_as(name="Ash \u202eyregruS")),
    _roll("name-of-two-lines", member_as(name="Ash\nSurgery")),
    _roll("name-empty", member_as(name="")),
    _roll("name-without-end", member_as(name="A" * 201)),
    *(
        _roll(f"name-like-a-formula-{number}", member_as(name=f"{start}SUM(A1)"))
        for number, start in enumerate("=+-@", start=1)
    ),
]


def exchanged_weights(weights: list[int]) -> list[int]:
    """The first two practices of the list, each with the other's weight: as a multiset nothing changed."""
    return [weights[1], weights[0], *weights[2:]]


def in_shares(counting: Counting) -> Counting:
    """What weighted votes are called, in words that the rule does not have."""
    return replace(counting, nouns=WeightNouns(Noun("share", "shares"), Noun("share", "shares")))


TERMS = [
    hooked("other-terms", "record.terms", "description 00A", lambda d: d[:-4] + "0000"),
    hooked("spaces", "record.terms", "terms.json", lambda body: body.replace(b",", b", "), stage="setup"),
    hooked("other-policy", "record.programme", "terms", other_policy),
    hooked("rule-changed", "record.rules", "files", with_file("constitutions/00A.toml", lambda b: b + b"# 2/3\n")),
    hooked("no-toml", "record.rules", "files", with_file("constitutions/00A.toml", lambda b: b"[[[")),
    false("rule-missing", "record.rules", hooks=no_rule("constitutions/00A.toml")),
    hooked(
        "row-removed",
        "record.roll",
        "files",
        roll_changed(lambda rows: rows[:2] + rows[3:]),
        "record.weights",
        stage="voting",
    ),
    hooked("row-twice", "record.roll", "files", roll_changed(lambda r: [*r, r[0]]), "record.weights", stage="voting"),
    hooked(
        "size-changed",
        "record.roll",
        "files",
        roll_changed(lambda rows: [replace(rows[0], list_size=1), *rows[1:]]),
        stage="voting",
    ),
    hooked("crlf", "record.roll", "files", with_file("roll.csv", lambda b: b.replace(b"\n", b"\r\n"))),
    hooked("row-removed-before-sealing", "record.weights", "roll", lambda rows: rows[:2] + rows[3:], stage="voting"),
    hooked("one-weighs-more", "record.weights", "weights 00B", heavier, "record.returned"),
    hooked("other-total", "record.weights", "terms", lighter),
    hooked("weights-exchanged-after-the-terms", "record.lists", "listed 00B", exchanged_weights, stage="voting"),
    hooked("weights-exchanged-before-sealing", "record.returned", "weights 00B", exchanged_weights, stage="closed"),
    hooked("other-credentials-named", "record.lists", "credentials 00A", lambda _: OTHER, stage="voting"),
    hooked("other-part-of-the-roll", "record.lists", "roll part 00B", lambda _: OTHER, stage="voting"),
    hooked("patients-too", "record.counting", "counting 00A", lambda _: Counting(CountKind.PACKED, 10**5)),
    hooked("counted-in-shares", "record.counting", "counting 00B", in_shares, stage="setup"),
    hooked("other-snapshot", "record.counting", "terms", lists_of_another_day),
    hooked("source-with-a-folder", "record.terms", "terms", from_a_folder, stage="setup"),
    false("told-and-nobody-said-why", "record.secrecy", secrecy="1/10", stage="setup"),
    hooked("figure-of-the-office", "record.secrecy-again", "terms", telling_nothing, stage="setup"),
    hooked("other-votes-cast", "record.secrecy-again", "terms", of_more_votes, stage="setup"),
    hooked("one-not-measured", "record.secrecy", "terms", lambda t: replace(t, secrecy={}), stage="setup"),
    hooked("of-nothing", "record.cited", "files", cited, stage="setup"),
    hooked("none-there", "record.cited", "terms", citing, stage="setup"),
    false("of-another-programme", "record.reballot", hooks={"terms": citing, "files": cited}, stage="setup"),
    hooked("other-uuid", "record.elections", "uuid 00A", lambda uuid: uuid[::-1]),
    hooked("other-question", "record.elections", "questions 00A", lambda q: (replace(q[0], question="Or not?"),)),
    hooked("answers-exchanged", "record.elections", "questions 00A", lambda q: (exchanged(q[0]),)),
    false("ccg-left-out", "record.elections", make=LeftOut),
    false("none-at-all", "record.elections", make=NoElection, stage="setup"),
    hooked(
        "archive-missing",
        "record.elections",
        "files",
        without("elections/00B.bel"),
        *("events.heads", "events.data", "checkpoints.form"),
        stage="setup",
    ),
    hooked("other-ceremony", "record.trustees", "pedersen 00B", other_ceremony, stage="voting"),
    hooked("one-trustee-more", "record.trustees", "pedersen 00B", larger_ceremony, stage="voting"),
    false("one-server-key-for-two", "record.trustees", make=SharedServerKey, stage="voting"),
    false("two-ballots-where-first-is-final", "record.policy", votes={"00A": [(0, FOR), (0, AGAINST)], "00B": []}),
    false("ballot-of-a-struck-practice", "record.struck", strike=("00B", 0)),
    hooked(
        "not-on-the-list",
        "record.struck",
        "event struck",
        lambda e: replace(e, data={**e.data, "credential": OTHER}),
        strike=("00B", 1),
        stage="voting",
    ),
]


def exchanged(question: Any) -> Any:
    first, second, third = question.answers
    return replace(question, answers=(second, first, third))


RECORDS = [*GOOD, *FILES, *TERMS, *ROLL]
