"""Every check there is: its id, its title, and what it expects. The report has one line for each.

A check that was meant to run and did not is SKIPPED, and nothing with a skipped check is verified: so a check must be
in this table before anything can be reported under its name, and everything in it is accounted for.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from ballot.protocol.errors import Reason


class Stage(Enum):
    """How far an election has come, by its archive."""

    SETUP = "setup"
    VOTING = "voting"
    CLOSED = "closed"
    TALLIED = "tallied"


class Scope(Enum):
    """What a check looks at."""

    ARCHIVE = "archive"
    RECORD = "record"
    OPTION = "option"


@dataclass(frozen=True, slots=True)
class Check:
    """`since` is the stage from which the check belongs; before it is N/A."""

    id: str
    title: str
    expected: str
    scope: Scope
    since: Stage = Stage.SETUP


def _archive(id: str, title: str, expected: str, since: Stage = Stage.SETUP) -> Check:
    return Check(id, title, expected, Scope.ARCHIVE, since)


def _record(id: str, title: str, expected: str, since: Stage = Stage.SETUP) -> Check:
    return Check(id, title, expected, Scope.RECORD, since)


def _option(id: str, title: str, expected: str) -> Check:
    return Check(id, title, expected, Scope.OPTION)


CHECKS = (
    _archive("archive.header", "Header", "the archive's header in its one form"),
    _archive("archive.tar", "Tar bytes", "every header and padding byte as the writer makes it"),
    _archive("archive.whole", "Whole", "no member cut off, nothing behind the last"),
    _archive("archive.names", "Names", "every member named after the hash of its contents"),
    _archive("archive.order", "Order of members", "before each event exactly the data it names"),
    _archive("chain.form", "Form of events", "events in their one form"),
    _archive("chain.parent", "Parents", "each event names the hash of the one before"),
    _archive("chain.height", "Heights", "heights 0, 1, 2, ... without gap"),
    _archive("chain.payload", "Payloads", "each event with exactly the payload its type has"),
    _archive("chain.sequence", "Sequence", "events in the order of the protocol"),
    _archive("stage", "Stage", "the stage asked for"),
    _archive("setup.form", "Form of the setup", "setup, election, trustees and credentials in their one form"),
    _archive("setup.trustees", "Trustees", "every trustee's key proved, every ceremony whole"),
    _archive("setup.public-key", "Election key", "the product of the trustees' keys"),
    _archive("setup.credentials", "Public credentials", "every one a key in the prime-order subgroup"),
    _archive("setup.credentials-twice", "Credentials once", "no public credential listed twice"),
    _archive("ballots.form", "Form of ballots", "JSON that is written again as the same bytes, known fields only"),
    _archive("ballots.scalars", "Numbers", "every challenge and response in [0, q)"),
    _archive("ballots.encoding", "Point encodings", "every group element in its one encoding"),
    _archive("ballots.subgroup", "Subgroup", "every group element in the prime-order subgroup"),
    _archive("ballots.election", "Addressed", "ballots made for this election, by uuid and hash"),
    _archive("ballots.shape", "Shape", "an answer to each question, with every choice and proof"),
    _archive("ballots.credential", "On the list", "every ballot under a credential of the list"),
    _archive("ballots.signature", "Signatures", "every ballot signed by its credential"),
    _archive("ballots.individual", "Proofs of choices", "every choice proved to be 0 or 1"),
    _archive("ballots.overall", "Proofs of sums", "every sum of choices proved to be allowed"),
    _archive("ballots.blank", "Proofs of blanks", "every blank vote proved to be only blank"),
    _archive("ballots.twice", "No copies", "no ballot there twice"),
    _archive("ballots.after-end", "None after the end", "no ballot behind EndBallots"),
    _archive("tally.form", "Form of the tally", "the encrypted tally in its one form, in the group", Stage.CLOSED),
    _archive("tally.ciphertexts", "Tally", "the product of the last ballot of each credential", Stage.CLOSED),
    _archive("tally.count", "Ballots tallied", "as many as credentials that voted", Stage.CLOSED),
    _archive("tally.weight", "Weight tallied", "the sum of their weights", Stage.CLOSED),
    _archive("decryption.form", "Form of shares", "every share in its one form", Stage.TALLIED),
    _archive("decryption.owner", "Owners of shares", "each share from another, existing trustee", Stage.TALLIED),
    _archive(
        "decryption.proofs",
        "Proofs of shares",
        "every factor proved, of every share, also where fewer would do",
        Stage.TALLIED,
    ),
    _archive("decryption.shares", "Enough shares", "every mandatory trustee's, and t of each group", Stage.TALLIED),
    _record("decryption.bound", "Strong proofs", "every factor of every share with its strong proof", Stage.TALLIED),
    _archive("result.form", "Form of the result", "the result in its one form", Stage.TALLIED),
    _archive("result.value", "Result", "exactly what the shares open", Stage.TALLIED),
    _record("record.files", "Files", "the files a record has, no other, each once"),
    _record("record.manifest", "Manifest", "every file, by its hash"),
    _record("record.manifest-signature", "Manifest's signature", "the board's"),
    _record("record.keys", "Keys", "the public keys that the terms name"),
    _record("record.terms", "Terms", "terms in their one form, named by every election"),
    _record("record.rules", "Rules", "the programme and constitutions that the terms name, readable"),
    _record("record.programme", "Programme", "terms that say what the programme says"),
    _record("record.fingerprint", "Fingerprint", "one fingerprint over terms, keys and elections"),
    _record("record.elections", "Elections", "one election for each CCG or locality, with its uuid and questions"),
    _record("record.trustees", "Trustees of the programme", "one server key each, one ceremony for all"),
    _record("record.roll", "Roll", "the roll that the terms name, codes and names in their form, every member once"),
    _record("record.counting", "Counting", "the least that the rules need, at most 10^11 in all"),
    _record(
        "record.lists", "Lists", "each election's credentials, weights and part of the roll as the terms name them"
    ),
    _record("record.weights", "Weights", "credentials and weights equal to the roll, as multisets"),
    _record("record.secrecy", "Secrecy", "no more than allowed told by totals, or two people who said why"),
    _record("record.secrecy-again", "Secrecy measured again", "the figures of the terms, measured again from the roll"),
    _record("record.policy", "Second votes", "what the policy on a second vote allows"),
    _record("record.struck", "Struck practices", "no ballot under a struck credential"),
    _record("record.tokens", "Tokens", "one live token for each member, those issued by hash, each later action known"),
    _record("events.form", "Form of the log", "events in their one form"),
    _record("events.chain", "Chain of the log", "each names the one before; heights without gap"),
    _record("events.signatures", "Signatures of the log", "signed by exactly the people each move needs"),
    _record("events.order", "Lifecycle", "moves in an order that the lifecycle allows"),
    _record("events.times", "Times of the log", "times that never fall"),
    _record("events.heads", "Heads in the log", "every head that an event carries stands in the archive"),
    _record("events.data", "Facts in the log", "hashes of terms, tokens, results and decision as found"),
    _record("checkpoints.form", "Form of checkpoints", "signed notes in their one form, of known logs"),
    _record("checkpoints.signatures", "Signatures of checkpoints", "the board's"),
    _record("checkpoints.roots", "Roots", "the Merkle root of the events up to each size"),
    _record(
        "checkpoints.order", "Order of checkpoints", "sizes that grow, one for every ballot, the last covering all"
    ),
    _record("checkpoints.times", "Times of checkpoints", "times that never fall"),
    _record("checkpoints.cosignatures", "Cosignatures", "by the witness that each names, of checkpoints found"),
    _record("checkpoints.window", "Window", "every ballot at or after opening and before closing"),
    _record(
        "record.returned",
        "Who voted",
        "practices that weigh, one by one, what the ballots tallied do",
        Stage.CLOSED,
    ),
    _record("record.decision", "Decisions", "what each constitution makes of the counts", Stage.TALLIED),
    _record("record.outcome", "Outcome", "what the programme's rule makes of the decisions", Stage.TALLIED),
    _record("record.cited", "Cited record", "a record that verifies in full, where this is a re-ballot"),
    _record("record.reballot", "Re-ballot", "of what was called for, under the same rules, citing what was decided"),
    _option("trust.fingerprint", "Trusted fingerprint", "a fingerprint on the list given"),
    _option("since.prefix", "Since", "everything of the older record, unchanged"),
    _option("receipt.signature", "Receipt's signature", "the board's"),
    _option("receipt.honoured", "Receipt honoured", "the ballot at its place in the record"),
)

BY_ID = {check.id: check for check in CHECKS}

BALLOT_CHECKS = tuple(check.id for check in CHECKS if check.id.startswith("ballots."))

BALLOT_CHECK_OF = {
    Reason.SCALAR_RANGE: "ballots.scalars",
    Reason.ELEMENT_ENCODING: "ballots.encoding",
    Reason.ELEMENT_SUBGROUP: "ballots.subgroup",
    Reason.ELEMENT_IDENTITY: "ballots.subgroup",
    Reason.ELECTION_UUID: "ballots.election",
    Reason.ELECTION_HASH: "ballots.election",
    Reason.WRONG_SHAPE: "ballots.shape",
    Reason.UNKNOWN_CREDENTIAL: "ballots.credential",
    Reason.SIGNATURE_HASH: "ballots.signature",
    Reason.SIGNATURE: "ballots.signature",
    Reason.INDIVIDUAL_PROOF: "ballots.individual",
    Reason.OVERALL_PROOF: "ballots.overall",
    Reason.BLANK_PROOF: "ballots.blank",
}
"""Under which check a ballot's fault is told; every other reason is a fault of form."""

