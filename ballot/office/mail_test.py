"""Send a message for a look: to whoever asks for it, outside the outbox, with a link that says that it cannot vote."""

from __future__ import annotations

import hashlib
from datetime import datetime

from ballot.mail.channel import Channel, Delivery
from ballot.mail.envelope import Envelope, From
from ballot.mail.kinds import Kind
from ballot.mail.render import Rendered
from ballot.mail.settings import MailSettings
from ballot.record.times import time_text


def send_look(
    channel: Channel,
    settings: MailSettings,
    board: str,
    kind: Kind | None,
    to: str,
    rendered: Rendered,
    now: datetime,
) -> Delivery:
    """What the channel says; the channel is closed afterwards. `board` is the installation's name."""
    host = board.partition(":")[0]
    digest = hashlib.sha256(f"{time_text(now)}\n{to}\n{rendered.text}".encode()).hexdigest()[:32]
    sender = From(settings.name, settings.address, settings.reply_to, settings.return_path)
    try:
        return channel.send(Envelope(kind, to, f"<trial.{digest}@{host}>", now, sender, rendered))
    finally:
        channel.close()
