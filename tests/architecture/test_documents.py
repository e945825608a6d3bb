"""Documents for auditors name only things that exist: checks, tests, vectors, files."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ballot.audit.catalogue import BY_ID

ROOT = Path(__file__).resolve().parents[2]
DOCS = ("threat-model.md", "handbook-auditor.md", "second-opinion.md", "one-ballot.md")
GROUPS = "|".join(sorted({id.split(".")[0] for id in BY_ID}))
VECTORS = json.loads((ROOT / "tests" / "vectors" / "index.json").read_text("utf-8"))

document = pytest.mark.parametrize("name", DOCS)


def read(name: str) -> str:
    return (ROOT / "docs" / name).read_text("utf-8")


@document
def test_every_check_named_is_one_that_is_made(name: str) -> None:
    named = set(re.findall(rf"`((?:{GROUPS})\.[a-z-]+)`", read(name)))
    files = {"programme.toml", "events.jsonl", "checkpoints.jsonl", "tokens.jsonl"}
    assert named - files <= set(BY_ID)


@document
def test_every_file_named_is_there(name: str) -> None:
    named = re.findall(r"`((?:tests|docs|scripts|config|ballot)/[\w./-]+)`", read(name))
    named += [f"docs/{path}" for path in re.findall(r"\]\(([\w./-]+\.md)", read(name))]
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_the_threat_model_names_checks_for_what_it_says_is_detected() -> None:
    named = set(re.findall(rf"`((?:{GROUPS})\.[a-z-]+)`", read("threat-model.md"))) & set(BY_ID)
    assert len(named) >= 25


def test_the_vectors_of_the_second_opinion_fail_as_it_says() -> None:
    named = re.findall(r"^\| `([\w.-]+\.bel)` \|", read("second-opinion.md"), re.MULTILINE)
    assert len(named) == 10
    for vector in named:
        assert VECTORS[vector]["fails"] == [vector.split("--")[0]], vector
    tallied = [vector for vector in named[:8] if VECTORS[vector].get("stage") not in (None, "tallied")]
    assert tallied == []


def test_the_handbook_begins_with_what_to_do_first() -> None:
    headings = re.findall(r"^## (.*)$", read("handbook-auditor.md"), re.MULTILINE)
    assert headings[0] == "In ten minutes"
    assert len(headings) == len(set(headings))


FOR_PEOPLE = (
    *(ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "Makefile")),
    *(path for room in ("docs", "deploy", "templates", ".ci") for path in sorted((ROOT / room).rglob("*"))),
    *(path for room in ("ballot", "scripts", "bench") for path in sorted((ROOT / room).rglob("*.py"))),
    *sorted((ROOT / "ballot" / "web" / "static").glob("*.js")),
)
BARE = re.compile(r"""(?<![\w/.=-])python(?=[ `](?!=))""")
OF_A_VENV = ("audit_dependencies", "demo", "make_vectors", "pictures")


def test_nobody_is_told_to_run_python_which_debian_does_not_have() -> None:
    named = {}
    for path in FOR_PEOPLE:
        if path.is_file() and path.suffix not in {".png", ".pdf"}:
            lines = path.read_text("utf-8").splitlines()
            found = [line.strip() for line in lines if BARE.search(line)]
            named.update({path.relative_to(ROOT).as_posix(): found} if found else {})
    assert named == {}


def test_what_needs_the_virtual_environment_is_shown_with_its_python() -> None:
    wrong = re.compile(rf"python3 (?:scripts/(?:{'|'.join(OF_A_VENV)})\.py|-m (?:bench|tests))")
    told = [path for path in FOR_PEOPLE if path.is_file() and path.suffix in {".md", ".py", ".html"}]
    assert [path.name for path in told if wrong.search(path.read_text("utf-8"))] == []


@pytest.mark.parametrize("name", ["verify_tally", "check_paper", "monitor_board", "trustee", "vendor", "nginx"])
def test_what_is_shown_with_python3_runs_without_a_virtual_environment(name: str) -> None:
    """Or finds the checkout's own."""
    command = [sys.executable, "-I", "-S", str(ROOT / "scripts" / f"{name}.py"), "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={"PATH": "/usr/bin:/bin"})
    assert done.returncode == 0, done.stderr
