"""What developers expect of a repository: it runs the same gate with the same tools, and downloads nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
HOOKS = (ROOT / ".pre-commit-config.yaml").read_text("utf-8")
TEMPLATES = sorted(path for path in (ROOT / ".github").rglob("*.md"))


def test_the_workflow_runs_the_gate_on_linux_and_macos_with_two_actions() -> None:
    gate = (ROOT / ".github" / "workflows" / "gate.yml").read_text("utf-8")
    assert re.findall(r"^ +(?:- )?run: (.*)$", gate, re.MULTILINE) == ["make test"]
    assert {"ubuntu-latest", "macos-latest"} == set(re.findall(r"[a-z]+-latest", gate))
    used = {name for path in WORKFLOWS for name in re.findall(r"uses: ([\w/.-]+)@", path.read_text("utf-8"))}
    assert used == {"actions/checkout", "actions/setup-python"}


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_may_only_read_the_repository_and_keeps_no_credential(path: Path) -> None:
    text = path.read_text("utf-8")
    assert re.search(r"^permissions:\n  contents: read\n\n", text, re.MULTILINE)
    assert text.count("persist-credentials: false") == text.count("uses: actions/checkout@")
    assert "secrets." not in text


def test_hooks_run_the_tools_of_the_virtual_environment_and_download_nothing() -> None:
    assert re.findall(r"repo: (.*)", HOOKS) == ["local"]
    assert set(re.findall(r"language: (.*)", HOOKS)) == {"system"}
    entries = re.findall(r"entry: (.*)", HOOKS)
    assert len(entries) == 4
    assert all(re.match(r"(env PYTHONPATH=\. )?\.venv/bin/(ruff|mypy|lint-imports)\b", entry) for entry in entries)


def test_templates_name_files_and_commands_that_there_are() -> None:
    assert len(TEMPLATES) == 3
    named = {name for path in TEMPLATES for name in re.findall(r"[\w/-]+\.md", path.read_text("utf-8"))}
    assert named == {"SECURITY.md", "CHANGELOG.md", "docs/threat-model.md"}
    assert [name for name in named if not (ROOT / name).exists()] == []
    targets = {name for path in TEMPLATES for name in re.findall(r"`make ([\w.]+)`", path.read_text("utf-8"))}
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert [name for name in targets if not re.search(rf"^{re.escape(name)}:", makefile, re.MULTILINE)] == []
