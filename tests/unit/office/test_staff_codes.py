"""Codes that people type, the app's codes, and the rules for a new password."""

from __future__ import annotations

import re
import secrets
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from argon2 import PasswordHasher
from hypothesis import given
from hypothesis import strategies as st

from ballot.office.staff import totp
from ballot.office.staff.codes import (
    enrolment_hash,
    is_recovery_code,
    new_enrolment_code,
    new_recovery_codes,
    read_recovery_code,
    recovery_hash,
    strip_separators,
)
from ballot.office.staff.passwords import Passwords, weakness
from ballot.registrar.errors import KeyRefused
from ballot.registrar.keyring import StorageKey

NOON = datetime(2020, 5, 11, 12, tzinfo=UTC)
SECRET = b"12345678901234567890"
"""That of RFC 6238, appendix B."""


SEPARATORS = [
    *("", " ", "-", " - ", "\n", "\t"),
    *"\u00a0\u202f\u2009\u3000",  # spaces that do not break, are thin, or as wide as a sign
    *"\u2010\u2011\u2012\u2013\u2014\u2212\uff0d\ufe63",  # hyphens, dashes, a minus
    *"\u00ad\u200b\u2060\ufeff",  # what does not show
]


def mangled(code: str, separator: str) -> str:
    """As somebody types it who takes 0 for O and 1 for L."""
    return code.lower().replace("-", separator).replace("0", "o").replace("1", "l")


@given(st.binary(min_size=20, max_size=20), st.sampled_from(SEPARATORS))
def test_an_enrolment_code_is_read_however_it_is_typed(drawn: bytes, separator: str) -> None:
    code = new_enrolment_code(lambda count: drawn[:count])

    assert re.fullmatch(r"([0-9A-HJKMNP-TV-Z]{4}-){4}[0-9A-HJKMNP-TV-Z]{4}", code)
    assert enrolment_hash(mangled(code, separator)) == enrolment_hash(code) is not None


@given(st.text(max_size=300))
def test_any_other_text_is_no_code_and_no_fault(typed: str) -> None:
    letters = strip_separators(typed)
    if len(letters) not in (20, 25):
        assert enrolment_hash(typed) is None
        assert read_recovery_code(typed) is None


def test_recovery_codes_are_ten_in_their_places_and_all_different() -> None:
    codes = new_recovery_codes(secrets.token_bytes)

    read = [read_recovery_code(mangled(code, " ")) for code in codes]
    assert [found and found[0] for found in read] == list(range(10))
    assert len({found and found[1][1:] for found in read}) == 10
    assert read_recovery_code("A" + codes[0][1:]) is None


def test_a_recovery_code_opens_only_its_own_account_and_only_with_this_servers_storage_key() -> None:
    ours, another = StorageKey(bytes(32)), StorageKey(bytes(31) + b"x")
    _, code = read_recovery_code(new_recovery_codes(secrets.token_bytes)[3]) or (0, "")
    kept = recovery_hash(ours, 7, code)

    assert is_recovery_code(ours, kept, 7, code)
    assert not is_recovery_code(ours, kept, 8, code)
    assert not is_recovery_code(another, kept, 7, code)
    assert not is_recovery_code(ours, None, 7, code)
    assert not is_recovery_code(ours, kept, 7, code[:-1] + ("A" if code[-1] != "A" else "B"))


@pytest.mark.parametrize("separator", SEPARATORS, ids=ascii)
def test_a_recovery_code_and_an_app_s_code_are_read_however_they_are_typed(separator: str) -> None:
    code = new_recovery_codes(secrets.token_bytes)[7]
    now = datetime.fromtimestamp(59, UTC)

    assert read_recovery_code(mangled(code, separator)) == read_recovery_code(code) is not None
    for typed in ("287082", "".join(chr(0xFF10 + int(c)) for c in "287082")):  # the second by a keyboard for Japanese
        assert totp.step_of(SECRET, f"{separator}{typed[:3]}{separator}{typed[3:]}{separator}", now, None) == 1


