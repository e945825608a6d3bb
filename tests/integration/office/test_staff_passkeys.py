"""Passkeys on both databases: valid once, for one purpose and one account; every altered one is refused."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from argon2 import PasswordHasher
from sqlalchemy import Engine

from ballot.db.session import reading, transaction
from ballot.db.sessions import ChallengeRow
from ballot.db.staff import AccountRow, find_account
from ballot.office.errors import Refusal, Refused
from ballot.office.staff.accounts import add_account, disable_account, reset_account
from ballot.office.staff.own import add_passkey, ask_for_passkey, own_proofs, remove_passkey, renew_recovery_codes
from ballot.office.staff.passkeys import (
    PasskeyPurpose,
    RelyingParty,
    ask_to_enrol,
    ask_to_sign,
    enrol_with_passkey,
    prove_with_passkey,
    sign_in_with_passkey,
)
from ballot.office.staff.passwords import Passwords
from ballot.office.staff.roles import StaffRole
from ballot.office.staff.sessions import Door, Staff, find_staff
from ballot.office.staff.sign_in import recover
from ballot.registrar.keyring import StorageKey
from tests.support.databases import ON_ONE
from tests.web.authenticator import BACKED_UP, ELIGIBLE, ORIGIN, PRESENT, VERIFIED, Authenticator

PLACE = RelyingParty("vote.example.org", ORIGIN)
START = datetime(2020, 5, 11, 12, tzinfo=UTC)


class Hand:
    """A clock that is put on by hand."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Hand:
    return Hand()


@pytest.fixture
def door(engine: Engine, clock: Hand) -> Door:
    return Door(engine, clock, secrets.token_bytes, StorageKey(b"k" * 32), Passwords(PasswordHasher(1, 8, 1)))


SYNCED = PRESENT | VERIFIED | ELIGIBLE | BACKED_UP


def enrol(
    door: Door, login: str, id: bytes, flags: int = PRESENT | VERIFIED, count: int = 0
) -> tuple[Authenticator, list[str]]:
    code = add_account(door, login, "Somebody", StaffRole.DEPUTY)
    passkey = Authenticator(id, flags=flags, count=count)
    codes = enrol_with_passkey(door, PLACE, code, passkey.make(ask_to_enrol(door, PLACE, code)))
    with reading(door.engine) as session:
        account = find_account(session, login)
        assert account is not None
        passkey.handle = account.handle
    return passkey, codes


@pytest.fixture
def ann(door: Door) -> Authenticator:
    return enrol(door, "ann@example.org", b"the passkey of Ann")[0]


def sign_in(door: Door, passkey: Authenticator) -> Staff:
    id = sign_in_with_passkey(door, PLACE, passkey.sign(ask_to_sign(door, PLACE, PasskeyPurpose.SIGN_IN)))
    staff = find_staff(door, id)
    assert staff is not None
    return staff


def refused(act: Callable[[], object]) -> bool:
    """Whether it was refused in the one word that there is for it."""
    with pytest.raises(Refused) as refusal:
        act()
    return refusal.value.reason is Refusal.SIGN_IN_FAILED


def test_a_passkey_signs_its_own_account_in(door: Door, ann: Authenticator) -> None:
    bea, _ = enrol(door, "bea@example.org", b"the passkey of Bea")

    assert [sign_in(door, passkey).login for passkey in (ann, bea)] == ["ann@example.org", "bea@example.org"]


SPOILED = {
    "another site's page": lambda passkey: replace(passkey, origin="https://vote.example.org.evil.example"),
    "plain HTTP": lambda passkey: replace(passkey, origin="http://vote.example.org"),
    "another host": lambda passkey: replace(passkey, host="evil.example"),
    "the person was not checked": lambda passkey: replace(passkey, flags=PRESENT),
    "another key": lambda passkey: replace(passkey, key=Authenticator().key),
    "a passkey that nobody has": lambda passkey: replace(passkey, id=b"nobody's"),
    "another's handle": lambda passkey: replace(passkey, handle=b"x" * 32),
}


@ON_ONE
@pytest.mark.parametrize("how", SPOILED)
def test_a_spoiled_answer_lets_nobody_in(door: Door, ann: Authenticator, how: str) -> None:
    spoiled = SPOILED[how](ann)

    assert refused(lambda: sign_in(door, spoiled))
    assert sign_in(door, ann)


@ON_ONE
@pytest.mark.parametrize("how", ["another site's page", "plain HTTP", "another host", "the person was not checked"])
def test_a_spoiled_passkey_is_not_enrolled(door: Door, how: str) -> None:
    code = add_account(door, "ann@example.org", "Ann", StaffRole.DEPUTY)
    asked = ask_to_enrol(door, PLACE, code)

    assert refused(lambda: enrol_with_passkey(door, PLACE, code, SPOILED[how](Authenticator()).make(asked)))
    assert enrol_with_passkey(door, PLACE, code, Authenticator().make(ask_to_enrol(door, PLACE, code)))


