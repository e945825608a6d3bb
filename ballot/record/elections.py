"""The name of an election: `<ccg>`, or `<ccg>.<locality>` where the CCG votes by localities.

A locality is an election of its own. Its name is its key everywhere: in the record's file names
(`elections/<name>.bel`), in checkpoints (the name of its log), in the heads that events carry, in the database and in
addresses. Only this module composes names and takes them apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ballot.constitution.codes import ANY
from ballot.protocol.canonical import Json, text
from ballot.protocol.errors import Reason
from ballot.record.errors import InvalidRecord

_LOCALITY = "[A-Za-z0-9][A-Za-z0-9_-]{0,31}"
_NAME = re.compile(rf"({ANY})(?:\.({_LOCALITY}))?")
_ONE_LOCALITY = re.compile(_LOCALITY)


def election_name(ccg: str, locality: str | None) -> str:
    """The name of the election in which the CCG's members of this locality vote."""
    return ccg if locality is None else f"{ccg}.{locality}"


def is_election_name(name: str) -> bool:
    """Whether an election can have this name."""
    return _NAME.fullmatch(name) is not None


def is_locality(locality: str) -> bool:
    """Whether it can be part of a file's name: 1 to 32 letters, digits, hyphens and underscores."""
    return _ONE_LOCALITY.fullmatch(locality) is not None


def election_title(ccg_name: str, locality: str | None) -> str:
    """The title above the question: the CCG's name, and the locality's."""
    return ccg_name if locality is None else f"{ccg_name}, {locality}"


def localities_of(localities: Iterable[str | None]) -> Sequence[str | None]:
    """The localities of a CCG's members, each once, in the order of its elections; only None where it has none."""
    return sorted(set(localities), key=lambda locality: (locality is not None, locality or ""))


def parse_locality(value: Json) -> str | None:
    """The locality in a field, or None for null; raises InvalidMessage unless it can be part of a file's name."""
    if value is None:
        return None
    if not is_locality(text(value)):
        raise InvalidRecord(Reason.WRONG_FIELDS, "expected a locality of letters, digits, hyphens and underscores")
    return str(value)
