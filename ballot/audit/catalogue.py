"""Every check: its id, its title, and what it expects. The report has one line for each.

Results can only be reported for checks in this table, and the report accounts for each of them: a check that should
have run and did not is SKIPPED, and then the input is not verified.
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
    """One check; before the stage `since` it is N/A."""

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
    _archive("archive.header", "Header", "the archive's header in canonical form"),
    _archive("archive.tar", "Tar bytes", "every header and padding byte as the reference tool writes it"),
    _archive("archive.whole", "Complete", "no member cut off, nothing after the last"),
    _archive("archive.names", "Names", "every member named after the hash of its contents"),
    _archive("archive.order", "Order of members", "before each event exactly the data that it names"),
    _archive("chain.form", "Form of events", "events in canonical form"),
    _archive("chain.parent", "Parents", "each event names the hash of the one before"),
    _archive("chain.height", "Heights", "heights 0, 1, 2, ... without a gap"),
    _archive("chain.payload", "Payloads", "a payload exactly where the event's type needs one"),
    _archive("chain.sequence", "Sequence", "events in the order of the protocol"),
    _archive("stage", "Stage", "the stage asked for"),
    _archive("setup.form", "Form of the setup", "setup, election, trustees and credentials in canonical form"),
    _archive("setup.trustees", "Trustees", "every trustee's key proved, every ceremony consistent"),
    _archive("setup.public-key", "Election key", "the product of the trustees' keys"),
    _archive("setup.credentials", "Public credentials", "every credential a key in the prime-order subgroup"),
    _archive("setup.credentials-twice", "Credentials once", "no public credential listed twice"),
    _archive("ballots.form", "Form of ballots", "ballots in canonical form, known fields only"),
    _archive("ballots.scalars", "Numbers", "every challenge and response in [0, q)"),
    _archive("ballots.encoding", "Point encodings", "every group element in its canonical encoding"),
    _archive("ballots.subgroup", "Subgroup", "every group element in the prime-order subgroup"),
    _archive("ballots.election", "Right election", "ballots made for this election, by uuid and hash"),
    _archive("ballots.shape", "Shape", "an answer to each question, with every choice and proof"),
    _archive(
        "ballots.credential", "On the list", "every ballot under a credential on the list, of weight 1 if shuffled"
    ),
    _archive("ballots.signature", "Signatures", "every ballot signed by its credential"),
    _archive("ballots.individual", "Proofs of choices", "every choice proved to be 0 or 1, or known to its voter"),
    _archive("ballots.overall", "Proofs of sums", "every sum of choices proved to be allowed"),
    _archive("ballots.blank", "Proofs of blanks", "every blank vote proved to select nothing else"),
    _archive("ballots.twice", "No copies", "no ballot twice"),
    _archive("ballots.after-end", "None after the end", "no ballot after EndBallots"),
    _archive("tally.form", "Form of the tally", "the encrypted tally in canonical form, in the group", Stage.CLOSED),
    _archive(
        "tally.ciphertexts", "Tally", "the product of the last ballot of each credential, or its choices", Stage.CLOSED
    ),
    _archive("tally.count", "Ballots tallied", "the number of credentials that voted", Stage.CLOSED),
    _archive("tally.weight", "Weight tallied", "the sum of the weights of the credentials that voted", Stage.CLOSED),
    _archive("shuffles.form", "Form of shuffles", "shuffles in canonical form, only where they belong", Stage.TALLIED),
    _archive(
        "shuffles.owner", "Owners of shuffles", "each shuffle from a different trustee of the election", Stage.TALLIED
    ),
    _archive(
        "shuffles.proofs",
        "Proofs of shuffles",
        "every shuffle proved to hold the votes of the one before",
        Stage.TALLIED,
    ),
    _archive("shuffles.made", "Shuffled", "a shuffle before anything is opened", Stage.TALLIED),
    _archive("decryption.form", "Form of shares", "every share in canonical form", Stage.TALLIED),
    _archive(
        "decryption.owner", "Owners of shares", "each share from a different trustee of the election", Stage.TALLIED
    ),
    _archive(
        "decryption.proofs",
        "Proofs of shares",
        "every factor of every share proved, even of more shares than needed",
        Stage.TALLIED,
    ),
    _archive(
        "decryption.shares", "Enough shares", "the share of every mandatory trustee, and t of each group", Stage.TALLIED
    ),
    _record("decryption.bound", "Strong proofs", "a strong proof for every factor of every share", Stage.TALLIED),
    _archive("result.form", "Form of the result", "the result in canonical form", Stage.TALLIED),
    _archive("result.value", "Result", "exactly what the shares open", Stage.TALLIED),
    _record("record.files", "Files", "exactly the files of a record, each once"),
    _record("record.manifest", "Manifest", "every file with its hash"),
    _record("record.manifest-signature", "Manifest's signature", "the board's signature"),
    _record("record.keys", "Keys", "the public keys that the terms name"),
    _record("record.terms", "Terms", "terms in canonical form, named by every election"),
    _record("record.rules", "Rules", "the programme and constitutions that the terms name, without errors"),
    _record("record.programme", "Programme", "terms that agree with the programme"),
    _record("record.fingerprint", "Fingerprint", "one fingerprint over terms, keys and elections"),
    _record("record.elections", "Elections", "one election for each CCG or locality, with its uuid and questions"),
    _record(
        "record.trustees", "Trustees of the programme", "a different server key for each election, one ceremony for all"
    ),
    _record("record.roll", "Roll", "the roll that the terms name, with valid codes and names, every member once"),
    _record("record.counting", "Counting", "the simplest counting that the rules allow, at most 10^11 in all"),
    _record(
        "record.lists", "Lists", "each election's credentials, weights and part of the roll as the terms name them"
    ),
    _record("record.weights", "Weights", "for every weight as many credentials as practices on the roll"),
    _record("record.secrecy", "Secrecy", "totals that reveal no more votes than allowed, or a reason by two people"),
    _record("record.secrecy-again", "Secrecy measured again", "the figures of the terms, measured again from the roll"),
    _record("record.policy", "Second votes", "only the second votes that the policy allows"),
    _record("record.struck", "Struck practices", "no ballot under a struck credential"),
    _record(
        "record.authority",
        "Authority of voters",
        "in each closing the root of one statement for every ballot, exactly if the terms ask for them",
    ),
    _record("record.tokens", "Tokens", "one token for each member, sorted by hash, later actions as in the log"),
    _record("events.form", "Form of the log", "events in canonical form"),
    _record("events.chain", "Chain of the log", "each event names the one before; heights without a gap"),
    _record("events.signatures", "Signatures of the log", "signed by exactly the people that each move needs"),
    _record("events.order", "Lifecycle", "moves in an order that the lifecycle allows"),
    _record("events.times", "Times of the log", "no event earlier than the one before"),
    _record("events.heads", "Heads in the log", "every head that an event carries is in the archive"),
    _record("events.data", "Facts in the log", "hashes of terms, tokens, results and decision as in the record"),
    _record("checkpoints.form", "Form of checkpoints", "signed notes in canonical form, of known logs"),
    _record("checkpoints.signatures", "Signatures of checkpoints", "the board's signature on each"),
    _record("checkpoints.roots", "Roots", "the Merkle root of the events up to each size"),
    _record("checkpoints.order", "Order of checkpoints", "growing sizes, one for every ballot, the last covering all"),
    _record("checkpoints.times", "Times of checkpoints", "no checkpoint earlier than the one before"),
    _record(
        "checkpoints.cosignatures",
        "Cosignatures",
        "signed by the witness that each names, of checkpoints in the record",
    ),
    _record("checkpoints.window", "Window", "every ballot at or after opening and before closing"),
    _record(
        "record.returned",
        "Who voted",
        "practices with the same weights as the ballots tallied",
        Stage.CLOSED,
    ),
    _record("record.decision", "Decisions", "what each constitution decides on the counts", Stage.TALLIED),
    _record("record.outcome", "Outcome", "what the programme's rule decides on the decisions", Stage.TALLIED),
    _record("record.cited", "Cited record", "in a re-ballot, a cited record that verifies in full"),
    _record(
        "record.reballot", "Re-ballot", "the re-ballot that was called for, under the same rules, citing the decision"
    ),
    _option("trust.fingerprint", "Trusted fingerprint", "a fingerprint on your list"),
    _option("since.prefix", "Since", "everything of the older copy, unchanged"),
    _option("receipt.signature", "Receipt's signature", "the board's signature"),
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
    Reason.CREDENTIAL_WEIGHT: "ballots.credential",
    Reason.SIGNATURE_HASH: "ballots.signature",
    Reason.SIGNATURE: "ballots.signature",
    Reason.INDIVIDUAL_PROOF: "ballots.individual",
    Reason.OVERALL_PROOF: "ballots.overall",
    Reason.BLANK_PROOF: "ballots.blank",
}
"""The check for each reason to refuse a ballot; any other reason is a fault of `ballots.form`."""

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
    "record.authority": "events.jsonl",
    "record.tokens": "tokens.jsonl",
    "record.returned": "returned.csv",
    "record.decision": "decision.json",
    "record.outcome": "decision.json",
}
"""The file of a check, or of a family of checks. If it varies, the fault names it."""


def file_of(id: str) -> str | None:
    """The file that this check reads; None if it reads several."""
    return FILE_OF.get(id, FILE_OF.get(id.partition(".")[0]))
