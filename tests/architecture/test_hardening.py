"""Rules for all code and for a release: locked, listed, and reproducible."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = [path for room in ("ballot", "scripts", "bench") for path in sorted((ROOT / room).rglob("*.py"))]
UNSAFE_MODULES = {"pickle", "cPickle", "dill", "shelve", "marshal", "jsonpickle", "joblib", "yaml", "xmlrpc"}
UNSAFE_CALLS = {"eval", "exec", "compile", "__import__"}
LOCK = (ROOT / "requirements.lock").read_text()
SECRET = re.compile(r"(token|password|secret|digest|mac|signature|code)s?$")


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def calls(tree: ast.AST) -> list[ast.Call]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call)]


@pytest.mark.parametrize("room", ["ballot", "scripts"])
def test_nothing_is_pickled_evaluated_or_handed_to_a_shell(room: str) -> None:
    for path in FILES:
        if not name(path).startswith(room):
            continue
        tree = parsed(path)
        for node in ast.walk(tree):
            modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            modules += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not {module.split(".")[0] for module in modules} & UNSAFE_MODULES, name(path)
        for call in calls(tree):
            if isinstance(call.func, ast.Name):
                assert call.func.id not in UNSAFE_CALLS, f"{name(path)}:{call.lineno}"
            assert not any(
                keyword.arg == "shell"
                and not (isinstance(keyword.value, ast.Constant) and keyword.value.value is False)
                for keyword in call.keywords
            ), f"{name(path)}:{call.lineno}"


def test_a_secret_is_compared_in_constant_time_or_found_by_its_hash() -> None:
    """`==` and `!=` between two names of which one sounds like a secret: in the web and the office nowhere."""
    found = []
    for path in FILES:
        if not name(path).startswith(("ballot/web", "ballot/office/staff")):
            continue
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq | ast.NotEq):
                sides = [node.left, *node.comparators]
                if any(isinstance(side, ast.Constant) for side in sides):
                    continue
                if any(
                    SECRET.search(side.attr if isinstance(side, ast.Attribute) else getattr(side, "id", ""))
                    for side in sides
                ):
                    found.append(f"{name(path)}:{node.lineno} {ast.unparse(node)}")
    assert found == []


JSON_READERS = {
    "ballot/protocol/canonical.py": "parse_json: containers are counted before, depth after; RecursionError is caught",
    "ballot/strict/json_lines.py": "the counts of a command, line by line, each of bounded length",
    "ballot/audit/chunks.py": "questions of our own, and the answers of the auditor's own workers",
    "ballot/watch/addresses.py": "answers of a board, of bounded length; RecursionError is caught",
    "ballot/watch/keeping.py": "the watcher's own file",
    "ballot/office/safekeeping.py": "a backup that the operator hands in",
    "ballot/db/copy.py": "the lines of that backup; RecursionError is caught",
    "ballot/office/setup/preflight.py": "a file of our own, in the programme's folder",
    "ballot/db/activity_names.py": "a column that only we write",
    "ballot/db/migrations/versions/v0006_names_apart.py": "the same column",
}
"""Where JSON is read, and what bounds it there. What comes by HTTP is read by the first of them alone."""


def test_json_is_read_only_where_its_size_and_depth_are_bounded() -> None:
    found = set()
    for path in FILES:
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.Attribute) and name(path).startswith("ballot/"):
                owner = getattr(node.value, "id", "")
                assert node.attr != "get_json", name(path)
                assert (owner, node.attr) != ("request", "json"), name(path)
                if owner == "json" and node.attr in ("loads", "load", "JSONDecoder"):
                    found.add(name(path))
    assert found == set(JSON_READERS)


def test_every_locked_package_has_hashes_and_no_place_to_get_it_from() -> None:
    entries = re.split(r"\n(?=[A-Za-z0-9])", LOCK)
    assert len(entries) > 80
    assert [entry.splitlines()[0] for entry in entries if "--hash=sha256:" not in entry] == []
    assert not re.search(r"https?://|--index-url|--find-links|@ file", LOCK)


def test_the_sbom_lists_every_locked_package(tmp_path: Path) -> None:
    out = tmp_path / "sbom.json"
    command = [sys.executable, "-m", "cyclonedx_py", "requirements", str(ROOT / "requirements.lock")]
    subprocess.run(
        [*command, "--output-reproducible", "--no-validate", "--of", "JSON", "-o", str(out)],
        check=True,
        capture_output=True,
    )
    listed = {(part["name"], part.get("version")) for part in json.loads(out.read_text())["components"]}
    assert listed == set(re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", LOCK, re.M))


def test_a_package_that_could_not_be_looked_up_is_never_called_sound() -> None:
    from scripts.audit_dependencies import judge, locked

    pins = locked("Flask-WTF==1.0 \\\n    --hash=sha256:00\nzope.x==2\nzope-x==3 ; python_version < '3.12'\n")
    assert pins == {"flask-wtf": {"1.0"}, "zope-x": {"2", "3"}}
    names = set(pins)
    sound = {"name": "flask_wtf", "version": "1.0", "vulns": []}
    assert judge(names, {"dependencies": [sound, {"name": "zope.x", "version": "2", "vulns": []}]}) == []
    assert "NOT LOOKED UP: 2 of 2" in judge(names, {})[0]
    assert (
        "NOT LOOKED UP: 1 of 2" in judge(names, {"dependencies": [sound, {"name": "zope-x", "skip_reason": "no"}]})[0]
    )
    faulty = {"name": "zope-x", "version": "2", "vulns": [{"id": "PYSEC-1"}]}
    assert judge(names, {"dependencies": [sound, faulty]}) == ["zope-x 2: PYSEC-1"]


ADVISORY = {
    "id": "PYSEC-1",
    "aliases": ["CVE-1"],
    "modified": "2026-11-01T00:00:00Z",
    "affected": [
        {
            "package": {"ecosystem": "PyPI", "name": "Zope.X"},
            "ranges": [
                {"type": "GIT", "events": [{"introduced": "0"}]},
                {
                    "type": "ECOSYSTEM",
                    "events": [
                        {"introduced": "2.0rc1"},
                        {"fixed": "1.10"},
                        {"introduced": "0"},
                        {"last_affected": "3"},
                    ],
                },
            ],
            "versions": ["1.11"],
        }
    ],
}


@pytest.mark.parametrize(
    ("version", "affected"),
    [
        ("0.1", True),
        ("1.9", True),
        ("1.10", False),
        ("1.11", True),
        ("2.0b1", False),
        ("2", True),
        ("3.0", True),
        ("3.1", False),
    ],
)
def test_a_version_is_held_against_the_ranges_of_an_advisory(tmp_path: Path, version: str, affected: bool) -> None:
    from scripts.advisories import look_up

    (tmp_path / "PyPI").mkdir()
    (tmp_path / "PyPI" / "PYSEC-1.json").write_text(json.dumps(ADVISORY))
    looked = look_up(tmp_path, {"zope-x": {version}, "other": {version}}, {})
    assert looked.wrong == ([f"zope-x {version}: PYSEC-1"] if affected else [])
    assert (looked.advisories, looked.newest) == (1, "2026-11-01")
    assert look_up(tmp_path, {"zope-x": {version}}, {"CVE-1": "not used"}).wrong == []


def test_a_folder_without_advisories_is_no_audit(tmp_path: Path) -> None:
    command = [sys.executable, str(ROOT / "scripts" / "audit_dependencies.py"), "--advisories", str(tmp_path)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert "NOT LOOKED UP" in ran.stdout
