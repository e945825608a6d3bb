"""Send a message for a look: to whoever asks for it, outside the outbox, with a link that says that it cannot vote."""

from __future__ import annotations

from datetime import datetime

from ballot.mail.channel import Channel, Delivery
from ballot.mail.envelope import Envelope, From
from ballot.mail.kinds import Kind
from ballot.mail.marks import make_message_id
from ballot.mail.render import Rendered
from ballot.mail.settings import MailSettings


def send_look(
    channel: Channel,
    settings: MailSettings,
    board: str,
    mark: str,
    kind: Kind | None,
    to: str,
    rendered: Rendered,
    now: datetime,
) -> Delivery:
    """What the channel says; the channel is closed afterwards.

    `board` is the installation's name. `mark` was drawn for this message: what is heard of it later is about none in
    the outbox, and is shown to a person.
    """
    sender = From(settings.name, settings.address, settings.reply_to, settings.return_path_of(mark))
    try:
        return channel.send(Envelope(kind, to, make_message_id("trial", mark, board), now, sender, rendered))
    finally:
        channel.close()
