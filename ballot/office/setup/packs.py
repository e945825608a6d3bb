"""The documents of the voting pack: which files are accepted, what scans them, and how preparing finds them again.

A file is one of four formats, by its name and by its content. Nothing in it is run, unpacked or shown. The scanner is a
command of the operator's; it gets the file on standard input and refuses it with any exit status but 0.
"""

from __future__ import annotations

import io
import subprocess
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from ballot.constitution.programme import DOCUMENT_MAX, DocumentFormat, Programme, VotingPack
from ballot.office.errors import Refusal, Refused
from ballot.office.setup.draft import PACKS
from ballot.protocol.hashing import sha256_hex

SCAN_SECONDS = 60
MANY = 2000
"""More files than a document of words has inside."""
FORMAT_WORDS = {
    DocumentFormat.PDF: "PDF",
    DocumentFormat.WORD: "Word document",
    DocumentFormat.OPEN_DOCUMENT: "OpenDocument text",
    DocumentFormat.TEXT: "plain text",
}
_ODT = b"application/vnd.oasis.opendocument.text"
_EXPECTED = "Choose a PDF, a Word document (.docx), an OpenDocument text (.odt) or plain text (.txt)"


def format_of(filename: str, data: bytes) -> DocumentFormat:
    """The format of a document. Raises Refused unless its name and its content agree on one that is allowed."""
    if not 0 < len(data) <= DOCUMENT_MAX:
        raise Refused(Refusal.DOCUMENT_UNFIT, f"Choose a file of 1 byte to {DOCUMENT_MAX // 2**20} MB")
    _, dot, extension = filename.lower().rpartition(".")
    named = next((each for each in DocumentFormat if dot and each.value == extension), None)
    if named is None:
        raise Refused(Refusal.DOCUMENT_UNFIT, _EXPECTED)
    if not _LOOKS[named](data):
        raise Refused(Refusal.DOCUMENT_UNFIT, f"The file is called .{extension}, but its content is something else")
    return named


def _is_pdf(data: bytes) -> bool:
    return data.startswith(b"%PDF-")


def _is_text(data: bytes) -> bool:
    """Whether this is text in UTF-8, without control characters."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return not text.startswith("%PDF-") and all(c.isprintable() or c in "\t\n\r\f\ufeff\u00a0" for c in text)


def _is_word(data: bytes) -> bool:
    """Whether this is a Word document without macros."""
    names = _names(data)
    return {"[Content_Types].xml", "word/document.xml"} <= names and not any("vbaProject" in name for name in names)


def _is_open_document(data: bytes) -> bool:
    """Whether this is an OpenDocument text, whose first member says so unpacked, without macros."""
    names = _names(data)
    said = data[30:38] == b"mimetype" and data[38:].startswith(_ODT) and data[38 + len(_ODT) :][:2] == b"PK"
    return said and "content.xml" in names and not any(name.startswith(("Basic/", "Scripts/")) for name in names)


def _names(data: bytes) -> set[str]:
    """The names in a .zip, from its directory alone; empty if it is none."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            names = packed.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError, OSError):
        return set()
    return set(names) if data.startswith(b"PK") and len(names) <= MANY else set()


_LOOKS = {
    DocumentFormat.PDF: _is_pdf,
    DocumentFormat.WORD: _is_word,
    DocumentFormat.OPEN_DOCUMENT: _is_open_document,
    DocumentFormat.TEXT: _is_text,
}


def scan(command: Sequence[str], data: bytes) -> None:
    """Have the operator's scanner read the file. Raises Refused unless it ends with status 0. No command: no scan."""
    if not command:
        return
    try:
        done = subprocess.run(  # noqa: S603  (the operator's own command, without a shell)
            list(command), input=data, capture_output=True, timeout=SCAN_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        sentence = "The virus scanner could not be run. Ask the person who runs the server"
        raise Refused(Refusal.DOCUMENT_UNFIT, sentence) from None
    if done.returncode != 0:
        raise Refused(Refusal.DOCUMENT_UNFIT, "The virus scanner refused this file. Do not open it")


def find_documents(programme: Programme, folder: Path) -> Iterator[tuple[VotingPack, bytes]]:
    """The documents that the voting page gives out, from packs/. Raises Refused if one is not as the programme says."""
    found = {str(sha256_hex(path.read_bytes())): path for path in sorted((folder / PACKS).glob("*")) if path.is_file()}
    for pack in programme.voting_packs:
        if not pack.is_served:
            continue
        path = found.get(pack.sha256)
        if path is None:
            raise Refused(Refusal.FILES_DIFFER, f'No file in {PACKS}/ has the SHA-256 of "{pack.name}".')
        data = path.read_bytes()
        if len(data) != pack.size:
            raise Refused(Refusal.FILES_DIFFER, f'"{pack.name}" has {len(data)} bytes, the programme says {pack.size}.')
        if format_of(path.name, data) is not pack.format:
            raise Refused(Refusal.FILES_DIFFER, f'"{pack.name}" is not of the format that the programme says.')
        yield pack, data


def say_size(size: int) -> str:
    """A size for people: `340 kB`, `1.2 MB`."""
    return f"{max(1, round(size / 1000)):,} kB" if size < 1_000_000 else f"{size / 1_000_000:.1f} MB"


def say_document(pack: VotingPack) -> str:
    """Format and size of a document that the voting page gives out: `PDF, 1.2 MB`."""
    assert pack.format is not None
    assert pack.size is not None
    return f"{FORMAT_WORDS[pack.format]}, {say_size(pack.size)}"
