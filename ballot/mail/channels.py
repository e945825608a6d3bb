"""Make the channel that the settings name."""

from __future__ import annotations

from ballot.mail.channel import Channel, MaildirChannel
from ballot.mail.settings import MaildirSettings, MailSettings, NotifySettings, SmtpSettings
from ballot.mail.smtp import SmtpChannel


def open_channel(settings: MailSettings, board: str) -> Channel:
    """Make the channel. It connects at the first message. Raises ModuleNotFoundError if Notify's client is missing."""
    match settings.channel:
        case SmtpSettings():
            return SmtpChannel(settings.channel, board.partition(":")[0])
        case MaildirSettings():
            return MaildirChannel(settings.channel.folder)
        case NotifySettings():
            from ballot.mail.notify import NotifyChannel

            return NotifyChannel(settings.channel)
