"""What a practice does with its letter: read the code off the paper, and open what the server keeps."""

from __future__ import annotations

import re

import pypdfium2
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ballot.office.post.letters import LETTER_CODE, letter_keys

NONCE = 12
PRINTED = re.compile(r"\b(?:[0-9A-HJKMNP-TV-Z]{5}-){5}[0-9A-HJKMNP-TV-Z]{2}\b")


def text_of(letter: bytes) -> str:
    """The words of a letter, which has one page."""
    document = pypdfium2.PdfDocument(letter)
    try:
        assert len(document) == 1
        return " ".join(document[0].get_textpage().get_text_range().split())
    finally:
        document.close()


def code_on(letter: bytes) -> str:
    """The code as it is printed."""
    (code,) = PRINTED.findall(text_of(letter))
    return str(code)


def keys_of(printed: str) -> tuple[str, bytes]:
    """The id and the key of a code as it is printed."""
    return letter_keys(printed.replace("-", "")[:LETTER_CODE])


def opened(printed: str, sealed: bytes) -> str:
    """The voting code in a sealed letter."""
    return AESGCM(keys_of(printed)[1]).decrypt(sealed[:NONCE], sealed[NONCE:], None).decode()
