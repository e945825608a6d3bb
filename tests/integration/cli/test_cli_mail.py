"""`ballot mail` and `ballot worker`: from invitations to a mailbox, through the command line and a real SMTP server."""

from __future__ import annotations

import fcntl
import json
import mailbox
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ballot.mail.messages import Kind
from ballot.office.post.compose import DUMMY
from ballot.office.post.unlocking import WorkerState, lock_worker, unlock_worker, worker_state
from tests.integration.cli.installation import ROOT, Installation
from tests.integration.mail.mail_server import MailServer, serving
from tests.integration.mail.post import links_in
from tests.unit.mail.test_bounces import ID as BOUNCED_ID
from tests.unit.mail.test_bounces import dsn

WHOLE = ("--all",)


@pytest.fixture
def server() -> Iterator[MailServer]:
    with serving() as server:
        yield server


@pytest.fixture
def mailing(sealed: Installation, server: MailServer) -> Installation:
    with sealed.config.open("a") as config:
        config.write(
            f'[mail]\nchannel = "smtp"\nfrom = "ballot@example.org"\nreply_to = "help@example.org"\n'
            f'host = "127.0.0.1"\nport = {server.port}\ntls = "none"\nrate = 100000\n'
        )
    return sealed


def nothing_secret(here: Installation) -> bool:
    links = here.links()
    told = "\n".join(here.printed)
    return not [link for link in links if link.token in told or link.credential in told]


def test_invitations_are_queued_wait_for_the_registrar_and_are_sent(mailing: Installation, server: MailServer) -> None:
    here = mailing
    assert "Queued: 12 x invitation, for 12 practices." in here.do("mail", "invite", *WHOLE)
    assert "nothing was due; 12 wait for the registrar" in here.do("worker", "--once")
    told = here.do("mail", "status")
    assert "waits until the registrar is unlocked" in told
    assert "12 e-mails with voting links cannot be sent: the registrar's key is locked." in told
    assert server.got == []
    ran = here.run("worker", "--once", "--unlock")
    assert (ran.status, ran.out) == (0, "12 sent.\n")
    assert sorted(link for got in server.got for link in links_in(got.message)) == sorted(
        link.url for link in here.links()
    )
    assert here.do("mail", "status").splitlines()[-1] == "12 sent"
    assert nothing_secret(here)


def test_whom_a_message_is_for_must_be_said(mailing: Installation, server: MailServer) -> None:
    for act in ("invite", "remind", "result", "retry"):
        assert mailing.run("mail", act).status == 2
        assert mailing.run("mail", act, "--practice", "").status == 2
        assert mailing.run("mail", act, "--practice", "Y00001", "--all").status == 2
    assert "There is" not in mailing.do("mail", "remind", "--practice", "Y00001")
    mailing.do("worker", "--once")
    assert [got.recipients for got in server.got] == [["y01@example.org"]]


def test_what_bounces_is_seen_and_can_be_tried_again(mailing: Installation, server: MailServer, tmp_path: Path) -> None:
    here = mailing
    server.refuse = {"y01@example.org": "550 5.1.1 no such user"}
    here.do("office", "tick")
    here.do("mail", "invite", *WHOLE)
    assert sorted(here.run("worker", "--once", "--unlock").out.strip(".\n").split(", ")) == ["1 bounced", "11 sent"]
    undelivered = here.do("mail", "status", "--undelivered")
    assert "Y00001" in undelivered
    assert "550 5.1.1 no such user" in undelivered
    assert "Y00002" not in undelivered
    here.do("mail", "letter", "--practice", "Y00001")
    assert "Y00001" not in here.do("mail", "status", "--undelivered")
    (got,) = server.to("y02@example.org")
    box = mailbox.Maildir(tmp_path / "in", create=True)
    box.add(dsn().replace(BOUNCED_ID.encode(), got.id.encode()))
    box.close()
    assert "1 messages changed their state" in here.do("mail", "bounces", "--maildir", tmp_path / "in")
    assert here.do("mail", "status").splitlines()[-1] == "2 bounced, 10 sent"
    server.refuse.clear()
    assert "2 messages are queued again" in here.do("mail", "retry", *WHOLE)
    here.run("worker", "--once", "--unlock")
    assert here.do("mail", "status").splitlines()[-1] == "12 sent"


def test_a_practice_that_cannot_find_its_link_is_sent_the_same_one_again(
    mailing: Installation, server: MailServer
) -> None:
    here = mailing
    here.do("mail", "invite", *WHOLE)
    here.run("worker", "--once", "--unlock")
    assert "The voting link of Y00002 is queued once more." in here.do("mail", "again", "--practice", "Y00002")
    assert "is already waiting to be sent" in here.run("mail", "again", "--practice", "Y00002").err
    here.run("worker", "--once", "--unlock")
    first, second = server.to("y02@example.org")
    assert links_in(first.message) == links_in(second.message)
    assert len(server.got) == 13
    assert here.run("mail", "again").status == 2
    assert here.run("mail", "again", "--practice", "").status == 2
    assert nothing_secret(here)