def test_an_answer_is_taken_once_right_or_wrong(door: Door, ann: Authenticator) -> None:
    asked = ask_to_sign(door, PLACE, PasskeyPurpose.SIGN_IN)
    answer = ann.sign(asked)
    assert sign_in_with_passkey(door, PLACE, answer)
    assert refused(lambda: sign_in_with_passkey(door, PLACE, answer))

    asked = ask_to_sign(door, PLACE, PasskeyPurpose.SIGN_IN)
    assert refused(lambda: sign_in_with_passkey(door, PLACE, replace(ann, flags=PRESENT).sign(asked)))
    assert refused(lambda: sign_in_with_passkey(door, PLACE, ann.sign(asked)))


def test_a_challenge_is_good_for_five_minutes(door: Door, clock: Hand, ann: Authenticator) -> None:
    asked = ask_to_sign(door, PLACE, PasskeyPurpose.SIGN_IN)
    clock.now += timedelta(minutes=5)
    assert refused(lambda: sign_in_with_passkey(door, PLACE, ann.sign(asked)))

    ask_to_sign(door, PLACE, PasskeyPurpose.SIGN_IN)
    with reading(door.engine) as session:
        assert session.query(ChallengeRow).count() == 1


def test_an_answer_to_another_question_is_none_to_this_one(door: Door, ann: Authenticator) -> None:
    staff = sign_in(door, ann)
    bea, _ = enrol(door, "bea@example.org", b"the passkey of Bea")
    other = sign_in(door, bea)

    assert refused(lambda: sign_in_with_passkey(door, PLACE, ann.sign(ask_to_sign(door, PLACE, PasskeyPurpose.PROVE))))
    at_the_door = ask_to_sign(door, PLACE, PasskeyPurpose.SIGN_IN)
    assert refused(lambda: prove_with_passkey(door, PLACE, staff, ann.sign(at_the_door)))
    of_bea = ask_to_sign(door, PLACE, PasskeyPurpose.PROVE, other.id)
    assert refused(lambda: prove_with_passkey(door, PLACE, staff, ann.sign(of_bea)))
    of_ann = ask_to_sign(door, PLACE, PasskeyPurpose.PROVE, staff.id)
    assert refused(lambda: prove_with_passkey(door, PLACE, staff, bea.sign(of_ann)))


def test_proving_it_again_is_noted(door: Door, clock: Hand, ann: Authenticator) -> None:
    id = sign_in_with_passkey(door, PLACE, ann.sign(ask_to_sign(door, PLACE, PasskeyPurpose.SIGN_IN)))
    staff = find_staff(door, id)
    assert staff is not None
    clock.now += timedelta(minutes=10)

    renewed = prove_with_passkey(door, PLACE, staff, ann.sign(ask_to_sign(door, PLACE, PasskeyPurpose.PROVE, staff.id)))

    now = find_staff(door, renewed)
    assert (staff.proved_at, now and now.proved_at) == (START, clock.now)
    assert find_staff(door, id) is None


def test_a_copy_whose_count_stands_still_is_refused(door: Door, ann: Authenticator) -> None:
    sign_in(door, ann)
    copied = replace(ann, count=ann.count - 1)

    assert refused(lambda: sign_in(door, copied))


@pytest.mark.parametrize("count", [-1, 0, 1, 6], ids=["zero", "one", "two", "the same again"])
def test_a_synced_passkey_whose_count_falls_signs_in_and_the_log_says_so(
    door: Door, caplog: pytest.LogCaptureFixture, count: int
) -> None:
    telephone, _ = enrol(door, "ann@example.org", b"the passkey of Ann", SYNCED, count=6)
    sign_in(door, telephone)
    laptop = replace(telephone, count=count)

    with caplog.at_level("WARNING", "ballot.staff"):
        assert sign_in(door, laptop).login == "ann@example.org"

    (line,) = [record.getMessage() for record in caplog.records if record.name == "ballot.staff"]
    assert line.endswith(f"the count of a synced passkey did not rise: it was 7 and is {count + 1}")
    assert "ann@example.org" not in line
    assert sign_in(door, telephone)
    assert sign_in(door, laptop)


def test_a_synced_passkey_proves_it_again_whatever_its_count(door: Door) -> None:
    ann, _ = enrol(door, "ann@example.org", b"the passkey of Ann", SYNCED, count=6)
    staff = sign_in(door, ann)
    other = replace(ann, count=1)

    assert prove_with_passkey(door, PLACE, staff, other.sign(ask_to_sign(door, PLACE, PasskeyPurpose.PROVE, staff.id)))


