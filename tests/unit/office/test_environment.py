"""Secrets from the environment, from files and from systemd; and what is removed from every log line."""

from __future__ import annotations

import base64
import json
import logging
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballot.cli.logs import set_up_logs
from ballot.environment import InvalidEnvironment, with_secrets
from ballot.protocol.spec import BASE58
from ballot.redaction import HIDDEN, redacted, redacted_fields
from ballot.service import Service, read_service
from ballot.strict.errors import FileError
from ballot.strict.toml_tables import table_of
from tests.support.rewritten_links import GATEWAYS, random_links


def secret(path: Path, text: str, mode: int = 0o600) -> Path:
    path.write_text(text)
    path.chmod(mode)
    return path


def test_the_environment_wins_over_a_file_and_a_file_over_a_credential(tmp_path: Path) -> None:
    for name in ("passphrase", "mail-password", "database"):
        secret(tmp_path / name, f"credential of {name}\n", 0o440)
    file = secret(tmp_path / "elsewhere.txt", "from a file\n")
    found = with_secrets(
        {
            "CREDENTIALS_DIRECTORY": str(tmp_path),
            "BALLOT_MAIL_PASSWORD_FILE": str(file),
            "BALLOT_DATABASE": "sqlite:///x",
            "BALLOT_PASSPHRASE": "",
        }
    )
    assert found["BALLOT_PASSPHRASE"] == "credential of passphrase"
    assert found["BALLOT_MAIL_PASSWORD"] == "from a file"
    assert found["BALLOT_DATABASE"] == "sqlite:///x"


@pytest.mark.parametrize(
    ("text", "mode"),
    [
        pytest.param("hunter2", 0o644, id="readable by others"),
        pytest.param("hun\0ter2", 0o600, id="a zero byte"),
        pytest.param("hunter2" * 10**4, 0o600, id="too long"),
        pytest.param(None, 0o600, id="missing"),
    ],
)
def test_a_file_that_is_no_secret_stops_the_start_and_is_not_shown(tmp_path: Path, text: str | None, mode: int) -> None:
    path = tmp_path / "s" if text is None else secret(tmp_path / "s", text, mode)
    with pytest.raises(InvalidEnvironment) as refused:
        with_secrets({"BALLOT_PASSPHRASE_FILE": str(path)})
    assert "hunter2" not in str(refused.value)


def test_settings_of_the_service_are_read_and_wrong_ones_named(tmp_path: Path) -> None:
    file = secret(tmp_path / "t", "a-token-of-enough-letters\n")
    table = {"proxies": 1, "log": "json", "metrics_token_file": str(file)}
    assert read_service(table_of(table, "[service]"), {}) == Service(
        1, json_log=True, metrics_token="a-token-of-enough-letters"
    )
    assert read_service(table_of({}, "[service]"), {}) == Service()
    for wrong in ({"proxies": True}, {"proxies": 9}, {"log": "xml"}, {"threads": 3}, {"posts_a_minute": -1}):
        with pytest.raises(FileError, match=next(iter(wrong))):
            read_service(table_of(wrong, "[service]"), {})
    with pytest.raises(FileError, match="24"):
        read_service(table_of({}, "[service]"), {"BALLOT_METRICS_TOKEN": "short"})


SECRETS = {
    "credential": "AbCdE-fGhJkL-mNpQr-sTuVwX",
    "token": f"{'eyJwcm9ncmFtbWUi' * 6}.{'QmFzZTY0' * 10}",
    "bearer": "Authorization: Bearer hunter2",
    "url": "postgresql://ballot:hunter2@db.example/ballot",
    "address": "dr.smith@practice.nhs.uk",
    "letter": "Q1T70-PBGXD-VAR55-DD7G8-0WBKH-B0",
    "letter, in an address": "/vote/a-merger/00A/q1t70pbgxdvar55dd7g80wbkhb0",
    "letter, with spaces in an address": "/vote/a-merger/00A?q1t70%20pbgxd%20var55+dd7g8%200wbkh%2520b0",
    "key": "-----BEGIN PRIVATE KEY-----\nMC4CAQ\n-----END PRIVATE KEY-----",
}