@pytest.mark.parametrize("typed", ["\ud800", "287082" + "\ud800", "2870820", "28708", "x" * 10**6, "287/082"])
def test_what_is_no_app_s_code_is_refused_without_a_fault(typed: str) -> None:
    assert totp.step_of(SECRET, typed.replace("\ud800", "\ud8000"), datetime.fromtimestamp(59, UTC), None) is None


@pytest.mark.parametrize(
    ("second", "code"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (2000000000, "279037")],
)
def test_the_apps_codes_are_those_of_the_standard(second: int, code: str) -> None:
    now = datetime.fromtimestamp(second, UTC)

    assert totp.step_of(SECRET, code, now, None) == second // 30
    assert totp.step_of(SECRET, f"{code[:3]} {code[3:]}", now, None) == second // 30


def test_a_code_half_a_minute_early_or_late_is_taken_but_no_older_one_and_none_twice() -> None:
    app = pyotp.TOTP(totp.typeable(SECRET))
    current = int(NOON.timestamp()) // 30

    def taken(apart: int, last: int | None = None) -> bool:
        return totp.step_of(SECRET, app.at((current + apart) * 30), NOON, last) is not None

    assert [taken(apart) for apart in (-2, -1, 0, 1, 2)] == [False, True, True, True, False]
    assert [taken(apart, last=current) for apart in (-1, 0, 1)] == [False, False, True]


@given(st.text(max_size=40))
def test_what_is_no_code_is_refused_whatever_it_is(typed: str) -> None:
    right = {pyotp.TOTP(totp.typeable(SECRET)).at(NOON + timedelta(seconds=30 * apart)) for apart in (-1, 0, 1)}
    if typed.replace(" ", "") not in right:
        assert totp.step_of(SECRET, typed, NOON, None) is None


def test_the_secret_offered_is_the_same_each_time_and_another_for_another_code_or_key() -> None:
    key, other = StorageKey(b"a" * 32), StorageKey(b"b" * 32)

    assert totp.secret_for(key, "x") == totp.secret_for(key, "x")
    assert len({totp.secret_for(key, "x"), totp.secret_for(key, "y"), totp.secret_for(other, "x")}) == 3


def test_a_key_that_is_derived_is_another_for_each_purpose_and_tells_nothing_of_the_first() -> None:
    key = StorageKey(b"a" * 32)

    assert len({key.derive("one"), key.derive("two"), key.raw}) == 3
    with pytest.raises(KeyRefused):
        StorageKey(key.derive("one")).open(key.seal(b"x"), "it")


@pytest.mark.parametrize(
    ("password", "word"),
    [
        ("short", "12 characters or more"),
        ("x" * 257, "256 characters or fewer"),
        ("abababababab", "5 different"),
        ("my-annabel-2020!", "your name"),
        ("SMITHERSON-2020!", "your name"),
        ("password12345", "easy to guess"),
        ("ReturningOfficer1", "easy to guess"),
        ("qwertyuiop[]12", "easy to guess"),
        ("Lancaster2026", "easy to guess"),
        ("correct horse battery", None),
        ("correct horse battery" * 12, None),
    ],
)
def test_a_new_password_is_long_hard_to_guess_and_not_ones_name(password: str, word: str | None) -> None:
    fault = weakness(password, "annabel@example.org", "Ann Smitherson")

    assert (fault is None) if word is None else (fault is not None and word in fault)


def test_a_password_is_the_same_however_a_keyboard_writes_it() -> None:
    passwords = Passwords(PasswordHasher(1, 8, 1))

    assert passwords.matches(passwords.hash("cafe\u0301 au lait"), "caf\u00e9 au lait")


def test_a_name_that_nobody_has_costs_one_check_too(monkeypatch: pytest.MonkeyPatch) -> None:
    passwords = Passwords(PasswordHasher(1, 8, 1))
    kept = passwords.hash("right")
    checks = []
    verify = PasswordHasher.verify
    monkeypatch.setattr(PasswordHasher, "verify", lambda *given: checks.append(1) or verify(*given))

    assert [passwords.matches(*given) for given in ((kept, "right"), (kept, "wrong"), (None, "nobody has this"))] == [
        True,
        False,
        False,
    ]
    assert len(checks) == 3
