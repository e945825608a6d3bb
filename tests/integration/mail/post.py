"""The hands of whoever sends mail for a world: queue, send, look."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from email.message import EmailMessage

from ballot.db.outbox import list_messages
from ballot.db.session import reading
from ballot.mail.channel import Channel
from ballot.mail.envelope import MailKey, make_message_id
from ballot.mail.messages import Kind
from ballot.mail.settings import MailSettings, SmtpSettings, Tls
from ballot.mail.smtp import SmtpChannel
from ballot.mail.states import DeliveryState
from ballot.office.post.mail_status import MailStatus, mail_status
from ballot.office.post.mailings import invite, remind
from ballot.office.post.outbox import Audience, Everyone, MessageStatus, OnePractice, Queued, outbox
from ballot.office.post.send import Mailroom, SendRound, send_due
from ballot.office.post.voting_links import VotingLinks
from ballot.registrar.keyring import open_mail_secret
from tests.integration.mail.mail_server import MailServer
from tests.integration.office.world import World

LINK = re.compile(r"https?://[^\s\"'<>]+")
HELP_DESK = "help@vote.example.org"


def settings_for(port: int, rate: int, return_path: str) -> MailSettings:
    smtp = SmtpSettings("127.0.0.1", port, Tls.NONE, None, None, None, 20)
    return MailSettings("ballot@vote.example.org", "The ballot", HELP_DESK, return_path, None, rate, smtp)


def part(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    assert body is not None
    return str(body.get_content())


def links_in(message: EmailMessage, kind: str = "plain") -> list[str]:
    found = LINK.findall(part(message, kind))
    return [link.replace("&#34;", '"').replace("&amp;", "&") for link in found]


@dataclass
class Post:
    """Sends to the server; `locked` while the registrar is."""

    world: World
    server: MailServer
    locked: bool = False
    rate: int = 100_000
    waited: list[timedelta] = field(default_factory=list)
    channel: Channel | None = None
    return_path: str = "bounces@vote.example.org"

    def room(self) -> Mailroom:
        settings = settings_for(self.server.port, self.rate, self.return_path)
        if self.channel is None:
            assert isinstance(settings.channel, SmtpSettings)
            self.channel = SmtpChannel(settings.channel, "vote.example.org")
        links = None if self.locked else VotingLinks(self.world.engine, self.world.registrar, self.world.entries)
        return Mailroom(
            self.world.engine,
            self.world.clock,
            self.channel,
            settings,
            MailKey(open_mail_secret(self.world.keys)),
            "vote.example.org",
            links,
            self._wait,
        )

    def _wait(self, pause: timedelta) -> None:
        self.waited.append(pause)
        self.world.clock.now += pause

    def close(self) -> None:
        if self.channel is not None:
            self.channel.close()

    def invite(self, whom: Audience | str | None = None) -> Queued:
        return invite(self.world.engine, self.world.clock, self.world.id, _whom(whom))

    def remind(self, whom: Audience | str | None = None) -> Queued:
        return remind(self.world.engine, self.world.clock, self.world.id, _whom(whom))

    def send(self) -> SendRound:
        return send_due(self.room())

    def later(self, **how: int) -> None:
        self.world.clock.now += timedelta(**how)

    def rows(self, practice: str | None = None, kind: Kind | None = None) -> list[MessageStatus]:
        found = outbox(self.world.engine, self.world.id, _whom(practice))
        return [row for row in found if kind is None or row.kind is kind]

    def message_id(self, practice: str) -> str:
        """Of the first message about a practice."""
        with reading(self.world.engine) as session:
            rows = [row for row, of in list_messages(session, self.world.id) if of.ods == practice]
        return make_message_id(rows[0].kind, str(rows[0].mark), "vote.example.org")

    def states(self) -> dict[str, DeliveryState | None]:
        return {row.practice: row.state for row in self.rows()}

    def mailed(self) -> Iterator[EmailMessage]:
        for got in self.server.got:
            yield got.message


def status(world: World, sees_who_voted: bool = True) -> MailStatus:
    """The state of a world's e-mails at its time."""
    return mail_status(world.engine, world.id, world.clock(), sees_who_voted=sees_who_voted)


def _whom(whom: Audience | str | None) -> Audience:
    if whom is None:
        return Everyone()
    return OnePractice(whom) if isinstance(whom, str) else whom
