"""Where bounces are read: a maildir, an mbox file, or a mailbox by IMAP over TLS. Nothing in it is changed.

A message that was read already is read again; what it says is then known, and changes nothing.
"""

from __future__ import annotations

import imaplib
import mailbox
import ssl
from collections.abc import Iterator
from pathlib import Path

from ballot.mail.bounces import LARGEST
from ballot.mail.errors import NoMailbox

IMAP_TIMEOUT = 60


def maildir_messages(folder: Path) -> Iterator[bytes]:
    """Every message in a maildir, as bytes."""
    if not (folder / "new").is_dir():
        raise NoMailbox(f"{folder} is not a maildir: it has no folder new.")
    box = mailbox.Maildir(folder, create=False)
    try:
        for key in sorted(box.iterkeys()):
            yield box.get_bytes(key)
    finally:
        box.close()


def mbox_messages(file: Path) -> Iterator[bytes]:
    """Every message in an mbox file."""
    if not file.is_file():
        raise NoMailbox(f"{file} is not a file.")
    box = mailbox.mbox(file, create=False)
    try:
        for key in box.iterkeys():
            yield box.get_bytes(key)
    finally:
        box.close()


def imap_messages(host: str, user: str, password: str, folder: str = "INBOX", port: int = 993) -> Iterator[bytes]:
    """Every message in a folder of an IMAP server, over TLS with a checked certificate, without marking any as read."""
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
