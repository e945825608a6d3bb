"""What a practice does with its letter: read the code off the paper, and open what the server keeps; and vectors."""

from __future__ import annotations

import base64
import re
from hashlib import sha256

import pypdfium2
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from ballot.office.post.letters import LETTER_CODE, letter_keys, new_letter_code, printed, seal_letter

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


def keys_of(shown: str) -> tuple[str, bytes]:
    """The id and the key of a code as it is printed."""
    return letter_keys(shown.replace("-", "")[:LETTER_CODE])


def opened(shown: str, sealed: bytes) -> str:
    """The voting code in a sealed letter."""
    return AESGCM(keys_of(shown)[1]).decrypt(sealed[:NONCE], sealed[NONCE:], None).decode()


def letter_vectors() -> list[dict[str, str]]:
    """Codes with their printed form, id and key, and what is sealed under each; always the same."""
    found = []
    for number in range(8):
        draw = lambda count, number=number: sha256(f"letter {number}".encode()).digest()[:count]  # noqa: E731
        code = new_letter_code(draw)
        id, key = letter_keys(code)
        sealed = base64.b64encode(seal_letter(key, f"a voting code {number}", draw)).decode()
        found.append({"code": code, "printed": printed(code), "id": id, "key": key.hex(), "sealed": sealed})
    return found
