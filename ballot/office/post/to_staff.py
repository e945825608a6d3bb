"""Messages to people of the office: sent at once, one by one. They hold no secret, and are not in the outbox."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime

from ballot.mail.channel import SendOutcome
from ballot.mail.channels import open_channel
from ballot.mail.envelope import LENGTH, Envelope, From, make_message_id
from ballot.mail.messages import OfficeMessage
from ballot.mail.render import render
from ballot.mail.settings import MailSettings


def send_to_staff(
    settings: MailSettings, board: str, addresses: Iterable[str], message: OfficeMessage, now: datetime
) -> list[str]:
    """Send a message to each address. Returns the addresses to which it could not be sent."""
    channel, failed = open_channel(settings, board), []
    rendered = render(message, attaches=channel.attaches)
    try:
        for address in addresses:
            mark = secrets.token_hex(LENGTH // 2)
            sender = From(settings.name, settings.address, settings.reply_to, settings.return_path_of(mark))
            id = make_message_id(message.template, mark, board)
            if channel.send(Envelope(None, address, id, now, sender, rendered)).outcome is not SendOutcome.SENT:
                failed.append(address)
    finally:
        channel.close()
    return failed
