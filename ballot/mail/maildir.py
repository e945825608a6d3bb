"""The channel for trying out: every message into a folder, one file each, as a mail program would keep it."""

from __future__ import annotations

import mailbox
from pathlib import Path

from ballot.mail.channel import Delivery, Outcome
from ballot.mail.envelope import Envelope, InvalidHeader, to_bytes


class MaildirChannel:
    """A maildir; made when the first message is put in. Whoever can read the folder can vote."""

    attaches = True

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._box: mailbox.Maildir | None = None

    def send(self, envelope: Envelope) -> Delivery:
        """Put the message into the folder."""
        try:
            if self._box is None:
                self._folder.parent.mkdir(parents=True, exist_ok=True)
                self._box = mailbox.Maildir(self._folder, create=True)
                self._folder.chmod(0o700)
            self._box.add(to_bytes(envelope))
        except InvalidHeader as fault:
            return Delivery(Outcome.BOUNCED, str(fault))
        except OSError as error:
            return Delivery(Outcome.DEFERRED, f"the folder cannot be written: {error.strerror}", stop=True)
        return Delivery(Outcome.SENT, "put into the folder")

    def close(self) -> None:
        if self._box is not None:
            self._box.close()
            self._box = None
