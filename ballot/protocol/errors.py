"""What can be wrong with a message from outside.

Two families: `InvalidMessage` and its subclasses mean that *they sent something bad*. They carry a `Reason`, the same
word on the page, in the log and in the test. `ValueError` and `TypeError` mean that *we called it wrong*.
Bytes from outside raise only `InvalidMessage`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum


class Reason(Enum):
    """One word for each reason to refuse a message; the values appear in answers, reports and tests."""

    NOT_JSON = "not-json"
    TOO_DEEP = "too-deep"
    NOT_CANONICAL = "not-canonical"
    WRONG_FIELDS = "wrong-fields"
    WRONG_TYPE = "wrong-type"
    NUMBER_RANGE = "number-range"
    UNSUPPORTED = "unsupported"

    ELEMENT_ENCODING = "element-encoding"
    ELEMENT_SUBGROUP = "element-subgroup"
    ELEMENT_IDENTITY = "element-identity"
    SCALAR_RANGE = "scalar-range"

    ELECTION_UUID = "election-uuid"
    ELECTION_HASH = "election-hash"
    UNKNOWN_CREDENTIAL = "unknown-credential"
    CREDENTIAL_TWICE = "credential-twice"
    CREDENTIAL_FORM = "credential-form"
    SIGNATURE_HASH = "signature-hash"
    SIGNATURE = "signature"
    WRONG_SHAPE = "wrong-shape"
    INDIVIDUAL_PROOF = "individual-proof"
    OVERALL_PROOF = "overall-proof"
    BLANK_PROOF = "blank-proof"
    VOTE = "vote"
    OPENING = "opening"

    TRUSTEE_PROOF = "trustee-proof"
    CERTIFICATE = "certificate"
    COEFEXPS = "coefexps"
    POLYNOMIAL = "polynomial"
    SECRET = "secret"  # noqa: S105  (a word, not a secret)
    VERIFICATION_KEY = "verification-key"
    CHANNEL = "channel"
    PUBLIC_KEY = "public-key"

    CREDENTIAL_WEIGHT = "credential-weight"
    SHUFFLE_PROOF = "shuffle-proof"
    DECRYPTION_PROOF = "decryption-proof"
    STRONG_PROOF = "strong-proof"
    NOT_ENOUGH_SHARES = "not-enough-shares"
    RESULT = "result"

    ARCHIVE_HEADER = "archive-header"
    ARCHIVE_TRUNCATED = "archive-truncated"
    ARCHIVE_TAR = "archive-tar"
    ARCHIVE_NAME = "archive-name"
    ARCHIVE_HASH = "archive-hash"
    ARCHIVE_ORDER = "archive-order"
    EVENT_PARENT = "event-parent"
    EVENT_HEIGHT = "event-height"
    EVENT_PAYLOAD = "event-payload"
    EVENT_SEQUENCE = "event-sequence"

    INCLUSION = "inclusion"
    CONSISTENCY = "consistency"


class InvalidMessage(Exception):
    """Something from outside is not what the specification says; `reason` is one word, `detail` one clause."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(f"{reason.value}: {detail}")
        self.reason = reason
        self.detail = detail

    def __reduce__(self) -> tuple[type[InvalidMessage], tuple[Reason, str]]:
        return type(self), (self.reason, self.detail)


class InvalidElement(InvalidMessage):
    """A group element that is not canonical, not in the prime-order subgroup, or the identity where a key is meant."""


class InvalidScalar(InvalidMessage):
    """A number that is not a canonical element of Z_q."""


class InvalidBallot(InvalidMessage):
    """A ballot that is refused."""


class InvalidTrustee(InvalidMessage):
    """A trustee's key, certificate, polynomial or output that is wrong."""


@contextmanager
def part_of_trustee(number: int) -> Iterator[None]:
    """Raise any InvalidMessage of the block again as InvalidTrustee, with the trustee's number."""
    try:
        yield
    except InvalidMessage as fault:
        raise InvalidTrustee(fault.reason, f"trustee {number}: {fault.detail}") from None


class InvalidShuffle(InvalidMessage):
    """A shuffle that is wrong."""


class InvalidDecryption(InvalidMessage):
    """A partial decryption, or a set of them, that is wrong."""


class InvalidArchive(InvalidMessage):
    """A `.bel` archive whose bytes or chain are not as the specification says."""
