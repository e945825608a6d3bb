"""Where bounces are read: a maildir, an mbox file, one message, or a mailbox by IMAP over TLS. Changes nothing there.

A message that was read before is read again; its report is then known, and changes nothing. Only as many bytes of a
message are read as are needed.
"""

from __future__ import annotations

import imaplib
import mailbox
import re
import ssl
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from ballot.mail.errors import NoMailbox
from ballot.mail.report_limits import LARGEST

IMAP_TIMEOUT = 60
_BETWEEN = re.compile(
    rb"From .{0,400}\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? +(?:[A-Z][a-z]{2} +\d{1,2}|\d{1,2} +[A-Z][a-z]{2}),? +"
    rb"(?:\d{4} +)?\d{1,2}:\d\d.{0,40}\s*$"
)
_HEADER = re.compile(rb"[!-9;-~]{1,100}[ \t]*:")
"""A message begins with an empty line, a sender and a date, and a header. A sentence that begins with "From " has no
date, and no header after it.
"""
_MARKS_OF_ORDER = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


def maildir_messages(folder: Path) -> Iterator[bytes]:
    """Every message in a maildir, as bytes."""
    if not (folder / "new").is_dir():
        raise NoMailbox(f"{folder} is not a maildir: it has no folder new.")
    box = mailbox.Maildir(folder, create=False)
    try:
        for key in sorted(box.iterkeys()):
            with box.get_file(key) as file:
                yield file.read(LARGEST)
    finally:
        box.close()


def one_message(file: Path) -> Iterator[bytes]:
    """One saved message (.eml)."""
    if not file.is_file():
        raise NoMailbox(f"{file} is not a file.")
    with file.open("rb") as stream:
        data = stream.read(LARGEST)
    yield data.removeprefix(_MARKS_OF_ORDER[0])


def mbox_messages(file: Path) -> Iterator[bytes]:
    """Every message in an mbox file. Raises NoMailbox if it is another kind of file."""
    if not file.is_file():
        raise NoMailbox(f"{file} is not a file.")
    with file.open("rb") as stream:
        first = stream.readline(LARGEST)
        while first in (b"\n", b"\r\n"):
            first = stream.readline(LARGEST)
        if first.startswith(_MARKS_OF_ORDER):
            raise NoMailbox(
                f"{file} begins with a byte order mark, as no mbox does: a program saved it as text. Export it again, "
                "or give each message by itself with --message."
            )
        if first and not _BETWEEN.match(first.rstrip(b"\r\n")):
            raise NoMailbox(
                f'{file} is not an mbox: its first line is not "From ", a sender and a date. '
                "If it is a single message, give it with --message."
            )
        if first:
            yield from _split(stream)


def saved_messages(data: bytes, name: str) -> Iterator[bytes]:
    """The messages of a file that a person saved: an mbox, or one message. Raises NoMailbox for anything else."""
    data = data.removeprefix(_MARKS_OF_ORDER[0]).lstrip(b"\r\n")
    first, _, rest = data.partition(b"\n")
    if _BETWEEN.match(first.rstrip(b"\r")):
        yield from _split(BytesIO(rest))
    elif _HEADER.match(first):
        yield data[:LARGEST]
    else:
        raise NoMailbox(f"{name} is not a saved e-mail (.eml) or a mailbox (.mbox).")


def _split(stream: BinaryIO) -> Iterator[bytes]:
    """Split an mbox, whose first line is already read, into messages. Each is cut to the size that is read."""
    parts: list[bytes] = []
    size, after_blank, line = 0, False, stream.readline(LARGEST)
    while line:
        following = stream.readline(LARGEST)
        if after_blank and _BETWEEN.match(line.rstrip(b"\r\n")) and _HEADER.match(following):
            yield b"".join(parts)
            parts, size = [], 0
        elif size < LARGEST:
            parts.append(line)
            size += len(line)
        after_blank, line = line in (b"\n", b"\r\n"), following
    yield b"".join(parts)


def imap_messages(host: str, user: str, password: str, folder: str = "INBOX", port: int = 993) -> Iterator[bytes]:
    """Every message in a folder of an IMAP server, over TLS with a checked certificate. Marks none as read."""
    try:
        with imaplib.IMAP4_SSL(host, port, ssl_context=ssl.create_default_context(), timeout=IMAP_TIMEOUT) as server:
            server.login(user, password)
            status, _ = server.select(_quoted(folder), readonly=True)
            if status != "OK":
                raise NoMailbox(f"{host} has no folder {folder} for {user}.")
            _, found = server.search(None, "ALL")
            for number in (found[0] or b"").split():
                _, parts = server.fetch(number.decode("ascii"), f"(BODY.PEEK[]<0.{LARGEST}>)")
                yield from (part[1] for part in parts if isinstance(part, tuple))
    except imaplib.IMAP4.error:
        raise NoMailbox(f"{host} did not let {user} read the folder {folder}.") from None


def _quoted(folder: str) -> str:
    if not folder.isascii() or not folder.isprintable() or '"' in folder or "\\" in folder:
        raise NoMailbox("The folder's name must be plain text.")
    return f'"{folder}"'
