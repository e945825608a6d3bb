#!/usr/bin/env python3
"""Measure the size of `ballot/`: the table of measures in docs/architecture.md. Migrations are not counted.

python3 scripts/measure_code.py                  # the files as they lie here
python3 scripts/measure_code.py 1fbde2a HEAD     # at commits, one column for each
python3 scripts/measure_code.py --time           # as they lie here, and how long `make test` takes (minutes)
"""

from __future__ import annotations

import argparse
import ast
import io
import statistics
import subprocess
import sys
import tarfile
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MIGRATIONS = "ballot/db/migrations/"


def files_here() -> list[str]:
    """The text of every file of `ballot/` as it lies in the work tree."""
    paths = sorted((ROOT / "ballot").rglob("*.py"))
    return [path.read_text("utf-8") for path in paths if not path.relative_to(ROOT).as_posix().startswith(MIGRATIONS)]


def files_at(commit: str) -> list[str]:
    """The text of every file of `ballot/` at a commit."""
    command = ["git", "archive", "--format=tar", commit, "ballot"]
    packed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        names = [name for name in archive.getnames() if name.endswith(".py") and not name.startswith(MIGRATIONS)]
        opened = [archive.extractfile(name) for name in sorted(names)]
        return [file.read().decode("utf-8") for file in opened if file is not None]


def import_lines(tree: ast.Module) -> int:
    """The lines that import statements fill."""
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    return sum((node.end_lineno or node.lineno) - node.lineno + 1 for node in imports)


def measure(files: Iterable[str]) -> dict[str, str]:
    """Each measure by its name. A class shares its name if another module of `ballot/` has a class of that name."""
    texts = list(files)
    trees = [ast.parse(text) for text in texts]
    lengths = [len(text.splitlines()) for text in texts]
    classes = [{node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef)} for tree in trees]
    modules = Counter(name for names in classes for name in names)
    shared = sum(count for count in modules.values() if count > 1)
    return {
        "files": f"{len(texts):,}",
        "lines": f"{sum(lengths):,}",
        "lines of the middle file": f"{round(statistics.median(lengths)):,}",
        "share of lines that import": percent(sum(map(import_lines, trees)), sum(lengths)),
        "classes that share their name": percent(shared, modules.total()),
    }


def percent(part: int, whole: int) -> str:
    """To a tenth of a percent, rounded half up; without floats."""
    tenths = (2000 * part + whole) // (2 * whole) if whole else 0
    return f"{tenths // 10}.{tenths % 10} %"


def seconds_of_the_gate() -> str:
    """How long `make test` takes here; a test that fails makes the figure worthless, and is an error."""
    command = ["make", "test"]
    begun = time.monotonic()
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return f"{time.monotonic() - begun:,.0f}"


def table(columns: dict[str, dict[str, str]]) -> str:
    measures = next(iter(columns.values()))
    lines = ["| | " + " | ".join(columns) + " |", "|---|" + "---:|" * len(columns)]
    lines += [f"| {name} | " + " | ".join(column[name] for column in columns.values()) + " |" for name in measures]
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure the size of ballot/.")
    parser.add_argument("commits", nargs="*", metavar="COMMIT", help="measure these instead of the work tree")
    parser.add_argument("--time", action="store_true", help="time `make test` in the work tree, too")
    asked = parser.parse_args()
    if asked.time and asked.commits:
        parser.error("--time measures the work tree: give no commit")
    try:
        columns = {commit: measure(files_at(commit)) for commit in asked.commits} or {"now": measure(files_here())}
        if asked.time:
            columns["now"]["seconds of `make test`"] = seconds_of_the_gate()
    except subprocess.CalledProcessError as fault:
        said = (fault.stderr or b"").decode("utf-8", "replace").strip()
        print(f"Not measured: {' '.join(fault.cmd)} failed. {said}", file=sys.stderr)
        return 1
    print(table(columns))
    return 0


if __name__ == "__main__":
    sys.exit(main())
