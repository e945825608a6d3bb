"""Passkeys (WebAuthn): sign in, prove identity again, and enrol. The library `webauthn` checks the answers.

A challenge is for one purpose and, except at sign-in, for one account. It lasts five minutes and works once, whether
the answer is right or wrong. The passkey must have checked the person (PIN, finger, face), so it counts as two factors.

A passkey counts its signatures. If the count of a device-bound passkey does not rise, it was copied, and is refused. A
synced passkey (backup-eligible when it was made, and backed up now) has a count on each device, which proves nothing:
it is accepted, and the log says so.

What is *not* done here: attestation. Any authenticator is accepted; the enrolment code decides who may enrol.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from sqlalchemy.orm import Session
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.authentication.verify_authentication_response import VerifiedAuthentication
from webauthn.helpers import (
    parse_authentication_credential_json,
    parse_client_data_json,
    parse_registration_credential_json,
)
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    CredentialDeviceType,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from ballot.db.session import reading, transaction
from ballot.db.sessions import ChallengeRow, SessionRow, delete_challenges, take_challenge
from ballot.db.staff import AccountRow, PasskeyRow, is_passkey, list_passkeys, lock_account, lock_passkey
from ballot.office.activity import ProvedAgain, Who, note_act
from ballot.office.errors import Refused
from ballot.office.staff.enrol import finish, make_recoveries, waiting
from ballot.office.staff.sessions import PASSKEY, Door, Staff, begin_session, renew_session
from ballot.office.staff.sign_in import can_sign_in, failed
from ballot.office.staff.throttle import failures_noted
from ballot.protocol.hashing import sha256_hex

log = logging.getLogger("ballot.staff")

GOOD_FOR = timedelta(minutes=5)
_NAME = "Member practice voting"
_CHALLENGE = 32
_LONGEST = 64 * 1024
_SIGNERS = AuthenticatorSelectionCriteria(
    resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
)


class PasskeyPurpose(Enum):
    """What a passkey's answer may be used for."""

    ENROL = "enrol"
    ADD = "add"
    SIGN_IN = "sign-in"
    PROVE = "prove"


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """The host that passkeys are bound to, and the origin of our pages."""

    host: str
    origin: str


def ask_to_make(door: Door, place: RelyingParty, purpose: PasskeyPurpose, account: AccountRow) -> str:
    """Ask for a new passkey of this account. Returns the options as JSON, for the browser."""
    challenge = _ask(door, purpose, account.id)
    with reading(door.engine) as session:
        has = [PublicKeyCredentialDescriptor(id=row.credential) for row in list_passkeys(session, account.id)]
    options = generate_registration_options(
        rp_id=place.host,
        rp_name=_NAME,
        user_id=account.handle,
        user_name=account.login,
        user_display_name=account.name,
        challenge=challenge,
        authenticator_selection=_SIGNERS,
        exclude_credentials=has,
    )
    return options_to_json(options)


