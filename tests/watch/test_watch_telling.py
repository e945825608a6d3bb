"""An alarm is mailed at once and once; a trouble when it lasts; a failed mail is retried."""

from __future__ import annotations

import socket
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ballot.watch.alarms import Alarm, Sighting, Trouble
from ballot.watch.command import PATIENCE, Notifier
from ballot.watch.mailing import Mailing
from tests.integration.mail.mail_server import MailServer, serving

NOW = datetime(2020, 5, 12, 9, tzinfo=UTC)
REMOVED = Sighting(Alarm.REMOVED, "elections/00A.bel: 1 of 2 ballots are gone")
AWAY = Sighting(Trouble.UNREADABLE, "/api/programmes is not a list of programmes")


def to(server: MailServer) -> Mailing:
    return Mailing("127.0.0.1", server.port, "none", "watcher@example.org", ("observer@example.org",))


def test_an_alarm_is_mailed_once_and_again_only_if_it_is_another() -> None:
    with serving() as server:
        notifier = Notifier("https://vote.example.org", to(server))
        for hour in range(3):
            notifier.notify("merger", NOW + timedelta(hours=hour), [REMOVED])
        (got,) = server.got
        assert got.recipients == ["observer@example.org"]
        assert got.message["Subject"] == "[ballot watch] merger at https://vote.example.org: 1 alarm"
        assert str(REMOVED) in got.message.get_content()

        notifier.notify("merger", NOW + timedelta(hours=3), [REMOVED, replace(REMOVED, detail="another")])
        assert len(server.got) == 2
        assert str(REMOVED) not in server.got[1].message.get_content()


def test_a_trouble_is_mailed_when_it_lasts_and_not_if_it_passes() -> None:
    with serving() as server:
        notifier = Notifier("https://vote.example.org", to(server))
        for look, found in enumerate([[AWAY], [], *[[AWAY]] * PATIENCE]):
            assert server.got == []
            notifier.notify("merger", NOW + timedelta(hours=look), found)
        (got,) = server.got
        assert "cannot be read" in str(got.message["Subject"])


def test_an_e_mail_that_could_not_be_sent_is_said_and_sent_later(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        nobody = Mailing("127.0.0.1", closed.getsockname()[1], "none", "w@example.org", ("o@example.org",))
        notifier = Notifier("https://vote.example.org", nobody)
        notifier.notify("merger", NOW, [REMOVED])
    assert "the e-mail could not be sent" in capsys.readouterr().err
    with serving() as server:
        notifier._mailing = to(server)
        notifier.notify("merger", NOW, [REMOVED])
        assert len(server.got) == 1