def refused_by_the_relay(server: MailServer) -> None:
    everyone = [f"y{ccg}{n}@example.org" for ccg in range(3) for n in range(4)]
    server.refuse = dict.fromkeys([*everyone, "help@example.org"], "554 5.7.1 Relay access denied")


def doctor(here: Installation) -> dict[str, dict[str, str]]:
    told = here.run("doctor", "--config", here.config, "--json", "--url", "https://127.0.0.1:1").out
    return {finding["name"]: finding for finding in map(json.loads, told.splitlines())}


def test_a_relay_that_refuses_us_is_said_by_exit_status_status_and_doctor(
    mailing: Installation, server: MailServer
) -> None:
    here = mailing
    assert doctor(here)["mail"]["health"] == doctor(here)["e-mails refused"]["health"] == "OK"
    refused_by_the_relay(server)
    assert doctor(here)["mail"]["health"] == "FAIL"  # by the help desk's address, before anything was sent
    here.do("mail", "invite", *WHOLE)
    ran = here.run("worker", "--once", "--unlock")
    assert ran.status == 1
    assert ran.out.endswith("Stopped before the end, to try again later: 554 5.7.1 Relay access denied.\n")
    assert here.do("mail", "status").splitlines()[-1] == "1 deferred, 11 queued"
    found = doctor(here)
    assert "does not let us send: 554 5.7.1 Relay access denied" in found["mail"]["found"]
    assert found["e-mails refused"]["health"] == "FAIL"
    assert "5.7.1 Relay access denied" in found["e-mails refused"]["found"]
    assert server.got == []


def test_one_report_is_read_by_itself_and_one_that_proves_nothing_is_shown(
    mailing: Installation, server: MailServer, tmp_path: Path
) -> None:
    here = mailing
    here.do("mail", "invite", *WHOLE)
    here.run("worker", "--once", "--unlock")
    file = tmp_path / "one.eml"
    file.write_bytes(dsn())
    told = here.do("mail", "bounces", "--message", file)
    assert "0 messages changed their state" in told
    assert "  y00@example.org (Y00000): failed: smtp; 550 5.1.1" in told
    assert "no bounces of ours" not in told
    (got,) = server.to("y00@example.org")
    file.write_bytes(dsn().replace(BOUNCED_ID.encode(), got.id.encode()))
    assert "  Y00000: the invitation to y00@example.org is bounced: " in here.do("mail", "bounces", "--message", file)
    ran = here.run("mail", "bounces", "--mbox", file)
    assert (ran.status, "give it with --message" in ran.err) == (2, True)
    file.write_bytes(b"From: a@b.org\n\n" + b"@" * 90_000)
    assert "1 messages are set aside unread" in here.do("mail", "bounces", "--message", file)
    assert "1 messages that were set aside before are skipped" in here.do("mail", "bounces", "--message", file)


def test_a_restored_installation_knows_its_bounces_and_gives_the_same_message_ids(
    mailing: Installation, server: MailServer, tmp_path: Path
) -> None:
    here, backups = mailing, tmp_path / "kept"
    here.do("backup", "--config", here.config, "--to", backups / "before.backup")
    here.do("mail", "invite", *WHOLE)
    here.run("worker", "--once", "--unlock")
    here.do("backup", "--config", here.config, "--to", backups / "after.backup")
    (first,) = server.to("y00@example.org")
    box = mailbox.Maildir(tmp_path / "in", create=True)
    box.add(dsn().replace(BOUNCED_ID.encode(), first.id.encode()))
    box.close()
    for name, before in (("after", "1 messages"), ("before", "0 messages")):
        (tmp_path / name).mkdir()
        there = Installation(tmp_path / name)
        table = here.config.read_text().partition("[mail]")[2]
        there.config.write_text(f"{there.config.read_text()}[mail]{table}")
        there.do("db", "upgrade")
        there.do("restore", "--config", there.config, backups / f"{name}.backup")
        shutil.copytree(here.folder / "keys" / "private", there.folder / "keys" / "private")
        shutil.copy(here.folder / "instance" / "registrar.vault", there.folder / "instance" / "registrar.vault")
        assert f"{before} changed their state" in there.do("mail", "bounces", "--maildir", tmp_path / "in")
    server.got.clear()
    there.do("mail", "invite", *WHOLE)  # of these the backup knows nothing
    there.run("worker", "--once", "--unlock")
    assert [got.id for got in server.to("y00@example.org")] == [first.id]
    assert "1 messages changed their state" in there.do("mail", "bounces", "--maildir", tmp_path / "in")


