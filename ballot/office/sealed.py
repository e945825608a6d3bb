"""What preparing and sealing fixed, parsed from its own bytes: terms, rules, keys, and the files that the terms name.

Parsed forms are cached: the same bytes are parsed once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from sqlalchemy.orm import Session

from ballot.constitution.load import load_constitution
from ballot.constitution.programme import Programme, load_programme
from ballot.constitution.rule import Constitution
from ballot.constitution.words import Words
from ballot.db.ballots import BallotRow, list_ballots
from ballot.db.practices import PracticeRow
from ballot.db.programmes import ProgrammeRow
from ballot.protocol.canonical import parse_json, write_json
from ballot.protocol.credentials import PublicCredential, PublicCredentials
from ballot.protocol.elections import Election, parse_election
from ballot.protocol.group import Ed25519, parse_element
from ballot.protocol.hashing import Hash
from ballot.protocol.trustees import ThresholdParameters, Trustee, TrusteePublicKey
from ballot.record.counting import Counting, CountKind
from ballot.record.keys import PublicKey, Role
from ballot.record.public_roll import PublicMember, RollSource, parse_roll, roll_parts
from ballot.roll.member import SourceFile

GROUP = Ed25519()

MANY = 512
"""How many elections and rules stay parsed, at a few kB each: more than England has CCGs."""


@lru_cache(maxsize=16)
def read_programme(toml: bytes) -> Programme:
    """Parse the programme file as it was when the programme was prepared."""
    return load_programme(toml, "programme.toml")


@lru_cache(maxsize=MANY)
def read_election(election: bytes) -> Election:
    """Parse the election that ballots are made for."""
    return parse_election(GROUP, election)


@lru_cache(maxsize=16)
def read_keys(keys: bytes) -> Mapping[Role, PublicKey]:
    """Parse the public keys of all roles."""
    return {Role(role): PublicKey.from_hex(raw) for role, raw in parse_json(keys).items()}


def write_keys(keys: Mapping[Role, PublicKey]) -> bytes:
    """Write the public keys in the form that `read_keys` reads."""
    return write_json({role.value: keys[role].raw.hex() for role in Role})


def read_trustees(programme: ProgrammeRow, ballot: BallotRow) -> tuple[Trustee, ...]:
    """The server's own key (owner 1) and the trustees' threshold parameters (owners 2 and up)."""
    single = TrusteePublicKey.from_json(GROUP, parse_json(ballot.single))
    return single, ThresholdParameters.from_json(GROUP, parse_json(programme.pedersen))


def credentials_of(practices: Iterable[PracticeRow]) -> bytes:
    """The public credentials and weights of a ballot, once the registrar has issued them.

    Sealing writes these bytes into the archive. Credentials and weights never change, so the bytes can be made again.
    """
    return PublicCredentials.of(
        PublicCredential(parse_element(practice.credential), practice.weight) for practice in practices
    ).to_bytes()


@lru_cache(maxsize=16)
def read_roll_parts(roll: bytes) -> Mapping[str, bytes]:
    """The part of the public roll that belongs to each election, by election name."""
    return roll_parts(parse_roll(roll))


def read_constitution(ballot: BallotRow) -> Constitution:
    """The rule by which the CCG decides, with the words of its programme."""
    return _read_constitution(ballot.constitution, ballot.ccg, read_programme(ballot.programme.toml).words)


@lru_cache(maxsize=MANY)
def _read_constitution(toml: bytes, ccg: str, words: Words) -> Constitution:
    return load_constitution(toml, f"constitutions/{ccg}.toml", words)


def read_counting(ballot: BallotRow) -> Counting:
    """How the ballot counts: what one unit of its totals is."""
    return Counting(CountKind(ballot.count), ballot.heads, read_constitution(ballot).nouns)


def words_of(ballots: Iterable[BallotRow]) -> dict[str, Words]:
    """What each CCG's sentences call practices and weighted votes."""
    return {ballot.ccg: read_constitution(ballot).rule_for().words for ballot in ballots}


@lru_cache(maxsize=16)
def _read_roll(roll: bytes) -> Mapping[tuple[str, str], PublicMember]:
    """The members on the public roll, by CCG and practice code."""
    return {(member.ccg, member.practice): member for member in parse_roll(roll)}


def counts_for(programme: ProgrammeRow, ballot: BallotRow, practice: str) -> str:
    """What a practice's vote counts for, in words, as the public roll says. The voting page compares it on arrival."""
    member = _read_roll(programme.roll)[ballot.ccg, practice]
    return read_counting(ballot).say_weight(member.weight, member.list_size)


def write_roll_sources(sources: Sequence[SourceFile]) -> bytes:
    """Write the roll's source files, and the date of the list sizes, in the form that `read_roll_sources` reads."""
    return write_json(
        [
            {
                "file": source.file,
                "sha256": source.sha256,
                "holds": source.holds.value,
                "snapshot": None if source.snapshot is None else source.snapshot.isoformat(),
            }
            for source in sources
        ]
    )


def read_roll_sources(programme: ProgrammeRow) -> tuple[RollSource, ...]:
    """The files that the roll was read from, as the terms name them."""
    kept = parse_json(programme.roll_sources)
    return tuple(RollSource(entry["file"], Hash(entry["sha256"]), entry["holds"]) for entry in kept)


def sealed_files(session: Session, programme: ProgrammeRow) -> dict[str, bytes]:
    """The files that sealing fixed, by their names in the record. Empty before sealing."""
    if programme.terms is None:
        return {}
    keys = read_keys(programme.keys)
    return {
        "programme.toml": programme.toml,
        "roll.csv": programme.roll,
        **{f"constitutions/{row.ccg}.toml": row.constitution for row in list_ballots(session, programme.id)},
        **{f"keys/{role.value}.pub": keys[role].to_pem() for role in Role},
    }
