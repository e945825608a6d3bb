#!/usr/bin/env python3
"""Pack the auditor's side into one file: python3 scripts/make_verifier.py [verifier.pyz]

A zipapp that runs with nothing but Python 3.11 or newer: `python3 verifier.pyz RECORD`. It holds what the audit
imports, found by following the imports, each file with its source so that anyone can read it. The same files make the
same bytes, on any machine and any day: names in order, one date, nothing compressed (libraries may compress
differently).
"""

import ast
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENTRY = ROOT / "scripts" / "verify_tally.py"
SHEBANG = b"#!/usr/bin/env python3\n"
DATE = (1980, 1, 1, 0, 0, 0)

MAIN = '''"""The auditor's script in one file; scripts/verify_tally.py of the same version does the same."""

import sys

if sys.version_info < (3, 11):
    sys.exit("this needs Python 3.11 or newer, and found {}.{}".format(*sys.version_info))

from ballot.audit.command import main

if __name__ == "__main__":  # and not in a worker process, which may import this file anew
    sys.exit(main(prog="verifier.pyz"))
'''


def main(argv: list[str]) -> int:
    """Write the named file, or verifier.pyz in the checkout's dist folder."""
    target = Path(argv[0]) if argv else ROOT / "dist" / "verifier.pyz"
    target.parent.mkdir(parents=True, exist_ok=True)
    write_verifier(target)
    print(f"{target.name}: {target.stat().st_size // 1024} kB, needs nothing but Python 3.11")
    return 0


def write_verifier(target: Path) -> None:
    """Write the zipapp, the same bytes each time."""
    files = {"__main__.py": MAIN.encode()}
    for module in sorted(modules_of("ballot.audit.command")):
        path = file_of(module)
        files[path.relative_to(ROOT).as_posix()] = path.read_bytes()
    files["LICENSE"] = (ROOT / "LICENSE").read_bytes()
    with target.open("wb") as out:
        out.write(SHEBANG)
        with zipfile.ZipFile(out, "w") as archive:
            for name, body in sorted(files.items()):
                entry = zipfile.ZipInfo(name, DATE)
                entry.create_system, entry.external_attr = 3, 0o100644 << 16
                archive.writestr(entry, body)
    target.chmod(0o755)


def modules_of(first: str) -> set[str]:
    """Our modules that this one imports, directly or not, and their packages."""
    found: set[str] = set()
    waiting = [first]
    while waiting:
        module = waiting.pop()
        if module in found:
            continue
        found.add(module)
        waiting += [*parents_of(module), *imports_of(file_of(module))]
    return found


def parents_of(module: str) -> Iterator[str]:
    """`ballot.audit` and `ballot`, for `ballot.audit.run`."""
    while "." in module:
        module = module.rpartition(".")[0]
        yield module


def imports_of(path: Path) -> Iterator[str]:
    """Our modules that a file imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            inner = [f"{node.module}.{alias.name}" for alias in node.names]
            names = [node.module, *(name for name in inner if file_of(name).exists())]
        yield from (name for name in names if name.split(".")[0] == "ballot")


def file_of(module: str) -> Path:
    """The source file of one of our modules."""
    path = ROOT.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