CODE = f"{SECRETS['token']}.{SECRETS['credential']}"
SECRETS |= {
    "link": f"/vote/a-merger/00A#{CODE}",
    "link, # written as %23": f"/vote/a-merger/00A%23{CODE}",
    "link, # and dots re-encoded": f"/vote/a-merger/00A%23{CODE.replace('.', '%2E')}",
    "link, re-encoded twice": f"/vote/a-merger/00A%2523{CODE.replace('.', '%252e').replace('-', '%252D')}",
    "credential, re-encoded": SECRETS["credential"].replace("-", "%2D"),
    "credential, re-encoded twice": SECRETS["credential"].replace("-", "%252d"),
    "code, dots re-encoded": CODE.replace(".", "%2e"),
}


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_in_a_sentence_is_taken_out(name: str) -> None:
    said = redacted(f"before {SECRETS[name]} after")
    assert HIDDEN in said
    assert said.startswith("before ")
    for part in ("hunter2", "AbCdE", "sTuVwX", SECRETS["token"][:40], "QmFzZTY0", "smith", "MC4CAQ", "pbgxd", "0wbkh"):
        assert part not in said.replace("PBGXD", "pbgxd")


@pytest.mark.parametrize("name", GATEWAYS)
def test_no_part_of_a_link_survives_in_whatever_form_a_gateway_sends_it(name: str) -> None:
    """Every form out of which the page reads a code, unless it has blanks or line breaks: no address has those."""
    for link in random_links(name, 30):
        said = redacted(f"GET {GATEWAYS[name](link.url)} 404")
        assert said.startswith("GET ")
        assert said.endswith(" 404")
        for secret in (link.token, link.code[-60:]):
            parts = [part for part in re.split(r"[^A-Za-z0-9]+", secret) if len(part) >= 5]
            assert [part for part in parts if part in said] == []
        assert base64.b64encode(link.url.encode()).decode()[60:100] not in said


SEPARATORS = ["-", "%2D", "%252d", "%25252D", "-2D", "=2D", "&#45;", "&#x2d;", "\u2010", "\u2011", "\u2013"]


@pytest.mark.parametrize("hyphen", SEPARATORS)
def test_a_credential_is_taken_out_however_its_hyphens_are_written(hyphen: str) -> None:
    said = redacted(f"before {SECRETS['credential'].replace('-', hyphen)} after")
    assert said == f"before {HIDDEN} after"


@given(st.lists(st.text(BASE58, min_size=6, max_size=6), min_size=4, max_size=4), st.text(max_size=20))
def test_no_credential_survives_wherever_it_stands(parts: list[str], around: str) -> None:
    credential = "-".join((parts[0][:5], parts[1], parts[2][:5], parts[3]))
    fields = redacted_fields({"a": [{"b": f"{around} {credential} {around}"}], "the_token": credential, "n": 3})
    assert credential not in json.dumps(fields)
    assert (fields["the_token"], fields["n"]) == (HIDDEN, 3)


@pytest.mark.parametrize("as_json", [False, True])
def test_a_line_of_the_log_is_redacted_with_its_fields_and_its_exception(
    as_json: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    logger = logging.getLogger("ballot")
    before = logger.handlers, logger.level
    try:
        set_up_logs(json=as_json)
        try:
            raise ValueError(SECRETS["url"])
        except ValueError:
            logging.getLogger("ballot.x").exception(
                "could not %s", SECRETS["credential"], extra={"password": "hunter2", "word": "closed"}
            )
    finally:
        logger.handlers, logger.level = before
    line = capsys.readouterr().err
    assert "ValueError" in line
    assert "hunter2" not in line
    assert SECRETS["credential"] not in line
    if as_json:
        told = json.loads(line)
        assert (told["word"], told["logger"], told["level"], told["password"]) == (
            "closed",
            "ballot.x",
            "error",
            HIDDEN,
        )
