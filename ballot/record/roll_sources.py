"""Where the roll and the list sizes came from: which files, by their SHA-256, so that anybody can compare them.

NHS Digital publishes its list sizes for everybody; whoever downloads the same file must find the same hash. What is
*not* here: the files, in which e-mail addresses may stand.
"""

from __future__ import annotations

from dataclasses import dataclass

from ballot.protocol.canonical import Json, array, fields, text
from ballot.protocol.errors import Reason
from ballot.protocol.hashing import Hash, is_hash
from ballot.record.errors import InvalidRecord

HOLDS = ("roll", "list-sizes", "both")


@dataclass(frozen=True, slots=True)
class RollSource:
    """One file: its name without folders, the hash of its bytes, and what it holds: a word of HOLDS."""

    file: str
    sha256: Hash
    holds: str

    def to_json(self) -> Json:
        return {"file": self.file, "sha256": self.sha256, "holds": self.holds}


def parse_roll_sources(value: Json) -> tuple[RollSource, ...]:
    """The files in a list; raises InvalidMessage for any other form, and for a name with folders in it."""
    return tuple(_parse(entry) for entry in array(value))


def _parse(value: Json) -> RollSource:
    value = fields(value, ("file", "sha256", "holds"))
    file = text(value["file"])
    if not file or "/" in file or "\\" in file or not is_hash(value["sha256"]) or value["holds"] not in HOLDS:
        raise InvalidRecord(Reason.WRONG_FIELDS, f"expected a file, its hash, and one of {', '.join(HOLDS)}")
    return RollSource(file, Hash(value["sha256"]), value["holds"])
