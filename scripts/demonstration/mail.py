"""E-mail without a mail server: invitations and receipts, as practices would get them, in a folder."""

from __future__ import annotations

from ballot.mail.channels import open_channel
from ballot.mail.envelope import MailKey
from ballot.mail.settings import MaildirSettings, MailSettings
from ballot.mail.states import DeliveryState
from ballot.office.post.mailings import invite
from ballot.office.post.outbox import Everyone
from ballot.office.post.send import Mailroom, send_due
from ballot.registrar import keyring
from scripts.demonstration.rehearsal import Rehearsal

SENDER, HELP_DESK = "ballot@vote.example.org", "help@vote.example.org"


def post_round(here: Rehearsal) -> int:
    """Invite practices that have no invitation yet, send all due mail, and return its number. Raises Refused."""
    desk = here.desk
    invite(desk.engine, desk.clock, here.id, Everyone())
    channel = MaildirSettings(here.mail)
    settings = MailSettings(SENDER, "The ballot", HELP_DESK, SENDER, f"http://{here.address}", 100_000, channel)
    opened = open_channel(settings, here.address)
    links = here.voting_links()
    key = MailKey(keyring.open_mail_secret(here.instance / "keys"))
    room = Mailroom(desk.engine, desk.clock, opened, settings, key, here.address, links, lambda _: None)
    try:
        done = send_due(room)
    finally:
        opened.close()
    return done.states[DeliveryState.SENT]
