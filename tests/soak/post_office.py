"""The mail server, a separate process: .venv/bin/python -m tests.soak.post_office PORT JOURNAL MOOD

It is a real SMTP server (aiosmtpd). An accepted message is in its journal, on disk, before the answer, and so is the
answer. The word in the file MOOD, read at every step, sets its behaviour. `STEP` is connect, EHLO, MAIL, RCPT, DATA
(before the message) or dot (after the message, when the server has it, before the answer):

well        correct
hang STEP   says nothing from this step on
drop STEP   ends the connection at this step
busy STEP   answers 451
away STEP   answers 421 and ends the connection
drip        answers one byte at a time, always slowly
"""

from __future__ import annotations

import asyncio
import json
import sys
from email import message_from_bytes
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.soak.evidence import Journal

HANGS = 3600
DRIP = 0.3
"""Seconds between two bytes."""
WELL = "well"


class Office:
    """What happens at each step."""

    def __init__(self, journal: Journal, mood: Path) -> None:
        self._journal, self._mood = journal, mood

    async def step(self, server: SMTP, step: str) -> str | None:
        """The answer that the mood gives at this step, or None to go on."""
        how, _, where = self._mood.read_text().partition(" ")
        if how == "drip" and step != "connect":
            for byte in b"250-" + b"x" * 1000:
                _transport(server).write(bytes([byte]))
                await asyncio.sleep(DRIP)
        if where != step:
            return None
        if how == "hang":
            await asyncio.sleep(HANGS)
        if how in ("drop", "away"):
            if how == "away" and step != "connect":
                await server.push("421 Service not available")
            _transport(server).close()
            raise ConnectionResetError
        return "451 Busy, try again later" if how == "busy" else None

    async def handle_EHLO(self, server: SMTP, session: Session, envelope: Envelope, host: str, answers: Any) -> Any:
        session.host_name = host
        said = await self.step(server, "EHLO")
        return [said] if said else answers

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if said := await self.step(server, "MAIL"):
            return said
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if said := await self.step(server, "RCPT"):
            return said
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        id, about = read_message(content)
        self._journal.write(took=id, to=envelope.rcpt_tos[0], **about)
        if said := await self.step(server, "dot"):
            return said
        self._journal.write(synced=False, answered=id)
        return "250 OK"


class Conversation(SMTP):
    """One connection: the two steps without a handler."""

    async def _handle_client(self) -> None:
        try:
            if said := await self.event_handler.step(self, "connect"):
                await self.push(said)
            await super()._handle_client()
        except ConnectionResetError:
            _transport(self).close()

    async def smtp_DATA(self, arg: str) -> None:
        if said := await self.event_handler.step(self, "DATA"):
            await self.push(said)
            return
        await super().smtp_DATA(arg)


def _transport(server: SMTP) -> asyncio.Transport:
    """The connection's transport; there is none before it is made and after it is lost."""
    if not isinstance(server.transport, asyncio.Transport):
        raise ConnectionResetError
    return server.transport


def read_message(content: bytes) -> tuple[str, dict[str, Any]]:
    """The Message-ID, and for a receipt the tracking number of its ballot."""
    message = message_from_bytes(content)
    about: dict[str, Any] = {}
    for part in message.walk():
        if part.get_content_type() == "application/json":
            attached = part.get_payload(decode=True)
            assert isinstance(attached, bytes)
            about["tracking_number"] = str(json.loads(attached)["tracking_number"])
    return str(message["Message-ID"]), about


async def serve(port: int, journal: Path, mood: Path) -> None:
    """Serve until killed."""
    office = Office(Journal(journal), mood)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Conversation(office, timeout=HANGS), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3])))
