"""The table [mail]: a missing or wrong setting stops the start with a sentence, and no secret is shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from ballot.config import InvalidConfig, load_config
from ballot.mail.messages import Kind
from ballot.mail.settings import MaildirSettings, NotifySettings, SmtpSettings, Tls

ENVIRONMENT = {
    "BALLOT_DATABASE": "sqlite:///x.db",
    "BALLOT_INSTANCE": "instance",
    "BALLOT_BOARD": "vote.example.org",
    "BALLOT_PROGRAMMES": "config",
    "BALLOT_KEYS": "keys",
}
COMMON = 'from = "ballot@vote.example.org"\nreply_to = "help@vote.example.org"\n'
SMTP = f'[mail]\nchannel = "smtp"\n{COMMON}host = "smtp.example.org"\n'
KEY = "ballot-" + "1" * 36 + "-" + "2" * 36
NOTIFY = f'[mail]\nchannel = "notify"\n{COMMON}[mail.templates]\n' + "".join(f'{kind.value} = "id"\n' for kind in Kind)


def load(tmp_path: Path, text: str, **environment: str) -> object:
    file = tmp_path / "ballot.toml"
    file.write_text(text)
    return load_config(file, {**ENVIRONMENT, **environment}).mail


def test_without_the_table_no_mail_is_sent(tmp_path: Path) -> None:
    assert load(tmp_path, "") is None
    assert load_config(None, ENVIRONMENT).mail is None


def test_smtp_is_by_starttls_unless_said_otherwise(tmp_path: Path) -> None:
    mail = load(tmp_path, SMTP)
    assert mail.channel == SmtpSettings("smtp.example.org", 587, Tls.STARTTLS, None, None, None, 30)  # type: ignore[attr-defined]
    assert mail.return_path == "ballot@vote.example.org"  # type: ignore[attr-defined]
    tls = load(tmp_path, SMTP + 'tls = "tls"\n')
    assert tls.channel.port == 465  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("written", "filled"),
    [
        ("bounces@vote.example.org", "bounces@vote.example.org"),
        ("bounces+*@vote.example.org", f"bounces+{'a' * 40}@vote.example.org"),
        ("bounces-*@vote.example.org", f"bounces-{'a' * 40}@vote.example.org"),
        ("*@bounces.vote.example.org", f"{'a' * 40}@bounces.vote.example.org"),
        (f"{'b' * 23}+*@vote.example.org", f"{'b' * 23}+{'a' * 40}@vote.example.org"),
    ],
)
def test_the_return_path_may_have_a_place_for_the_mark(tmp_path: Path, written: str, filled: str) -> None:
    mail = load(tmp_path, SMTP + f'return_path = "{written}"\n')
    assert mail.return_path_of("a" * 40) == filled  # type: ignore[attr-defined]
    assert len(filled.partition("@")[0]) <= 64


def test_a_password_comes_from_the_environment_or_a_private_file_and_is_never_shown(tmp_path: Path) -> None:
    mail = load(tmp_path, SMTP + 'user = "ballot"\n', BALLOT_MAIL_PASSWORD="hunter2")
    assert mail.channel.password == "hunter2"  # type: ignore[attr-defined]
    assert "hunter2" not in repr(mail)
    file = tmp_path / "password"
    file.write_text("hunter3\n")
    file.chmod(0o600)
    from_file = load(tmp_path, SMTP + f'user = "ballot"\npassword_file = "{file}"\n')
    assert from_file.channel.password == "hunter3"  # type: ignore[attr-defined]
    file.chmod(0o644)
    with pytest.raises(InvalidConfig, match="may be read by others"):
        load(tmp_path, SMTP + f'user = "ballot"\npassword_file = "{file}"\n')


def test_notify_has_a_key_and_a_template_for_every_kind(tmp_path: Path) -> None:
    mail = load(tmp_path, NOTIFY, BALLOT_MAIL_API_KEY=KEY, BALLOT_MAIL_CALLBACK_TOKEN="t" * 20)
    assert isinstance(mail.channel, NotifySettings)  # type: ignore[attr-defined]
    assert KEY not in repr(mail)
    assert "t" * 20 not in repr(mail)
    with pytest.raises(InvalidConfig, match=r"API key of GOV\.UK Notify is missing"):
        load(tmp_path, NOTIFY)


def test_a_maildir_needs_only_its_folder(tmp_path: Path) -> None:
    mail = load(tmp_path, f'[mail]\nchannel = "maildir"\n{COMMON}folder = "mail"\n')
    assert mail.channel == MaildirSettings(Path("mail"))  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("mail = 1", "must be a table"),
        ("[mail]\n", '"channel" is missing in \\[mail\\]'),
        ('[mail]\nchannel = "pigeon"\n', 'must be "smtp" or "notify" or "maildir"'),
        (SMTP.replace("host", "hots"), '"hots" is not a key .* Did you mean "host"'),
        (SMTP.replace('host = "smtp.example.org"\n', ""), '"host" is missing in \\[mail\\]'),
        (SMTP.replace("help@vote.example.org", "help"), 'ballot.toml:4: "reply_to" must be one e-mail address'),
        (SMTP.replace("ballot@", "a@b.c, ballot@"), 'ballot.toml:3: "from" must be one e-mail address'),
        (SMTP + 'user = "ballot"\n', "set BALLOT_MAIL_PASSWORD"),
        (SMTP + 'password = "hunter2"\n', '"password" is not a key'),
        (SMTP + 'tls = "none"\n', "only for this machine itself"),
        (SMTP + 'tls = "ssl"\n', 'must be "starttls" or "tls" or "none"'),
        (SMTP + "rate = 0\n", "from 1 to 100000"),
        (SMTP + "rate = true\n", "whole number"),
        (SMTP + "port = 1.5\n", "whole number"),
        (SMTP + 'links = "http://vote.example.org"\n', "begin with https://"),
        (NOTIFY.replace("receipt", "receit"), "a template for each of"),
        (SMTP + 'return_path = "bounces*@vote.example.org"\n', "stands for the 40 characters"),
        (SMTP + 'return_path = "*@*.example.org"\n', "one \\* before the @"),
        (SMTP + 'return_path = "a+*+*@vote.example.org"\n', "one \\* before the @"),
        (SMTP + 'return_path = "bounces+*"\n', "one e-mail address"),
        (SMTP + f'return_path = "{"b" * 24}+*@vote.example.org"\n', "64 characters"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, text: str, sentence: str) -> None:
    environment = {"BALLOT_MAIL_API_KEY": KEY} if "notify" in text else {}
    with pytest.raises(InvalidConfig, match=sentence) as caught:
        load(tmp_path, text, **environment)
    assert "hunter2" not in str(caught.value)
    assert KEY not in str(caught.value)
