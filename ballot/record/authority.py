"""Who cast a vote, and by what authority: private statements, of which a record holds only a Merkle root.

Before casting, the person who votes gives their name and capacity and confirms the programme's statement. The office
keeps that. Each statement has a salted hash; the hashes of an election's statements, in the order of its ballots, are
the leaves of an RFC 6962 tree. The event of closing has its root, so no statement can be changed, added or dropped
afterwards unnoticed. Without the salt a hash says nothing. A statement names the ballot that was accepted, never a
choice.

A `StatementProof` shows one statement to others: the words, the salt, and the path to the root in the record.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from ballot.protocol.canonical import Json, array, check_canonical, fields, integer, parse_json, text, write_json
from ballot.protocol.elections import parse_uuid
from ballot.protocol.errors import Reason
from ballot.protocol.hashing import Hash, is_hash
from ballot.record.errors import InvalidRecord
from ballot.record.merkle import CompactRange, check_inclusion, create_inclusion_proof, leaf_hash, node_hash

DOMAIN = "ballot: the authority of whoever cast a vote, version 1"
SALT_BYTES = 32
NAME_SIGNS = " .,'\u2019\u2018()-\u2010"
"""What may be in a name besides letters, marks and digits."""
NAME_MAX = 100
"""The longest name, in characters."""
VERSION = 1


class Capacity(Enum):
    """In what capacity somebody votes for a practice."""

    REPRESENTATIVE = "representative"
    PROXY = "proxy"


CAPACITY_WORDS = {Capacity.REPRESENTATIVE: "the representative", Capacity.PROXY: "proxy for the representative"}


@dataclass(frozen=True, slots=True)
class Authority:
    """What the person who casts a vote says about themselves. `statement` is the sentence that they confirmed."""

    name: str
    capacity: Capacity
    statement: str

    def to_bytes(self) -> bytes:
        return write_json({"name": self.name, "capacity": self.capacity.value, "statement": self.statement})


def parse_authority(data: bytes) -> Authority:
    """Read what a voter's page sends. Raises InvalidMessage unless the name is plain text on one line, not too long."""
    value = fields(parse_json(data), ("name", "capacity", "statement"))
    return Authority(_name(value["name"]), _capacity(value["capacity"]), text(value["statement"]))


def _name(value: Json) -> str:
    """A name in letters, marks, digits, blanks and few signs: no line end, no address, nothing that hides a letter."""
    name = text(value)
    if not 0 < len(name) <= NAME_MAX or name != name.strip() or not all(map(_is_of_a_name, name)):
        raise InvalidRecord(Reason.WRONG_SHAPE, f"expected a name of 1 to {NAME_MAX} letters, blanks and few signs")
    return name


def _is_of_a_name(character: str) -> bool:
    return character in NAME_SIGNS or unicodedata.category(character)[0] in "LMN"


def _capacity(value: Json) -> Capacity:
    try:
        return Capacity(value)
    except ValueError:
        words = " or ".join(capacity.value for capacity in Capacity)
        raise InvalidRecord(Reason.WRONG_FIELDS, f"expected the capacity {words}") from None


@dataclass(frozen=True, slots=True)
class CastStatement:
    """A statement with the vote that it was made for."""

    election_uuid: str
    practice: str
    ballot: Hash
    """SHA-256 of the ballot that was accepted with it."""
    authority: Authority

    def hash(self, salt: bytes) -> bytes:
        """The salted hash: SHA-256 over every part, each after its length in eight bytes."""
        if len(salt) != SALT_BYTES:
            raise ValueError(f"a salt has {SALT_BYTES} bytes")
        said = self.authority
        words = (self.election_uuid, self.practice, self.ballot, said.name, said.capacity.value, said.statement)
        hashed = hashlib.sha256()
        for part in (DOMAIN.encode(), salt, *(word.encode() for word in words)):
            hashed.update(len(part).to_bytes(8, "big") + part)
        return hashed.digest()


