"""An auditor's or trustee's installation works without Flask and without a database."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ballot.cli.main import COMMANDS, main
from tests.integration.cli.installation import CCGS, ID, ROOT, Installation

BLOCKED = """
import sys
for name in ("flask", "werkzeug", "sqlalchemy", "alembic", "gunicorn", "psycopg"):
    sys.modules[name] = None
from ballot.cli.main import main
sys.exit(main(sys.argv[1:]))
"""


def alone(folder: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    """A command in a process in which the server's packages cannot be imported."""
    command = [sys.executable, "-c", BLOCKED, *map(str, arguments)]
    environment = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="session")
def published(sealed_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("published") / "installation"
    shutil.copytree(sealed_once, folder)
    Installation(folder).do("office", "publish")
    return folder


COUNTS = '{"eligible":{"practices":9},"for":{"practices":5},"against":{"practices":1},"abstain":{"practices":0}}'


PASSPHRASE = ("--passphrase-file", "trustee.passphrase")


@pytest.mark.parametrize(
    "command",
    [
        pytest.param((), id="the list of commands"),
        pytest.param(("--version",), id="version"),
        pytest.param(("verify", "instance/records/merger.zip", "--stage", "voting", "--jobs", "1"), id="verify"),
        pytest.param(("scrutineer", "report", "instance/records/merger.zip"), id="scrutineer"),
        pytest.param(("decide", f"config/{ID}/constitutions/00A.toml", "counts.json"), id="decide"),
        pytest.param(("outcome", f"config/{ID}/programme.toml", "outcomes.json"), id="outcome"),
        pytest.param(("lint", f"config/{ID}/programme.toml"), id="lint"),
        pytest.param(("roll", "check", "roll.csv", "--programme", f"config/{ID}"), id="roll"),
        pytest.param(
            ("ceremony", "check", *[f"trustees/cert-{i}.json" for i in (1, 2, 3)], "--out", "certs"), id="ceremony"
        ),
        pytest.param(
            ("trustee", "polynomial", "trustees/certs.json", "--key", "trustees/2.key", "--out", "p", *PASSPHRASE),
            id="trustee",
        ),
        pytest.param(("keys", "show", "--config", "ballot.toml"), id="keys"),
    ],
)
def test_the_auditor_s_and_the_trustee_s_commands_need_no_server(published: Path, command: tuple[str, ...]) -> None:
    (published / "counts.json").write_text(COUNTS)
    (published / "outcomes.json").write_text(json.dumps({ccg: {"merge": "carried"} for ccg in CCGS}))

    ran = alone(published, *command)

    assert (ran.returncode, ran.stderr) == (0, ""), ran
    assert ran.stdout.strip()


@pytest.mark.parametrize("command", [("office", "status"), ("registrar", "links"), ("db", "upgrade"), ("serve",)])
def test_the_server_s_commands_say_what_is_missing(tmp_path: Path, command: tuple[str, ...]) -> None:
    ran = alone(tmp_path, *command)

    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr == 'This command needs the packages of the server: pip install "nhs-ballot[server]".\n'


def test_every_command_is_listed_and_every_one_has_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    listed = capsys.readouterr().out
    for name in COMMANDS:
        assert f"  ballot {name} " in listed
        with pytest.raises(SystemExit) as ended:
            main([name, "--help"])
        assert ended.value.code == 0
        assert f"usage: ballot {name}" in capsys.readouterr().out
