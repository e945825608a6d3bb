"""Check locked packages against a folder of advisories (OSV, one JSON file each), without a network.

The OSV schema: a version is affected if it is listed, or if it is inside a range of kind ECOSYSTEM. The range's events
are sorted by PEP 440: `introduced` starts it, `fixed` ends it, `last_affected` ends it above that version. Withdrawn
advisories do not count. Faults missing from the folder are not found, so the findings state its newest date.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.version import InvalidVersion, Version


@dataclass(frozen=True, slots=True)
class Looked:
    """One line for each finding; the number of advisories; and the date of the newest."""

    wrong: list[str]
    advisories: int
    newest: str


def plain(name: str) -> str:
    """A package's name as PyPI compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def look_up(folder: Path, pins: Mapping[str, Collection[str]], accepted: Mapping[str, str]) -> Looked:
    """Check every pin against every advisory in the folder; `accepted` has an advisory's id or one of its aliases."""
    wrong, number, newest = [], 0, ""
    for path in sorted(folder.rglob("*.json")):
        told = json.loads(path.read_bytes())
        if not isinstance(told, dict) or "affected" not in told:
            continue
        number += 1
        newest = max(newest, str(told.get("modified", ""))[:10])
        names = {told["id"], *told.get("aliases", [])}
        if told.get("withdrawn") or names & set(accepted):
            continue
        wrong += [f"{name} {version}: {told['id']}" for name, version in sorted(set(_hit(told["affected"], pins)))]
    return Looked(wrong, number, newest)


def _hit(affected: list[dict[str, Any]], pins: Mapping[str, Collection[str]]) -> Iterator[tuple[str, str]]:
    for part in affected:
        package = part.get("package", {})
        name = plain(str(package.get("name", "")))
        if package.get("ecosystem") == "PyPI":
            yield from ((name, version) for version in pins.get(name, ()) if is_affected(part, version))


def is_affected(part: Mapping[str, Any], version: str) -> bool:
    """Whether a version is among those in an entry of `affected`."""
    if version in part.get("versions", []):
        return True
    asked = Version(version)
    return any(_is_inside(each["events"], asked) for each in part.get("ranges", []) if each["type"] == "ECOSYSTEM")


def _is_inside(events: list[Mapping[str, str]], asked: Version) -> bool:
    inside = False
    for at, kind in sorted(((_version(text), kind) for event in events for kind, text in event.items()), key=_order):
        if kind == "introduced" and asked >= at:
            inside = True
        elif (kind == "fixed" and asked >= at) or (kind == "last_affected" and asked > at):
            inside = False
    return inside


def _order(event: tuple[Version, str]) -> tuple[Version, bool]:
    return event[0], event[1] == "introduced"


def _version(text: str) -> Version:
    """`0` is before everything; so is anything that is not a PEP 440 version."""
    try:
        return Version("0.dev0" if text == "0" else text)
    except InvalidVersion:
        return Version("0.dev0")
