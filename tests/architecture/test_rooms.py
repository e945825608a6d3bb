"""The layout of the code: what the pure rooms may use, how long a file may be, and what it may be called."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import ballot.protocol
import ballot.record

ROOT = Path(ballot.protocol.__file__).parents[1]
FILES = sorted(ROOT.rglob("*.py"))
PURE = [path for room in ("protocol", "constitution") for path in sorted((ROOT / room).glob("*.py"))]
READS_CLOCKS_OR_CHANCE = {
    "random",
    "secrets",
    "time",
    "socket",
    "ssl",
    "http",
    "urllib",
    "subprocess",
    "threading",
    "asyncio",
    "tempfile",
    "shutil",
    "os",
    "uuid",
}
CALLS = {"open", "input", "print", "exec", "eval", "compile", "__import__"}
METHODS = {
    "now",
    "utcnow",
    "today",
    "urandom",
    "randbelow",
    "token_bytes",
    "read_text",
    "read_bytes",
    "write_text",
    "write_bytes",
    "random",
    "generate",
}
LONGEST, LONG = 400, 300


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def test_the_tree_is_where_the_tests_think_it_is() -> None:
    assert len(FILES) > 50
    assert {"protocol/group.py", "constitution/decide.py"} <= {name(path) for path in PURE}


ROOMS = sorted(
    {path.parent for path in FILES if len(list(path.parent.glob("*.py"))) > 5}
    - {ROOT, ROOT / "db" / "migrations" / "versions"}
)


def test_every_module_is_in_its_rooms_table() -> None:
    """And the table names no module that is not there: first cells that are one name, `like_this`, are modules."""
    wrong = {}
    for room in ROOMS:
        words = ast.get_docstring(ast.parse((room / "__init__.py").read_text())) or ""
        modules = {path.stem for path in room.glob("*.py")} - {"__init__", "__main__", "errors", "times", "_native"}
        modules |= {path.parent.name for path in room.glob("*/__init__.py")}
        named = set(re.findall(r"`(\w+)/?`", words))
        first = re.findall(r"^\| ((?:`\w+/?`(?:, )?)+) +\|", words, re.MULTILINE)
        tabled = {word for cell in first for word in re.findall(r"`(\w+)/?`", cell)} - {"errors", "times"}
        if lost := (modules - named, tabled - modules):
            wrong[name(room)] = lost
    assert {room: lost for room, lost in wrong.items() if any(lost)} == {}


def test_a_pure_room_reads_no_clock_draws_no_lot_and_opens_nothing() -> None:
    found = []
    for path in PURE:
        tree = parsed(path)
        outside = {module.split(".")[0] for module in imported(tree)} & READS_CLOCKS_OR_CHANCE
        found += [f"{name(path)} imports {module}" for module in sorted(outside)]
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                called = node.func
                if isinstance(called, ast.Name) and called.id in CALLS:
                    found.append(f"{name(path)}:{node.lineno} calls {called.id}")
                elif isinstance(called, ast.Attribute) and called.attr in METHODS:
                    found.append(f"{name(path)}:{node.lineno} calls {called.attr}")
    assert found == []


def test_no_file_is_too_long() -> None:
    assert {name(path): lines for path in FILES if (lines := len(path.read_text().splitlines())) > LONGEST} == {}


def test_long_files_are_spoken_about(capsys: pytest.CaptureFixture[str]) -> None:
    """Not a failure: 300 lines are a conversation."""
    for path in FILES:
        length = len(path.read_text().splitlines())
        if length > LONG:
            with capsys.disabled():
                print(f"\n{name(path)} has {length} lines: a conversation")


def test_no_module_has_a_name_that_says_nothing() -> None:
    banned = {"util", "utils", "helper", "helpers", "common", "manager", "managers", "shared", "misc"}
    parts = {path: {part.removesuffix(".py") for part in path.relative_to(ROOT).parts} for path in FILES}
    assert [name(path) for path in FILES if banned & parts[path]] == []


def test_every_module_says_what_it_is_for() -> None:
    silent = [path for path in FILES if not ast.get_docstring(parsed(path))]
    assert [name(path) for path in silent if path.read_text().strip()] == []


def test_votes_are_never_floats() -> None:
    found = []
    for path in PURE:
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.Constant) and isinstance(node.value, float):
                found.append(f"{name(path)}:{node.lineno} has {node.value}")
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float":
                found.append(f"{name(path)}:{node.lineno} calls float")
    assert found == []


def test_only_one_module_knows_libsodium() -> None:
    knowing = set()
    for path in FILES:
        if any(module.split(".")[0] == "nacl" for module in imported(parsed(path))):
            knowing.add(name(path))
    audited = ("protocol", "record", "audit", "constitution")
    assert {path for path in knowing if path.startswith(audited)} == {"protocol/sodium.py"}


def test_whoever_goes_through_all_tables_has_loaded_all_of_them() -> None:
    """`Base` of db/base.py knows the tables that happen to be imported; a command is a process of its own."""
    for path in sorted(ROOT.rglob("*.py")):
        text = path.read_text()
        if "Base.metadata" in text and path.name != "tables.py":
            assert "from ballot.db.tables import" in text, path
