"""Voting links as mail systems and people leave them, and receipts: the page reads what Python writes."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from playwright.sync_api import Page

from ballot.protocol.credentials import derive_public_credential
from ballot.protocol.group import Ed25519
from ballot.protocol.hashing import Hash
from ballot.record.keys import Role, SigningKey
from ballot.record.receipts import Receipt, check_receipt, sign_receipt
from ballot.record.tokens import Token, sign_token
from ballot.registrar.issuing import voting_link
from tests.support.pdfs import SHAPES, G, make_paper
from tests.support.rewritten_links import GATEWAYS, HIDDEN, PASTED, random_links

PAPER = make_paper("three-answers", *SHAPES["three-answers"])
OTHER = make_paper("another", *SHAPES["three-answers"])
REGISTRAR = SigningKey(Role.REGISTRAR, Ed25519PrivateKey.from_private_bytes(b"r" * 32))
BOARD = SigningKey(Role.BOARD, Ed25519PrivateKey.from_private_bytes(b"b" * 32))
TOKEN = Token(
    "a-merger",
    "00A",
    "A12345",
    derive_public_credential(G, PAPER.election.uuid, PAPER.credential),
    3,
    datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC),
)
SIGNED = sign_token(TOKEN, REGISTRAR)
CODE = f"{SIGNED}.{PAPER.credential}"
LINK = voting_link("https://vote.example.org", "a-merger", "00A", SIGNED, PAPER.credential)
READ = "(fragment) => protocol.readLink(fragment)"


def wrapped(text: str, width: int, by: str) -> str:
    return by.join(text[i : i + width] for i in range(0, len(text), width))


WHOLE = {
    "a fragment": f"#{CODE}",
    "a code": CODE,
    "a link": LINK,
    "a link in angle brackets": f"<{LINK}>",
    "a link in quotes": f"“{LINK}”",
    "a full stop after it": f"{LINK}.",
    "dots re-encoded": f"#{CODE.replace('.', '%2E')}",
    "dots re-encoded in lower case": f"#{CODE.replace('.', '%2e')}",
    "dots re-encoded twice": f"#{CODE.replace('.', '%252E')}",
    "the hash re-encoded": LINK.replace("#", "%23"),
    "hyphens re-encoded": f"#{CODE.replace('-', '%2D')}",
    "lines wrapped": wrapped(CODE, 60, "\n"),
    "lines wrapped by Windows": wrapped(CODE, 76, "\r\n"),
    "lines wrapped by quoted-printable": wrapped(CODE, 75, "=\r\n"),
    "lines of a quoted reply": "> " + wrapped(CODE, 60, "\n> "),
    "spaces around and inside": f"  {CODE[:9]} {CODE[9:]}\t\n",
    "no-break spaces and soft hyphens": f"\u00a0{CODE[:50]}\u00ad{CODE[50:]}\u200b\ufeff",
    "hyphens made typographic": CODE.replace("-", "\u2011"),
    "something after it": f"{CODE}x",
    "another part after it": f"{CODE}.x",
    "a percent sign at the end": f"{CODE}%",
}

BROKEN = {
    "nothing": ("", "missing"),
    "only a hash": ("#", "missing"),
    "only spaces": (" \n", "missing"),
    "a link without its fragment": ("https://vote.example.org/vote/a-merger/00A", "without-code"),
    "a link cut, in another link": (f"https://example.org/?url={LINK[:-30].replace('#', '%23')}&data=1", "cut"),
    "a link with a credential of 24 letters in a sentence": (f"({LINK[:-1]}).", "cut"),
    "two links": (f"{LINK}\n{LINK[:-1]}z", "several"),
    "two tokens of which one is cut": (f"{LINK[:-30]} {LINK[:-40]}", "cut"),
    "a word": ("hello", "not-a-code"),
    "three words": ("one.two.three", "not-a-code"),
    "only a credential": (PAPER.credential, "not-a-code"),
    "the first letters": (CODE[:5], "cut"),
    "half of the token": (CODE[:100], "cut"),
    "the token without its signature": (SIGNED.split(".")[0], "cut"),
    "half of the signature": (SIGNED[:-40], "cut"),
    "no credential": (SIGNED, "cut"),
    "a dot and no credential": (f"{SIGNED}.", "cut"),
    "a credential cut": (CODE[:-1], "cut"),
    "the beginning left out": (CODE[3:], "not-a-code"),
    "a credential with a zero": (CODE[:-1] + "0", "not-a-code"),
    "very long": ("A" * 100_000, "not-a-code"),
    "not written by our writer": (f"eyJwcm9ncmFtbWUiOiAxfQ.{SIGNED.split('.')[1]}.{PAPER.credential}", "cut"),
}


@pytest.mark.parametrize("name", WHOLE)
def test_a_code_is_read_however_it_was_sent(protocol: Page, name: str) -> None:
    found = protocol.evaluate(READ, WHOLE[name])

    assert found == {"token": SIGNED, "credential": PAPER.credential, "names": TOKEN.to_json()}


@pytest.mark.parametrize("name", [*GATEWAYS, *PASTED])
def test_the_code_is_found_in_whatever_a_gateway_or_a_person_made_of_the_link(protocol: Page, name: str) -> None:
    rewrite, links = {**GATEWAYS, **PASTED}[name], list(random_links(name, 30))
    found = protocol.evaluate(
        "(all) => all.map((each) => protocol.readLink(each))", [rewrite(link.url) for link in links]
    )

    assert [(each.get("token"), each.get("credential"), each.get("reason")) for each in found] == [
        (link.token, link.credential, None) for link in links
    ]


@pytest.mark.parametrize("name", HIDDEN)
def test_a_link_that_hides_the_code_is_told_from_a_word_that_is_none(protocol: Page, name: str) -> None:
    assert protocol.evaluate(READ, HIDDEN[name]) == {"reason": "without-code"}


HOSTILE = {
    "beginnings": "eyJwcm9ncmFtbWUiOi",
    "beginnings of beginnings": "eyJ",
    "percent signs": "%25",
    "entities": "&amp;#",
    "stars": "/v3/__*__;Iw!",
    "half of Proofpoint": "/v3/__",
    "http in Base64": "aHR0cHM6Ly92b3RlLmV4YW1wbGUub3Jn",
    "tags": "<b",
    "marks of a reply": "> ",
    "equals and spaces": "=  ",
    "blanks": " ",
    "line breaks": "\n",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_whatever_is_pasted_is_read_in_moments(protocol: Page, name: str) -> None:
    took = """(text) => {
        const began = performance.now();
        return [protocol.readLink(text).reason, performance.now() - began];
    }"""
    reason, milliseconds = protocol.evaluate(took, HOSTILE[name] * 100_000)
    assert reason in ("missing", "cut", "not-a-code", "without-code")
    assert milliseconds < 2_000


def test_a_code_that_cannot_be_read_has_one_word(protocol: Page) -> None:
    codes = [code for code, _ in BROKEN.values()]
    found = protocol.evaluate("(codes) => codes.map((code) => protocol.readLink(code))", codes)

    assert dict(zip(BROKEN, found, strict=True)) == {name: {"reason": word} for name, (_, word) in BROKEN.items()}
    assert (
        protocol.evaluate("() => [protocol.readLink(undefined), protocol.readLink(null)]")
        == [{"reason": "missing"}] * 2
    )


def test_every_beginning_of_a_code_is_cut_and_never_taken_for_whole(protocol: Page) -> None:
    found = protocol.evaluate(
        "(code) => Array.from(code, (_, i) => protocol.readLink(code.slice(0, i + 1)).reason ?? 'whole')", CODE
    )
    assert found == ["cut"] * (len(CODE) - 1) + ["whole"]


def test_the_credential_must_be_the_one_that_the_token_names(protocol: Page) -> None:
    fault = """async ([election, code]) =>
        protocol.linkFault(await protocol.parseElection(election), protocol.readLink(code))"""
    mine, others = PAPER.election.to_bytes().decode(), OTHER.election.to_bytes().decode()

    assert protocol.evaluate(fault, [mine, CODE]) is None
    assert protocol.evaluate(fault, [mine, f"{SIGNED}.{OTHER.credential}"]) == "credential-of-another"
    assert protocol.evaluate(fault, [others, CODE]) == "credential-of-another"


# -- Receipts --------------------------------------------------------------------------------------------------------

RECEIPT = Receipt(
    "a-merger",
    "00A",
    PAPER.election.uuid,
    PAPER.open().tracking_number,
    12,
    Hash("ab" * 32),
    datetime(2020, 5, 20, 10, 0, 7, tzinfo=UTC),
)
CHECK = """
async ([receipt, key, ballot]) => {
  try {
    return await protocol.checkReceipt(receipt, key, ballot);
  } catch (error) {
    return error instanceof protocol.InvalidMessage ? error.reason : String(error.stack);
  }
}
"""


def check(protocol: Page, receipt: str, key: str | None = None, ballot: bytes = PAPER.ballot) -> Any:
    return protocol.evaluate(CHECK, [receipt, key or BOARD.public.raw.hex(), ballot.decode()])


def test_the_page_accepts_the_receipt_that_the_board_signed(protocol: Page) -> None:
    signed = sign_receipt(RECEIPT, BOARD)
    assert check_receipt(signed, BOARD.public) == RECEIPT

    assert check(protocol, signed.decode()) == RECEIPT.to_json()
    assert check(protocol, signed.decode() + "\n") == RECEIPT.to_json()


def test_a_receipt_for_another_ballot_or_by_another_key_is_refused(protocol: Page) -> None:
    signed = sign_receipt(RECEIPT, BOARD).decode()

    assert check(protocol, signed, ballot=OTHER.ballot) == "wrong-receipt"
    assert check(protocol, sign_receipt(RECEIPT, REGISTRAR).decode()) == "public-key"
    assert check(protocol, signed, key=REGISTRAR.public.raw.hex()) == "public-key"


@pytest.mark.parametrize("field", [*RECEIPT.to_json(), "key", "signature"])
def test_no_field_of_a_receipt_can_be_changed(protocol: Page, field: str) -> None:
    value = json.loads(sign_receipt(RECEIPT, BOARD))
    changed = {
        "height": 13,
        "time": "2020-05-20T10:00:08Z",
        "key": Ed25519().one.hex(),
        "signature": value["signature"][:-8] + "AAAAAA==",
        "chain_head": "cd" * 32,
    }.get(field, f"{value[field]}x")
    words = {"key": "element-identity"}

    found = check(protocol, json.dumps({**value, field: changed}, separators=(",", ":")))
    assert found == words.get(field, "signature")


def test_a_receipt_in_another_form_is_refused(protocol: Page) -> None:
    signed = sign_receipt(RECEIPT, BOARD).decode()

    assert check(protocol, signed.replace(":", ": ", 1)) == "not-canonical"
    assert check(protocol, signed.replace('"ccg":"00A",', "")) == "wrong-fields"
    assert check(protocol, "") == "not-json"
    assert check(protocol, signed.replace('"height":12', '"height":"12"')) == "wrong-type"
