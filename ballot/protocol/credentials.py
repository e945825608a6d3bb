"""Credentials: the private one that a voter holds, the key derived from it, and the public one.

Spec: Messages, Credentials. The private credential never leaves the registrar's vault and the voter's browser.
What is *not* done here: storing anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NewType

from ballot.protocol.canonical import Json, array, text, write_json
from ballot.protocol.errors import InvalidElement, InvalidMessage, Reason
from ballot.protocol.group import Element, Group, Rng, check_keeps_secrets, check_key, element_text, parse_element
from ballot.protocol.hashing import sha256_hex
from ballot.protocol.spec import BASE58

PrivateCredential = NewType("PrivateCredential", str)
"""XXXXX-XXXXXX-XXXXX-XXXXXX in Base58: a secret."""

PrivateKey = NewType("PrivateKey", int)
"""An exponent: a secret."""

_FORM = re.compile("-".join(f"[{BASE58}]{{{n}}}" for n in (5, 6, 5, 6)))
_WEIGHT = re.compile(r"0|[1-9][0-9]*")

MAX_WEIGHT_DIGITS: Final = 19
"""Of one weight. The specification sets no limit; a total has at most twelve digits (MAX_TOTAL_WEIGHT)."""


def generate_base58(length: int, rng: Rng) -> str:
    """`length` Base58 characters, uniform: credentials, election uuids, seeds of trustees."""
    return "".join(BASE58[rng(58)] for _ in range(length))


def generate_credential(rng: Rng) -> PrivateCredential:
    """A new private credential: 22 Base58 characters, more than 128 bits."""
    c = generate_base58(22, rng)
    return PrivateCredential(f"{c[:5]}-{c[5:11]}-{c[11:16]}-{c[16:]}")


def check_credential_form(c: str) -> None:
    """Raise InvalidMessage unless `c` has the form of a private credential; the message never shows it."""
    if not _FORM.fullmatch(c):
        raise InvalidMessage(Reason.CREDENTIAL_FORM, "expected XXXXX-XXXXXX-XXXXX-XXXXXX in Base58")


def derive_private_key(G: Group, uuid: str, c: PrivateCredential) -> PrivateKey:
    """secret(c): SHA-256(derive_credential|uuid|i|c) for i = 0 and 1, concatenated, modulo q."""
    check_keeps_secrets(G)
    check_credential_form(c)
    digits = "".join(sha256_hex(f"derive_credential|{uuid}|{i}|{c}".encode()) for i in (0, 1))
    return PrivateKey(int(digits, 16) % G.q)


def derive_public_credential(G: Group, uuid: str, c: PrivateCredential) -> Element:
    """public(c) = g^secret(c)."""
    return G.base_power(derive_private_key(G, uuid, c))


@dataclass(frozen=True, slots=True)
class PublicCredential:
    """One entry of the list L: a public credential and its weight, None where weights are not used."""

    credential: Element
    weight: int | None = None

    def to_text(self) -> str:
        shown = element_text(self.credential)
        return shown if self.weight is None else f"{shown},{self.weight}"

    @classmethod
    def from_text(cls, value: Json) -> PublicCredential:
        shown, comma, weight = text(value).partition(",")
        if not comma:
            return cls(parse_element(shown))
        if not _WEIGHT.fullmatch(weight):
            raise InvalidMessage(Reason.NUMBER_RANGE, "expected a weight: a whole number without leading zero")
        if len(weight) > MAX_WEIGHT_DIGITS:
            detail = f"weights of more than {MAX_WEIGHT_DIGITS} digits are not supported, found one of {len(weight)}"
            raise InvalidMessage(Reason.UNSUPPORTED, detail)
        return cls(parse_element(shown), int(weight))


@dataclass(frozen=True, slots=True)
class PublicCredentials:
    """The list L. `of` sorts it in ascending order of the 32 bytes, which is that of the reversed hexadecimal.

    The reference tool writes this order, but it is no rule: a list in another order is accepted.
    """

    entries: tuple[PublicCredential, ...]

    @property
    def weighted(self) -> bool:
        return any(entry.weight is not None for entry in self.entries)

    def weights(self) -> dict[Element, int]:
        """The weight of each credential: 1 where weights are not used."""
        return {entry.credential: 1 if entry.weight is None else entry.weight for entry in self.entries}

    def to_json(self) -> Json:
        return [entry.to_text() for entry in self.entries]

    def to_bytes(self) -> bytes:
        """The list as the Setup event of an archive names it."""
        return write_json(self.to_json())

    @classmethod
    def from_json(cls, value: Json) -> PublicCredentials:
        return cls(tuple(PublicCredential.from_text(entry) for entry in array(value)))

    @classmethod
    def of(cls, entries: Iterable[PublicCredential]) -> PublicCredentials:
        return cls(tuple(sorted(entries, key=lambda entry: entry.credential)))


def check_public_credentials(G: Group, credentials: PublicCredentials) -> list[InvalidMessage]:
    """Every fault in the list L: entries outside the group, listed twice, with and without weights."""
    faults: list[InvalidMessage] = []
    seen: set[Element] = set()
    for entry in credentials.entries:
        try:
            check_key(G, entry.credential)
        except InvalidElement as fault:
            faults.append(fault)
        if entry.credential in seen:
            faults.append(InvalidMessage(Reason.CREDENTIAL_TWICE, f"{element_text(entry.credential)} is listed twice"))
        seen.add(entry.credential)
    if len({entry.weight is None for entry in credentials.entries}) > 1:
        faults.append(InvalidMessage(Reason.WRONG_SHAPE, "some public credentials have a weight and some have not"))
    return faults
