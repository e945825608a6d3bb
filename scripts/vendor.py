#!/usr/bin/env python3
"""Bring files of an npm package into ballot/web/static/vendor, and write down which: for maintainers.

    python3 scripts/vendor.py NAME@VERSION [TARBALL] --file FROM[=TO] ... --licence SPDX [--folder FOLDER]
    python3 scripts/vendor.py NAME@VERSION --accept PATH --why SENTENCE
    python3 scripts/vendor.py --check

`--into fonts` puts them into ballot/pdf/fonts instead, where the PDFs find their font. `--check` checks both.
Without TARBALL, `npm pack` fetches it. The tarball's integrity is checked against the one that npm publishes for the
version, or against the table where that version stands in it already. VENDORED.toml then lists every file with its
SHA-256; `--check`, and a test, compare the folder with it. `--accept` lists a file that had to be changed after
copying, or added because the package lacks it (a licence, say), with the reason.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
VENDOR = ROOT / "ballot" / "web" / "static" / "vendor"
FONTS = ROOT / "ballot" / "pdf" / "fonts"
TABLE = "VENDORED.toml"
HEADER = """# Other people's files, as their packages deliver them: made by scripts/vendor.py, which checks them too.
# `integrity` is npm's own hash of the package; `sha256` is of each file here, `from` is where it lay in the package,
# and `changed` says why one is not as it was there.
"""

Package = dict[str, Any]


class Differs(Exception):
    """The folder, a tarball or a file does not match the table or npm."""


def main(arguments: list[str] | None = None) -> int:
    """Copy and write, or check; 0 if everything matches the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("package", nargs="?", metavar="NAME@VERSION")
    parser.add_argument("tarball", nargs="?", type=Path)
    parser.add_argument("--file", action="append", default=[], metavar="FROM[=TO]", dest="files")
    parser.add_argument("--licence", default="MIT")
    parser.add_argument("--into", choices=("page", "fonts"), default="page", help="what the files are for")
    parser.add_argument("--folder", help="below that; by default the package's name, with - for @ and /")
    parser.add_argument("--accept", metavar="PATH", help="below that: a file changed or added by hand")
    parser.add_argument("--why", metavar="SENTENCE")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args(arguments)
    root = FONTS if options.into == "fonts" else VENDOR
    try:
        if options.package:
            name, _, version = options.package.rpartition("@")
            if options.accept:
                accept(root, name, options.accept, options.why or parser.error("--accept needs --why"))
            else:
                vendor(root, name, version, options.tarball, options.files, options.licence, options.folder)
        faults = [*check(VENDOR), *check(FONTS)]
    except Differs as fault:
        faults = [str(fault)]
    print("\n".join(faults) or "Every vendored file is listed and as it was")
    return 1 if faults else 0


def vendor(
    root: Path,
    name: str,
    version: str,
    tarball: Path | None,
    files: list[str],
    licence: str,
    folder: str | None = None,
    published: Callable[[str, str], str] | None = None,
) -> None:
    """Copy the named files of the package, and replace any older version in the table."""
    folder = folder or name.lstrip("@").replace("/", "-")
    packages = read_table(root)
    known = next((p for p in packages if (p["name"], p["version"]) == (name, version)), None)
    with tempfile.TemporaryDirectory() as scratch:
        data = (tarball or packed(name, version, Path(scratch))).read_bytes()
    integrity = "sha512-" + base64.b64encode(hashlib.sha512(data).digest()).decode()
    expected = known["integrity"] if known else (published or published_integrity)(name, version)
    if integrity != expected:
        raise Differs(f"{name}@{version}: expected {expected}, found {integrity}")
    entries = []
    with tempfile.TemporaryFile() as spooled:
        spooled.write(data)
        spooled.seek(0)
        with tarfile.open(fileobj=spooled, mode="r:gz") as archive:
            for source, target in (pair(file) for file in files):
                member = archive.extractfile(f"package/{source}")
                if member is None:
                    raise Differs(f"{name}@{version} holds no file {source}")
                body = member.read()
                place = root / folder / target
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(body)
                entries.append(
                    {"path": f"{folder}/{target}", "from": source, "sha256": hashlib.sha256(body).hexdigest()}
                )
    found = {"name": name, "version": version, "licence": licence, "source": "npm", "integrity": integrity}
    others = [package for package in packages if package["name"] != name]
    write_table(root, [*others, {**found, "files": sorted(entries, key=lambda entry: entry["path"])}])


def accept(root: Path, name: str, path: str, why: str) -> None:
    """List a package's file as it is now, changed or added for the reason given."""
    packages = read_table(root)
    package = next((package for package in packages if package["name"] == name), None)
    if package is None:
        raise Differs(f"{name} is not in {TABLE} yet")
    old = next((entry for entry in package["files"] if entry["path"] == path), {"path": path, "from": ""})
    new = {**old, "sha256": hashlib.sha256((root / path).read_bytes()).hexdigest(), "changed": why}
    others = [entry for entry in package["files"] if entry["path"] != path]
    package["files"] = sorted([*others, new], key=lambda entry: str(entry["path"]))
    write_table(root, packages)


def pair(file: str) -> tuple[str, str]:
    """FROM[=TO]: the path in the package, and the path below the folder here."""
    source, _, target = file.partition("=")
    target = target or source
    if PurePosixPath(target).is_absolute() or ".." in PurePosixPath(target).parts:
        raise Differs(f"{target} would lie outside the folder")
    return source, target


def packed(name: str, version: str, scratch: Path) -> Path:
    """The package as npm fetches it."""
    command = ["npm", "pack", f"{name}@{version}", "--pack-destination", str(scratch), "--silent"]
    subprocess.run(command, check=True, capture_output=True)
    return next(scratch.glob("*.tgz"))


def published_integrity(name: str, version: str) -> str:
    """The hash that npm publishes for the version."""
    command = ["npm", "view", f"{name}@{version}", "dist.integrity", "--json"]
    return str(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))


def read_table(root: Path) -> list[Package]:
    """The packages in the table; none where there is no table yet."""
    path = root / TABLE
    found: list[Package] = tomllib.loads(path.read_text("utf-8")).get("package", []) if path.exists() else []
    return found


def write_table(root: Path, packages: list[Package]) -> None:
    """Write the table; the same packages always give the same bytes."""
    lines = [HEADER]
    for package in sorted(packages, key=lambda package: package["name"]):
        lines.append("[[package]]")
        lines += [
            f"{key} = {json.dumps(package[key])}" for key in ("name", "version", "licence", "source", "integrity")
        ]
        for entry in package["files"]:
            lines += ["", "[[package.files]]", *(f"{key} = {json.dumps(value)}" for key, value in entry.items())]
        lines.append("")
    (root / TABLE).write_text("\n".join(lines), "utf-8")


def check(root: Path) -> list[str]:
    """Every difference between the folder and the table, as sentences."""
    listed = {entry["path"]: entry for package in read_table(root) for entry in package["files"]}
    there = {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()} - {TABLE}
    faults = [f"{name} is in the folder but not in {TABLE}" for name in sorted(there - set(listed))]
    faults += [f"{name} is in {TABLE} but not in the folder" for name in sorted(set(listed) - there)]
    for name in sorted(there & set(listed)):
        found = hashlib.sha256((root / name).read_bytes()).hexdigest()
        if found != listed[name]["sha256"]:
            faults.append(f"{name}: expected {listed[name]['sha256']}, found {found}")
    for package in read_table(root):
        if not any("licen" in entry["path"].lower() for entry in package["files"]):
            faults.append(f"{package['name']} came without its licence")
    return faults


if __name__ == "__main__":
    sys.exit(main())
