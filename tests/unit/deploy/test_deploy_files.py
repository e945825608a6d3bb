"""The example files for systemd, nginx and containers: their commands exist, and required settings are there.

No systemd and no container engine is needed: units and sockets are tried by hand at each change of them. What nginx
logs is tried with a real one in tests/integration/deploy.
"""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

import pytest

from ballot.cli.main import COMMANDS, main
from ballot.config import load_config
from ballot.environment import with_secrets

DEPLOY = Path(__file__).parents[3] / "deploy"
UNITS = sorted(path for path in DEPLOY.iterdir() if path.suffix in (".service", ".socket", ".timer"))
SERVICES = [path for path in UNITS if path.suffix == ".service"]
SYSTEM_S = ("network-online.target", "postgresql.service", "time-sync.target")
"""Units that every machine has, or its database brings."""
HARDENING = {
    "NoNewPrivileges": "yes",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "PrivateDevices": "yes",
    "MemoryDenyWriteExecute": "yes",
    "CapabilityBoundingSet": "",
    "UMask": "0077",
    "LimitCORE": "0",
    "User": "ballot",
    "StateDirectory": "ballot ballot/instance ballot/programmes ballot/backups",
}
"""LimitCORE: a core dump of a process that holds keys holds them too. StateDirectory: without its folders the first
start would fail, since the unit may write nowhere else."""


def sections(path: Path) -> dict[str, dict[str, list[str]]]:
    """A unit, read strictly: every line is a section, a comment or a setting of the section it stands in."""
    found: dict[str, dict[str, list[str]]] = {}
    section = ""
    for line in path.read_text().splitlines():
        if match := re.fullmatch(r"\[(\w+)\]", line):
            section = match[1]
            assert section not in found
            found[section] = defaultdict(list)
        elif line and not line.startswith("#"):
            name, equals, value = line.partition("=")
            assert equals, line
            assert re.fullmatch(r"[A-Z][A-Za-z]+", name), line
            found[section][name].append(value)
    return found


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_has_the_sections_of_its_kind_and_names_units_that_are_there(path: Path) -> None:
    unit = sections(path)
    kind = path.suffix[1:].title()
    assert {"Unit", kind} <= set(unit) <= {"Unit", kind, "Install"}
    assert len(unit["Unit"]["Description"]) == 1
    for name in ("Requires", "After", "Conflicts"):
        for other in " ".join(unit["Unit"].get(name, [])).split():
            assert (DEPLOY / other).exists() or other in SYSTEM_S


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)
def test_a_service_is_confined_and_holds_no_secret(path: Path) -> None:
    service = sections(path)["Service"]
    assert {name: service[name][-1] for name in HARDENING} == HARDENING
    assert not service.get("Environment")
    assert not re.search(r"(?i)password=|passphrase=(?!\S*cred)", path.read_text())
    for credential in [*service.get("LoadCredentialEncrypted", []), *service.get("LoadCredential", [])]:
        assert credential.partition(":")[0] in (
            "passphrase",
            "passphrase-registrar",
            "passphrase-vault",
            "mail-password",
            "metrics-token",
        )


def commands() -> list[tuple[str, list[str]]]:
    """Every call of ours in the units and the compose file's first lines."""
    found = []
    for path in SERVICES:
        for name, values in sections(path)["Service"].items():
            for value in values if name.startswith("ExecStart") else ():
                if call := re.search(r"/opt/ballot/bin/ballot (.*?)(?:'?$)", value):
                    found.append((path.name, call[1].split()))
    return found


