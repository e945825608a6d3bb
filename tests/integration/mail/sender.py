"""Sends what is due, by SMTP, with the registrar unlocked, until it is killed. Run by test_send_killed."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

from ballot.db.engine import connect
from ballot.mail.envelope import MailKey
from ballot.mail.settings import MailSettings, SmtpSettings, Tls
from ballot.mail.smtp import SmtpChannel
from ballot.office.post.send import Mailroom, send_due
from ballot.office.post.voting_links import VotingLinks
from ballot.record.keys import Role
from ballot.registrar.keyring import open_mail_secret, open_signing_key, open_vault_key
from ballot.registrar.vault import open_vault


def main(url: str, keys: Path, vault: Path, port: int, now: datetime) -> None:
    engine = connect(url)
    smtp = SmtpSettings("127.0.0.1", port, Tls.NONE, None, None, None, 20)
    settings = MailSettings("a@example.org", "", "help@example.org", "b@example.org", None, 100_000, smtp)
    links = VotingLinks(engine, open_signing_key(keys, Role.REGISTRAR), open_vault(vault, open_vault_key(keys)))
    channel = SmtpChannel(smtp, "vote.example.org")
    send_due(
        Mailroom(
            engine,
            lambda: now,
            channel,
            settings,
            MailKey(open_mail_secret(keys)),
            "vote.example.org",
            links,
            lambda _: None,
        )
    )
    channel.close()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4]), datetime.fromisoformat(sys.argv[5]))
