"""Receipts as PDF and QR code: the signed bytes are attached, always the same, and no practice is named."""

from __future__ import annotations

import io
import json
import re
import zlib

import pytest
from flask.testing import FlaskClient
from pypdf import PdfReader

from ballot.protocol.hashing import sha256_hex
from ballot.web.booth.receipts import check_address
from tests.integration.office.world import World
from tests.web.addresses import CCG, receipt_of
from tests.web.test_web_routes import check_refusal


@pytest.fixture
def address(voted: World) -> str:
    """Where the receipt of a ballot is."""
    link = voted.links()[2]
    body = voted.ballot(link)
    assert voted.cast(link, body).status == 200
    return receipt_of(body)


def parts_of(pdf: bytes) -> list[bytes]:
    """Every stream of the file, unpacked."""
    found = []
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        try:
            found.append(zlib.decompress(stream))
        except zlib.error:
            found.append(stream)
    return found


def test_the_pdf_has_the_signed_receipt_attached_byte_for_byte(client: FlaskClient, address: str) -> None:
    pdf, receipt = client.get(f"{address}.pdf"), client.get(address).data

    assert (pdf.status_code, pdf.mimetype) == (200, "application/pdf")
    assert receipt in parts_of(pdf.data)
    assert 'filename="receipt-00A-3.pdf"' in pdf.headers["Content-Disposition"]


def test_the_same_receipt_makes_the_same_pdf_and_names_no_practice(
    voted: World, client: FlaskClient, address: str
) -> None:
    pdf = client.get(f"{address}.pdf").data
    shown = "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)

    assert client.get(f"{address}.pdf").data == pdf
    assert voted.links()[2].practice not in shown
    assert "REHEARSAL" in shown


def test_the_qr_code_is_a_picture_without_script_or_style(client: FlaskClient, address: str) -> None:
    svg = client.get(f"{address}.svg")

    assert (svg.status_code, svg.mimetype) == (200, "image/svg+xml")
    assert not re.search(rb"<script|style=|on[a-z]+=|href=", svg.data)


def test_the_address_in_the_code_is_the_boards_own() -> None:
    assert check_address("vote.example.org", "/x") == "https://vote.example.org/x"
    assert check_address("127.0.0.1:8000", "/x") == "http://127.0.0.1:8000/x"


@pytest.mark.parametrize("end", [".pdf", ".svg", ""])
@pytest.mark.parametrize("payload", [sha256_hex(b"no ballot"), "x", "A" * 64, "0" * 63])
def test_what_was_never_accepted_has_no_receipt(client: FlaskClient, payload: str, end: str) -> None:
    check_refusal(client.get(f"{CCG}/receipts/{payload}{end}"), 404, "not-found")


def test_the_receipt_in_the_pdf_is_one_that_parses(client: FlaskClient, address: str) -> None:
    attached = [part for part in parts_of(client.get(f"{address}.pdf").data) if part.startswith(b'{"programme"')]

    assert [json.loads(part)["height"] for part in attached] == [3]