@pytest.mark.parametrize(("file", "argv"), commands(), ids=lambda value: value if isinstance(value, str) else value[0])
def test_every_option_that_a_unit_gives_is_an_option(
    file: str, argv: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert argv[0] in COMMANDS
    words = [word for word in argv if not word.startswith("-")]
    place = [argv[0], *(words[1:2] if argv[0] in ("retention", "db", "office") else [])]
    with pytest.raises(SystemExit):
        main([*place, "--help"])
    told = capsys.readouterr().out
    for option in (word for word in argv if word.startswith("--")):
        assert option in told


@pytest.mark.parametrize(("file", "argv"), commands(), ids=lambda value: value if isinstance(value, str) else value[0])
def test_a_unit_has_the_secrets_that_its_commands_need_and_no_other(file: str, argv: list[str], tmp_path: Path) -> None:
    given = sections(DEPLOY / file)["Service"].get("LoadCredentialEncrypted", [])
    for credential in given:
        (tmp_path / credential.partition(":")[0]).write_text("a long secret of this test\n")
    environment = with_secrets({"CREDENTIALS_DIRECTORY": str(tmp_path)})
    sends = argv[0] in ("serve", "worker", "mail", "doctor")
    assert load_config(DEPLOY / "ballot.toml", environment, sends=sends).mail is not None
    assert any(credential.startswith("mail-password:") for credential in given) is sends


def test_only_the_registrar_s_unit_opens_the_vault() -> None:
    assert [path.name for path in SERVICES if "vault" in path.read_text()] == ["ballot-registrar.service"]


def test_the_settings_are_settings_and_the_secrets_come_from_credentials(tmp_path: Path) -> None:
    for name in ("mail-password", "metrics-token", "passphrase"):
        (tmp_path / name).write_text(f"a long {name} of this test\n")
    config = load_config(DEPLOY / "ballot.toml", with_secrets({"CREDENTIALS_DIRECTORY": str(tmp_path)}))
    assert config.service.json_log
    assert config.service.proxies == 1
    assert config.service.metrics_token == "a long metrics-token of this test"
    assert config.passphrase == "a long passphrase of this test"
    assert config.mail is not None


def test_backups_go_where_retention_looks_for_them_and_by_its_rule_alone() -> None:
    calls = sections(DEPLOY / "ballot-tidy.service")["Service"]["ExecStart"]
    assert ["ballot backup" in call or "ballot retention run" in call for call in calls] == [True, True]
    rule = load_config(DEPLOY / "ballot.toml", {"BALLOT_MAIL_PASSWORD": "x", "BALLOT_PASSPHRASE": "x"}).retention
    assert (str(rule.backups), rule.backups_after_days) == ("/var/lib/ballot/backups", 30)
    assert f'--to "{rule.backups}/' in calls[0]


def test_nginx_logs_no_header_and_no_address_and_limits_what_comes() -> None:
    text = (DEPLOY / "nginx.conf").read_text() + (DEPLOY / "nginx-proxy.conf").read_text()
    log = re.search(r"log_format ballot ([^;]*);", text)
    assert log is not None
    assert not re.search(r"http_|request_uri|\$request\b|uri|args|remote", log[1])
    servers = re.split(r"^server \{", text, flags=re.MULTILINE)[1:]
    assert len(servers) == 2
    for server in servers:  # each error repeats the request, and in a link whose # became %23 that is the secret
        assert re.findall(r"error_log .*;", server) == ["error_log /dev/null emerg;"]
    assert text.count("{") == text.count("}")
    for line in text.splitlines():
        bare = line.partition("#")[0].strip()
        assert not bare or bare.endswith((";", "{", "}", "'")), line
    assert {"TLSv1.2", "TLSv1.3"} == set(re.findall(r"TLSv[\d.]+", text))
    for needed in ("server_tokens off", "client_max_body_size 4m", "limit_req_status 429", "proxy_next_upstream off"):
        assert needed in text
    assert re.search(r"location /api/ \{\s*return 403;", text.partition("listen 443")[0])  # no redirect for programs
    assert "proxy_cache" not in text
    assert "add_header" not in text
    assert "X-Forwarded-For $remote_addr" in text  # what a client claims is thrown away


def test_the_container_runs_as_nobody_in_particular_from_locked_packages() -> None:
    text = (DEPLOY / "Containerfile").read_text()
    assert "--require-hashes -r requirements-server.lock" in text
    assert re.findall(r"^USER (.*)$", text, re.M) == ["10001"]
    assert ":latest" not in text
    assert not re.search(r"(?i)^(ENV|ARG).*(passw|passph|secret|token)", text, re.M)
    for copied in re.findall(r"^COPY (?!--from)(.*) \S+$", text, re.M):
        for name in copied.split():
            assert (DEPLOY.parent / name).exists()
    compose = (DEPLOY / "compose.yaml").read_text()
    # the worker is a copy of it
    assert re.findall(r"^  (\w+):.*\n(?:    .*\n)*?    ulimits: \{core: 0\}", compose, re.M) == ["serve"]
    for needed in ("read_only: true", "cap_drop: [ALL]", "no-new-privileges:true", "127.0.0.1:8000:8000"):
        assert needed in compose