def ask_to_sign(door: Door, place: RelyingParty, purpose: PasskeyPurpose, account_id: int | None = None) -> str:
    """Ask for a signature by any passkey, or by one of this account. Returns the options as JSON, for the browser."""
    challenge = _ask(door, purpose, account_id)
    with reading(door.engine) as session:
        known = [] if account_id is None else list_passkeys(session, account_id)
    options = generate_authentication_options(
        rp_id=place.host,
        challenge=challenge,
        allow_credentials=[PublicKeyCredentialDescriptor(id=row.credential) for row in known],
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json(options)


def read_made(door: Door, place: RelyingParty, purpose: PasskeyPurpose, account_id: int, answer: str) -> PasskeyRow:
    """Check a new passkey and return its row, not yet added. Raises Refused."""
    made = _read(parse_registration_credential_json, answer)
    challenge = _take(door, made, purpose, account_id)
    try:
        found = verify_registration_response(
            credential=made,
            expected_challenge=challenge,
            expected_rp_id=place.host,
            expected_origin=place.origin,
            require_user_verification=True,
        )
    except Exception:  # any fault in the answer, and whatever a hostile answer makes the library raise
        raise failed() from None
    with reading(door.engine) as session:
        if is_passkey(session, found.credential_id):
            raise failed()
    return PasskeyRow(
        account_id=account_id,
        credential=found.credential_id,
        public_key=found.credential_public_key,
        sign_count=found.sign_count,
        backup_eligible=found.credential_device_type is CredentialDeviceType.MULTI_DEVICE,
        created_at=door.clock(),
    )


class Signed:
    """An answer to one of our challenges, which is now used up. `check` verifies the signature."""

    def __init__(
        self, door: Door, place: RelyingParty, purpose: PasskeyPurpose, account_id: int | None, answer: str
    ) -> None:
        """Raises Refused."""
        self._answer = _read(parse_authentication_credential_json, answer)
        self._challenge = _take(door, self._answer, purpose, account_id)
        self._place = place

    def check(self, session: Session, now: datetime) -> AccountRow:
        """Check the signature and store the new count. Returns the account, locked. Raises Refused."""
        passkey = lock_passkey(session, bytes(self._answer.raw_id))
        account = None if passkey is None else lock_account(session, passkey.account_id)
        if passkey is None or account is None or not can_sign_in(account):
            raise failed()
        if (handle := self._answer.response.user_handle) is not None and bytes(handle) != account.handle:
            raise failed()
        try:
            found = verify_authentication_response(
                credential=self._answer,
                expected_challenge=self._challenge,
                expected_rp_id=self._place.host,
                expected_origin=self._place.origin,
                credential_public_key=passkey.public_key,
                credential_current_sign_count=0,  # the library refuses any fall; _check_count knows synced passkeys
                require_user_verification=True,
            )
        except Exception:  # as above
            raise failed() from None
        _check_count(passkey, found)
        passkey.sign_count, passkey.used_at = found.new_sign_count, now
        return account


def _check_count(passkey: PasskeyRow, found: VerifiedAuthentication) -> None:
    """Raise Refused if the count of a device-bound passkey did not rise. Log it for a synced one.

    Spec: WebAuthn Level 3, Verifying an Authentication Assertion, the step on signCount. Authenticators that do not
    count always say 0. Whether a passkey can be synced was signed when it was made: a copy of a device-bound key could
    claim it now.
    """
    count, before = found.new_sign_count, passkey.sign_count
    if count > before or count == before == 0:
        return
    if not (passkey.backup_eligible and found.credential_backed_up):
        log.warning("account %d: refused: the count of a passkey bound to one device did not rise", passkey.account_id)
        raise failed()
    log.warning(
        "account %d: the count of a synced passkey did not rise: it was %d and is %d", passkey.account_id, before, count
    )


def _ask(door: Door, purpose: PasskeyPurpose, account_id: int | None) -> bytes:
    challenge = door.draw(_CHALLENGE)
    with transaction(door.engine) as session:
        now = door.clock()
        delete_challenges(session, now)
        row = ChallengeRow(
            hash=_hash(challenge), account_id=account_id, purpose=purpose.value, expires_at=now + GOOD_FOR
        )
        session.add(row)
    return challenge


def _read(parse: Any, answer: str) -> Any:
    try:
        if len(answer) > _LONGEST:
            raise failed()
        return parse(answer)
    except Refused:
        raise
    except Exception:  # as above
        raise failed() from None


def _take(door: Door, answer: Any, purpose: PasskeyPurpose, account_id: int | None) -> bytes:
    """Use up the challenge that was answered; it must be ours and for this purpose. Raises Refused."""
    try:
        challenge = bytes(parse_client_data_json(answer.response.client_data_json).challenge)
    except Exception:  # as above
        raise failed() from None
    with transaction(door.engine) as session:
        now = door.clock()
        row = take_challenge(session, _hash(challenge))
    expected = (purpose.value, account_id)
    if row is None or row.expires_at <= now or (row.purpose, row.account_id) != expected:
        raise failed()
    return challenge


def _hash(challenge: bytes) -> str:
    return sha256_hex(b"challenge:" + challenge)


def sign_in_with_passkey(door: Door, place: RelyingParty, answer: str) -> str:
    """Sign in the person whose passkey signed. Returns the new session's id, a secret. Raises Refused."""
    with failures_noted(door, None, PASSKEY):
        signed = Signed(door, place, PasskeyPurpose.SIGN_IN, None, answer)
        with transaction(door.engine) as session:
            now = door.clock()
            account = signed.check(session, now)
            return begin_session(session, door, account, now, PASSKEY)


def prove_with_passkey(door: Door, place: RelyingParty, staff: Staff, answer: str) -> str:
    """Prove identity again. Returns the session's new id, a secret. Raises Refused."""
    with failures_noted(door, None, PASSKEY):
        signed = Signed(door, place, PasskeyPurpose.PROVE, staff.id, answer)
        with transaction(door.engine) as session:
            now = door.clock()
            account = signed.check(session, now)
            row = session.get(SessionRow, staff.session)
            if account.id != staff.id or row is None:
                raise failed()
            note_act(session, now, Who(staff.login, acting_for=staff.role.value), ProvedAgain(PASSKEY))
            id = renew_session(session, door, row, now)
    return id


def ask_to_enrol(door: Door, place: RelyingParty, code: str) -> str:
    """Ask the holder of an enrolment code for a passkey. Returns the options for the browser. Raises Refused."""
    with reading(door.engine) as session:
        account = waiting(session, code, door.clock(), hold=False)
    return ask_to_make(door, place, PasskeyPurpose.ENROL, account)


def enrol_with_passkey(door: Door, place: RelyingParty, code: str, answer: str) -> list[str]:
    """Enrol with a passkey. Returns the recovery codes, shown once. Raises Refused."""
    with reading(door.engine) as session:
        account_id = waiting(session, code, door.clock(), hold=False).id
    row = read_made(door, place, PasskeyPurpose.ENROL, account_id, answer)
    codes, recoveries = make_recoveries(door, account_id)
    with transaction(door.engine) as session:
        now = door.clock()
        account = waiting(session, code, now, hold=True)
        session.add(row)
        finish(session, account, recoveries, now)
    return codes