@ON_ONE
@pytest.mark.parametrize(
    ("made", "signed"),
    [
        pytest.param(PRESENT | VERIFIED, PRESENT | VERIFIED, id="bound to its device"),
        pytest.param(SYNCED, PRESENT | VERIFIED | ELIGIBLE, id="could be synced, and is not"),
        pytest.param(PRESENT | VERIFIED, SYNCED, id="a copy of a device-bound one that claims to be synced"),
    ],
)
def test_a_passkey_that_is_on_one_device_only_is_refused_when_its_count_falls(
    door: Door, made: int, signed: int
) -> None:
    ann, _ = enrol(door, "ann@example.org", b"the passkey of Ann", made, count=6)
    sign_in(door, ann)

    assert refused(lambda: sign_in(door, replace(ann, count=2, flags=signed)))
    assert sign_in(door, ann)


@pytest.mark.parametrize("act", [disable_account, reset_account])
def test_the_passkey_of_an_account_that_was_disabled_or_reset_opens_nothing(
    door: Door, ann: Authenticator, act: Callable[[Door, str], object]
) -> None:
    asked = ask_to_sign(door, PLACE, PasskeyPurpose.SIGN_IN)
    act(door, "ann@example.org")

    assert refused(lambda: sign_in_with_passkey(door, PLACE, ann.sign(asked)))


def test_whoever_was_disabled_adds_nothing_with_a_request_that_was_under_way(door: Door, ann: Authenticator) -> None:
    staff = sign_in(door, ann)
    made = Authenticator(b"a second one").make(ask_for_passkey(door, PLACE, staff))
    with transaction(door.engine) as session:
        session.get_one(AccountRow, staff.id).disabled_at = START

    assert refused(lambda: add_passkey(door, PLACE, staff, made))
    assert refused(lambda: renew_recovery_codes(door, staff))
    assert refused(lambda: sign_in(door, ann))


def test_whoever_has_passkeys_only_recovers_with_a_code_alone(door: Door) -> None:
    _, codes = enrol(door, "ann@example.org", b"the passkey of Ann")

    assert refused(lambda: recover(door, "ann@example.org", "a password", codes[0]))
    assert recover(door, "ann@example.org", "", codes[0])
    with pytest.raises(Refused) as used:
        recover(door, "ann@example.org", "", codes[0])
    assert used.value.reason is Refusal.CODE_USED


def test_a_passkey_of_somebody_is_not_added_to_another(door: Door, ann: Authenticator) -> None:
    bea, _ = enrol(door, "bea@example.org", b"the passkey of Bea")
    staff = sign_in(door, bea)

    assert refused(lambda: add_passkey(door, PLACE, staff, ann.make(ask_for_passkey(door, PLACE, staff))))
    add_passkey(door, PLACE, staff, Authenticator(b"a second one").make(ask_for_passkey(door, PLACE, staff)))
    _, passkeys, _ = own_proofs(door, staff)
    assert len(passkeys) == 2


def test_nobody_removes_anothers_passkey_nor_their_own_last_one(door: Door, ann: Authenticator) -> None:
    bea, _ = enrol(door, "bea@example.org", b"the passkey of Bea")
    (of_ann,) = own_proofs(door, sign_in(door, ann))[1]
    staff = sign_in(door, bea)

    with pytest.raises(Refused, match="no such passkey"):
        remove_passkey(door, staff, of_ann.id)
    with pytest.raises(Refused, match="no other way to sign in"):
        remove_passkey(door, staff, own_proofs(door, staff)[1][0].id)


HOSTILE = [
    "",
    "null",
    "[]",
    "{}",
    "[" * 60_000,
    "x" * 70_000,
    '{"id": 1}',
    json.dumps({"id": "AA", "rawId": "AA", "type": "public-key", "response": {}}),
    json.dumps({"id": "!", "rawId": "!", "type": "x", "response": {"clientDataJSON": "!"}}),
    json.dumps(
        {
            "id": "AA",
            "rawId": "AA",
            "type": "public-key",
            "response": {
                "clientDataJSON": "W10",
                "attestationObject": "n78",
                "authenticatorData": "AA",
                "signature": "AA",
            },
        }
    ),
    "\ud800",
]


@ON_ONE
@pytest.mark.parametrize("answer", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_answer_is_refused_like_any_other(door: Door, ann: Authenticator, answer: str) -> None:
    staff = sign_in(door, ann)
    code = add_account(door, "bea@example.org", "Bea", StaffRole.DEPUTY)

    assert refused(lambda: sign_in_with_passkey(door, PLACE, answer))
    assert refused(lambda: prove_with_passkey(door, PLACE, staff, answer))
    assert refused(lambda: add_passkey(door, PLACE, staff, answer))
    assert refused(lambda: enrol_with_passkey(door, PLACE, code, answer))