def test_without_its_key_nothing_is_sent_and_how_to_make_it_is_said(mailing: Installation, server: MailServer) -> None:
    (mailing.folder / "keys" / "private" / "mail.key").unlink()
    ran = mailing.run("worker", "--once")
    assert ran.status == 2
    assert "ballot keys init --name mail" in ran.err
    assert doctor(mailing)["key mail"]["health"] == "FAIL"
    mailing.do("keys", "init", "--name", "mail")
    mailing.do("mail", "remind", "--practice", "Y00001")
    mailing.do("worker", "--once")
    assert len(server.got) == 1


@pytest.mark.parametrize("kind", list(Kind))
def test_a_preview_has_the_real_words_and_never_a_real_link(
    mailing: Installation, server: MailServer, kind: Kind
) -> None:
    shown = mailing.do("mail", "preview", "--practice", "Y00001", "--kind", kind.value)
    assert shown.startswith("Subject: [Preview, not a real message]")
    assert "Y00001" in shown
    mailing.do("mail", "preview", "--practice", "Y00001", "--kind", kind.value, "--to", "me@example.org")
    (got,) = server.got
    assert got.recipients == ["me@example.org"]
    assert all(DUMMY in link or "/vote/" not in link for link in links_in(got.message))
    assert nothing_secret(mailing)


def test_a_test_message_gets_through_or_says_why_not(mailing: Installation, server: MailServer) -> None:
    assert "me@example.org was accepted by the mail server" in mailing.do("mail", "test", "--to", "me@example.org")
    server.refuse = {"me@example.org": "550 no"}
    assert mailing.run("mail", "test", "--to", "me@example.org").err == "The message was bounced: 550 no.\n"
    assert mailing.run("mail", "test", "--to", "me@example.org, you@example.org").status == 2


def test_without_the_table_mail_nothing_can_be_sent(sealed: Installation) -> None:
    ran = sealed.run("worker", "--once")
    assert (ran.status, ran.out) == (2, "")
    assert "no table [mail]" in ran.err


def test_a_server_that_cannot_be_reached_is_said_and_the_exit_status_tells(mailing: Installation) -> None:
    config = mailing.config.read_text()
    mailing.config.write_text(config.replace("rate = 100000", "timeout = 2").replace("port = ", "port = 1 #"))
    mailing.do("mail", "remind", "--practice", "Y00001")
    ran = mailing.run("worker", "--once")
    assert ran.status == 1
    assert "Stopped before the end, to try again later: the mail server cannot be reached" in ran.out


def test_there_is_one_worker_on_sqlite_and_what_a_dead_one_left_is_sent_at_once(
    mailing: Installation, server: MailServer
) -> None:
    mailing.do("mail", "remind", "--practice", "Y00001")
    with (mailing.folder / "instance" / "worker.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert "running already" in mailing.run("worker", "--once").err


def test_a_worker_ends_at_sigterm_having_sent_what_was_due(mailing: Installation, server: MailServer) -> None:
    mailing.do("mail", "remind", "--practice", "Y00001")
    mailing.do("office", "tick")
    command = [sys.executable, "-m", "ballot.cli.main", "worker", "--config", str(mailing.config)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"1 sent.\n"
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
        assert process.stderr is not None
        assert process.stderr.read() == b""
    assert len(server.got) == 1


def test_a_running_worker_sends_the_links_once_the_registrar_unlocks_it(
    mailing: Installation, server: MailServer
) -> None:
    mailing.do("mail", "invite", "--practice", "Y00001")
    mailing.do("office", "tick")
    command = [sys.executable, "-m", "ballot.cli.main", "worker", "--config", str(mailing.config)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            instance = mailing.folder / "instance"
            deadline = time.monotonic() + 30
            while worker_state(instance) is not WorkerState.LOCKED and time.monotonic() < deadline:
                time.sleep(0.2)
            assert unlock_worker(instance, "", "") is WorkerState.UNLOCKED  # keys without passphrases
            assert process.stdout.readline() == b"1 sent.\n"
            assert lock_worker(instance) is WorkerState.LOCKED
        finally:
            process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    assert len(server.got) == 1
    assert worker_state(instance) is WorkerState.AWAY


def test_only_what_sends_asks_for_the_password(sealed: Installation) -> None:
    with sealed.config.open("a") as config:
        config.write(
            '[mail]\nchannel = "smtp"\nfrom = "ballot@example.org"\nreply_to = "help@example.org"\n'
            'host = "127.0.0.1"\ntls = "none"\nuser = "ballot"\n'
        )
    sealed.do("db", "upgrade")
    sealed.do("office", "status")
    for command in (("worker", "--once"), ("mail", "status"), ("serve", "--port", "0")):
        assert "The password of ballot is missing" in sealed.run(*command).err