ARCHIVE_CHECK_OF = {
    Reason.ARCHIVE_HEADER: "archive.header",
    Reason.ARCHIVE_TAR: "archive.tar",
    Reason.ARCHIVE_TRUNCATED: "archive.whole",
    Reason.ARCHIVE_NAME: "archive.names",
    Reason.ARCHIVE_HASH: "archive.names",
    Reason.ARCHIVE_ORDER: "archive.order",
    Reason.EVENT_PARENT: "chain.parent",
    Reason.EVENT_HEIGHT: "chain.height",
    Reason.EVENT_PAYLOAD: "chain.payload",
    Reason.EVENT_SEQUENCE: "chain.sequence",
}

FILE_OF = {
    "events": "events.jsonl",
    "checkpoints": "checkpoints.jsonl",
    "checkpoints.cosignatures": "cosignatures.jsonl",
    "record.manifest-signature": "manifest.json",
    "record.fingerprint": "manifest.json",
    "record.terms": "terms.json",
    "record.programme": "terms.json",
    "record.roll": "roll.csv",
    "record.tokens": "tokens.jsonl",
    "record.returned": "returned.csv",
    "record.decision": "decision.json",
    "record.outcome": "decision.json",
}
"""The file that a check, or a family of checks, looks at. Where it is another each time, the fault names it."""


def file_of(id: str) -> str | None:
    """The one file that this check looks at; None where it looks at several."""
    return FILE_OF.get(id, FILE_OF.get(id.partition(".")[0]))