@dataclass(frozen=True, slots=True)
class StatementsRoot:
    """What the event of closing has: how many statements there are, and the root of the tree of their hashes."""

    rows: int
    root: bytes

    @classmethod
    def of(cls, hashes: Iterable[bytes]) -> StatementsRoot:
        """The root of these hashes, in the order of the ballots in the archive."""
        tree = CompactRange()
        for each in hashes:
            tree = tree.append(each)
        return cls(tree.size, tree.root)

    def to_json(self) -> Json:
        return {"rows": self.rows, "root": self.root.hex()}

    @classmethod
    def from_json(cls, value: Json) -> StatementsRoot:
        value = fields(value, ("rows", "root"))
        if not is_hash(value["root"]):
            raise InvalidRecord(Reason.WRONG_TYPE, "expected the root of the voters' statements")
        return cls(integer(value["rows"]), bytes.fromhex(value["root"]))


PROOF_FIELDS = (
    "version",
    "programme",
    "election",
    "uuid",
    "practice",
    "ballot",
    "name",
    "capacity",
    "statement",
    "salt",
    "index",
    "rows",
    "path",
)


@dataclass(frozen=True, slots=True)
class StatementProof:
    """One statement for a dispute: a file to check against the published record, without trusting the office."""

    programme: str
    election: str
    """The election's name in the record."""
    made: CastStatement
    salt: bytes
    index: int
    """The statement's place among those of the election, counted from 0."""
    rows: int
    path: tuple[bytes, ...]

    def to_bytes(self) -> bytes:
        made, said = self.made, self.made.authority
        return write_json(
            {
                "version": VERSION,
                "programme": self.programme,
                "election": self.election,
                "uuid": made.election_uuid,
                "practice": made.practice,
                "ballot": made.ballot,
                "name": said.name,
                "capacity": said.capacity.value,
                "statement": said.statement,
                "salt": self.salt.hex(),
                "index": self.index,
                "rows": self.rows,
                "path": [each.hex() for each in self.path],
            }
        )

    def check(self, published: StatementsRoot) -> None:
        """Raise InvalidRecord unless exactly this statement is under the published root."""
        if self.rows != published.rows:
            raise InvalidRecord(
                Reason.INCLUSION, f"the record has {published.rows} statements, and this proof is of {self.rows}"
            )
        check_inclusion(leaf_hash(self.made.hash(self.salt)), self.index, self.rows, self.path, published.root)


def parse_statement_proof(data: bytes) -> StatementProof:
    """The proof in a file. Raises InvalidMessage for another form."""
    value = fields(parse_json(data), PROOF_FIELDS)
    integer(value["version"], VERSION, VERSION)
    if not is_hash(value["ballot"]) or not is_hash(value["salt"]) or not all(map(is_hash, array(value["path"]))):
        raise InvalidRecord(Reason.WRONG_TYPE, "expected ballot, salt and path as hexadecimal digits, 64 each")
    check_canonical(data, value, "the file")
    said = Authority(_name(value["name"]), _capacity(value["capacity"]), text(value["statement"]))
    return StatementProof(
        text(value["programme"]),
        text(value["election"]),
        CastStatement(parse_uuid(value["uuid"]), text(value["practice"]), value["ballot"], said),
        bytes.fromhex(value["salt"]),
        integer(value["index"]),
        integer(value["rows"]),
        tuple(bytes.fromhex(each) for each in value["path"]),
    )


def path_of(index: int, hashes: Sequence[bytes]) -> tuple[bytes, ...]:
    """The path from the statement at `index` to the root of all of them."""
    nodes = {(0, place): leaf_hash(each) for place, each in enumerate(hashes)}
    height, width = 0, len(hashes)
    while width > 1:
        width //= 2
        for place in range(width):
            left, right = nodes[height, 2 * place], nodes[height, 2 * place + 1]
            nodes[height + 1, place] = node_hash(left, right)
        height += 1
    return tuple(create_inclusion_proof(index, len(hashes), nodes))
