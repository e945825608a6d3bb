"""Hold locked packages against a folder of advisories (OSV, one JSON file each), where no registry can be asked.

The OSV schema: a version is affected if it is listed, or if the events of a range of kind ECOSYSTEM, sorted by PEP 440,
leave it inside: `introduced` lets in, `fixed` lets out, `last_affected` lets out whatever is above. Advisories that
were withdrawn count for nothing. What the folder does not know of, nobody here knows: its newest date is told with
the findings.
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
    """What was found, a line each; in how many advisories; and of which day the newest of them is."""

    wrong: list[str]
    advisories: int
    newest: str


def plain(name: str) -> str:
    """A package's name as PyPI compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def look_up(folder: Path, pins: Mapping[str, Collection[str]], accepted: Mapping[str, str]) -> Looked:
    """Every pin against every advisory below the folder; an advisory is accepted by its id or one of its aliases."""
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
    """Whether a version is among those that an entry of `affected` means."""
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
    """`0` is before everything; what is no version of PEP 440 cannot be compared, and stands before everything too."""
    try:
        return Version("0.dev0" if text == "0" else text)
    except InvalidVersion:
        return Version("0.dev0")
