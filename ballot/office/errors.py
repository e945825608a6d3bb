"""Every refusal of the office, each with the one word that the page, the log and the tests use."""

from __future__ import annotations

from enum import Enum


class Refusal(Enum):
    """Why an act or a ballot was refused. What is wrong inside a ballot has a word in protocol.errors.Reason."""

    NO_SUCH_BALLOT = "no-such-ballot"
    TOO_LARGE = "too-large"
    TOKEN_INVALID = "token-invalid"  # noqa: S105  (words, not secrets)
    TOKEN_ELSEWHERE = "token-for-another-ballot"  # noqa: S105
    TOKEN_EXPIRED = "token-expired"  # noqa: S105
    TOKEN_UNKNOWN = "token-unknown"  # noqa: S105
    TOKEN_REVOKED = "token-revoked"  # noqa: S105
    TOKEN_SUPERSEDED = "token-superseded"  # noqa: S105
    STRUCK = "practice-struck"
    OTHER_CREDENTIAL = "credential-of-another"
    NOT_OPEN = "not-open-yet"
    CLOSED = "closed"
    ABANDONED = "abandoned"
    ALREADY_VOTED = "already-voted"
    AUTHORITY_MISSING = "authority-missing"
    AUTHORITY_MALFORMED = "authority-malformed"
    AUTHORITY_NOT_ASKED = "authority-not-asked"
    LETTER_UNKNOWN = "letter-unknown"

    NO_SUCH_PROGRAMME = "no-such-programme"
    NO_SUCH_PRACTICE = "no-such-practice"
    NO_SUCH_TRUSTEE = "no-such-trustee"
    ALREADY_PREPARED = "already-prepared"
    ALREADY_ISSUED = "already-issued"
    ALREADY_DECIDED = "already-decided"
    ALREADY_STRUCK = "already-struck"
    DOCUMENT_UNFIT = "document-unfit"
    FILES_DIFFER = "files-differ"
    ROLL_DIFFERS = "roll-differs"
    TRUSTEES_DIFFER = "trustees-differ"
    TOO_HEAVY = "too-heavy"
    WRONG_STATE = "wrong-state"
    WRONG_SIGNERS = "wrong-signers"
    FOREIGN_KEY = "foreign-key"
    NO_REASON = "no-reason"
    NOT_A_REHEARSAL = "not-a-rehearsal"
    NOT_ISSUED = "not-issued"
    NOT_READY = "not-ready"
    NOT_ALL_CLOSED = "not-all-closed"
    TOO_REVEALING = "too-revealing"
    NOT_INQUORATE = "not-open-to-a-reballot"
    ALREADY_CALLED = "already-called"
    REBALLOT_DIFFERS = "reballot-differs"
    BACKUP_NOT_TRIED = "backup-not-tried"
    BACKUP_DIFFERS = "backup-differs"
    WINDOW_PASSED = "window-passed"
    TOO_EARLY = "too-early"
    NOT_LATER = "not-later"
    HAS_VOTED = "has-voted"
    NO_LIVE_TOKEN = "no-live-token"  # noqa: S105
    NO_SUCH_PROPOSAL = "no-such-proposal"
    OWN_PROPOSAL = "own-proposal"
    PROPOSAL_ENDED = "proposal-ended"
    PROPOSAL_EXPIRED = "proposal-expired"
    PROPOSAL_STALE = "proposal-stale"
    SHOWN_DIFFERS = "shown-differs"
    REGISTRAR_LOCKED = "registrar-locked"
    NOTE_UNFIT = "note-unfit"
    NO_ADDRESS = "no-address"
    NOTHING_CHANGES = "nothing-changes"
    INVALID_SHARE = "invalid-share"
    SHARE_ALREADY_GIVEN = "share-already-given"
    INVALID_PART = "invalid-part"
    PART_ALREADY_GIVEN = "part-already-given"
    STEP_NOT_DUE = "step-not-due"
    FINGERPRINT_DIFFERS = "fingerprint-differs"
    NO_TRIAL_DECRYPTION = "not-practised"

    NOT_SIGNED_IN = "not-signed-in"
    NOT_YOUR_ROLE = "not-for-your-role"
    PROVE_AGAIN = "sign-in-again"
    FORGED = "form-not-ours"
    SIGN_IN_FAILED = "sign-in-failed"
    CODE_USED = "code-already-used"
    TRY_LATER = "try-again-later"
    ENROLMENT_INVALID = "enrolment-code-invalid"
    PASSWORD_WEAK = "password-too-weak"  # noqa: S105
    LAST_PROOF = "last-thing-to-sign-in-with"
    NO_SUCH_ACCOUNT = "no-such-account"
    ACCOUNT_EXISTS = "account-exists"
    ACCOUNT_INVALID = "account-invalid"


class Refused(Exception):
    """An act that is not allowed; nothing was changed. `sentence` says what was expected, and contains no secret."""

    def __init__(self, reason: Refusal, sentence: str) -> None:
        super().__init__(f"{reason.value}: {sentence}")
        self.reason = reason
        self.sentence = sentence
