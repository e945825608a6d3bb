"""`ballot mail preview` and `ballot mail test`: what a message looks like, and whether mail gets through."""

from __future__ import annotations

import argparse
import secrets

from ballot.cli.refusals import Unacceptable
from ballot.cli.say import say
from ballot.cli.surroundings import Surroundings, clock
from ballot.mail.addresses import ascii_address
from ballot.mail.channel import Outcome
from ballot.mail.channels import open_channel
from ballot.mail.kinds import Kind
from ballot.mail.marks import LENGTH
from ballot.mail.messages import Sender, Trial
from ballot.mail.render import Rendered, render
from ballot.mail.settings import MailSettings
from ballot.office.draft import Draft, draft_ids
from ballot.office.mail_test import send_look
from ballot.office.preflight import note_mail_test
from ballot.office.preview import preview
from ballot.record.times import whole_second


def mail_settings(here: Surroundings) -> MailSettings:
    """How mail is sent; raises Unacceptable where the settings do not say."""
    if here.config.mail is None:
        raise Unacceptable("The settings have no table [mail]: how e-mail is sent must be written there.")
    return here.config.mail


def links_base(here: Surroundings, settings: MailSettings) -> str:
    """What voting links begin with."""
    return settings.links or f"https://{here.config.board}"


def preview_message(here: Surroundings, options: argparse.Namespace) -> None:
    """Print the message, or send it to whoever wants to see it."""
    settings = mail_settings(here)
    id, base = here.programme(options.programme), links_base(here, settings)
    kind = Kind(options.kind)
    attaches = open_channel(settings, here.config.board).attaches
    rendered = render(preview(here.engine, clock, id, options.practice, kind, base, settings.reply_to), attaches)
    if options.to is not None:
        _send(here, settings, kind, options.to, rendered)
        if kind is Kind.INVITATION and id in draft_ids(here.config.programmes):
            note_mail_test(Draft(here.config.programmes / id), options.practice, whole_second(clock()))
        return
    say(f"Subject: {rendered.subject}")
    say()
    for line in rendered.text.splitlines():
        say(line)


def send_test(here: Surroundings, options: argparse.Namespace) -> None:
    """Send a message that asks for nothing."""
    settings = mail_settings(here)
    sender = Sender("", "", settings.reply_to)
    _send(here, settings, None, options.to, render(Trial(sender, here.config.board, whole_second(clock()))))


def _send(here: Surroundings, settings: MailSettings, kind: Kind | None, to: str, rendered: Rendered) -> None:
    try:
        ascii_address(to)
    except ValueError:
        raise Unacceptable("--to needs one e-mail address.") from None
    channel, now = open_channel(settings, here.config.board), whole_second(clock())
    delivery = send_look(channel, settings, here.config.board, secrets.token_hex(LENGTH // 2), kind, to, rendered, now)
    if delivery.outcome is not Outcome.SENT:
        raise Unacceptable(f"The message was {delivery.outcome.value.value}: {delivery.answer}.")
    say(f"The message to {to} was {delivery.answer}.")
