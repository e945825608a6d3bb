"""terms.json: the rules of the vote, fixed at sealing.

Each election's description contains its SHA-256 as `terms:sha256:<hex>`, so every ballot signs the rules under which it
was cast. The terms require strong proofs of decryption, so a record cannot leave them out unnoticed. The programme's
fingerprint covers the terms, all public keys and all elections. It is printed at sealing and shown everywhere, because
a record can only vouch for itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from ballot.constitution.programme import Programme, VotingPack
from ballot.constitution.weight import DEFAULT_NOUNS, WeightNouns
from ballot.constitution.words import DEFAULT_WORDS, KEYS, Words, read_noun, read_words
from ballot.protocol.canonical import (
    Json,
    array,
    boolean,
    check_canonical,
    fields,
    integer,
    parse_json,
    text,
    write_json,
)
from ballot.protocol.elections import Election, parse_uuid
from ballot.protocol.errors import Reason
from ballot.protocol.hashing import Hash, is_hash, sha256_hex
from ballot.protocol.strong_decryption import CONTEXT
from ballot.record.counting import Counting, CountKind
from ballot.record.elections import election_name, parse_locality
from ballot.record.errors import InvalidRecord
from ballot.record.keys import PEOPLE, ROLE_WORDS, PublicKey, Role, parse_role
from ballot.record.public_roll import RollSource, parse_roll_sources
from ballot.record.reballots import Citation, parse_citation, question_json
from ballot.record.secrecy import RevealedVotes, parse_secrecy, secrecy_json
from ballot.record.times import parse_day, parse_time, time_text
from ballot.strict.errors import FileError
from ballot.strict.toml_tables import table_of

VERSION = 2
FIELDS = (
    "version",
    "programme",
    "name",
    "rehearsal",
    "board",
    "policy",
    "returned",
    "authority",
    "decryption_proofs",
    "keys_held",
    "window",
    "questions",
    "files",
    "roll_sources",
    "elections",
    "voting_pack",
    "secrecy",
    "reballot",
    "trustees",
    "keys",
    "words",
    "scrutineer",
)
OPTIONAL = ("authority", "words", "scrutineer")
"""Only where voters are asked who casts a vote, and where the programme has words of its own or names a scrutineer."""
ELECTION_FIELDS = (
    "ccg",
    "locality",
    "name",
    "uuid",
    "count",
    "heads",
    "nouns",
    "practices",
    "total_weight",
    "snapshot",
    "credentials",
    "roll",
)


def _nouns_json(nouns: WeightNouns) -> Json:
    """What votes and their owners are called, as the terms write it; left out where these are the usual nouns."""
    return {"unit": nouns.unit.texts, "counts": nouns.counts.texts, "member": nouns.member.texts}


def _parse_nouns(value: Json) -> WeightNouns:
    value = fields(value, ("unit", "counts", "member"))
    try:
        table = table_of(value, "nouns")
        found = WeightNouns(*(read_noun(table, key) for key in ("unit", "counts", "member")))
    except FileError as refusal:
        raise InvalidRecord(Reason.WRONG_SHAPE, refusal.sentence) from None
    if found == DEFAULT_NOUNS:
        raise InvalidRecord(Reason.NOT_CANONICAL, "the usual nouns are left out")
    return found


@dataclass(frozen=True, slots=True)
class TermsElection:
    """One election, of a CCG or one of its localities: how it is counted, its members, and their total weight.

    `name` is the title that practices read. All elections of a CCG are counted in the same way.
    """

    ccg: str
    locality: str | None
    name: str
    uuid: str
    counting: Counting
    practices: int
    total_weight: int
    credentials: Hash
    """SHA-256 of the list of public credentials and weights, as in the archive's Setup event."""
    roll: Hash
    """SHA-256 of the election's part of roll.csv: the header and the election's rows."""
    snapshot: date | None = None
    """The day of the list sizes in the CCG's rule; None if the rule has no [weight]."""

    @property
    def election_name(self) -> str:
        """The election's name in the rest of the record."""
        return election_name(self.ccg, self.locality)

    def to_json(self) -> Json:
        return {
            "ccg": self.ccg,
            "locality": self.locality,
            "name": self.name,
            "uuid": self.uuid,
            "count": self.counting.kind.value,
            "heads": self.counting.heads,
            **({} if self.counting.nouns == DEFAULT_NOUNS else {"nouns": _nouns_json(self.counting.nouns)}),
            "practices": self.practices,
            "total_weight": self.total_weight,
            "snapshot": None if self.snapshot is None else self.snapshot.isoformat(),
            "credentials": self.credentials,
            "roll": self.roll,
        }

    @classmethod
    def from_json(cls, value: Json) -> TermsElection:
        value = fields(value, ELECTION_FIELDS, ("nouns",))
        try:
            kind = CountKind(value["count"])
        except ValueError:
            raise InvalidRecord(Reason.WRONG_FIELDS, "expected heads, patients or packed") from None
        heads = None if value["heads"] is None else integer(value["heads"], 1)
        if (heads is None) == (kind is CountKind.PACKED):
            raise InvalidRecord(Reason.WRONG_FIELDS, "heads is a number exactly where the count is packed")
        if not is_hash(value["credentials"]) or not is_hash(value["roll"]):
            raise InvalidRecord(Reason.WRONG_TYPE, "expected the hashes of an election's credentials and roll")
        return cls(
            text(value["ccg"]),
            parse_locality(value["locality"]),
            text(value["name"]),
            parse_uuid(value["uuid"]),
            Counting(kind, heads, _parse_nouns(value["nouns"]) if "nouns" in value else DEFAULT_NOUNS),
            integer(value["practices"]),
            integer(value["total_weight"]),
            value["credentials"],
            value["roll"],
            None if value["snapshot"] is None else parse_day(value["snapshot"]),
        )


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms to be written. They repeat programme.toml, so that the auditor can compare the two."""

    programme: Programme
    board: str
    """The name under which the board signs checkpoints, usually its host name."""
    keys_held: frozenset[Role]
    """The people whose private keys the server holds: it could sign for them."""
    files: Mapping[str, Hash]
    """The hashes of programme.toml, constitutions/<ccg>.toml and roll.csv."""
    elections: tuple[TermsElection, ...]
    pedersen: Hash
    """The hash of the trustees' threshold parameters, which are the same for all elections."""
    keys: Mapping[Role, PublicKey]
    roll_sources: tuple[RollSource, ...]
    """The files from which roll and list sizes were read."""
    secrecy: Mapping[str, RevealedVotes]
    """The votes that the totals of each election would reveal, by its name."""
    citation: Citation | None = None
    """The earlier programme, if this is a re-ballot."""
    scrutineer: PublicKey | None = None
    """The key of the scrutineer whom the programme names. Without one, the field is left out."""
    statement: str | None = None
    """What voters confirm before casting. None if they are not asked, as in every programme of older versions."""

    def to_bytes(self) -> bytes:
        p = self.programme
        scrutineer = {"name": p.scrutineer, "key": None if self.scrutineer is None else self.scrutineer.raw.hex()}
        return write_json(
            {
                "version": VERSION,
                "programme": p.id,
                "name": p.name,
                "rehearsal": p.rehearsal,
                "board": self.board,
                "policy": p.policy.value,
                "returned": p.returned.value,
                **({} if self.statement is None else {"authority": self.statement}),
                "decryption_proofs": CONTEXT,
                "keys_held": [role.value for role in PEOPLE if role in self.keys_held],
                "window": window_json(p.opens_at, p.closes_at, p.window.zone),
                "questions": [question_json(question) for question in p.questions],
                "files": dict(self.files),
                "roll_sources": [source.to_json() for source in self.roll_sources],
                "elections": [election.to_json() for election in self.elections],
                "voting_pack": [_pack_json(pack) for pack in p.voting_packs],
                "secrecy": secrecy_json(p.secrecy_at_most, self.secrecy),
                "reballot": None if self.citation is None else self.citation.to_json(),
                "trustees": {
                    "threshold": p.trustees.threshold,
                    "names": list(p.trustees.names),
                    "pedersen": self.pedersen,
                },
                "keys": {role.value: self.keys[role].raw.hex() for role in Role},
                **({} if p.words == DEFAULT_WORDS else {"words": words_json(p.words)}),
                **({"scrutineer": scrutineer} if any(scrutineer.values()) else {}),
            }
        )


def _pack_json(pack: VotingPack) -> Json:
    """A document by its hash; with its format and size if the voting page gives it out."""
    given: dict[str, Json] = {} if pack.format is None else {"format": pack.format.value, "size": pack.size}
    return {"name": pack.name, "sha256": pack.sha256, **given}


def window_json(opens: datetime, closes: datetime, zone: str) -> Json:
    """The voting window as the terms write it."""
    return {"opens": time_text(opens), "closes": time_text(closes), "zone": zone}


def words_json(words: Words) -> Json:
    """What the programme calls things, as the terms write it: every noun in singular and plural."""
    return {key: list(texts) for key, texts in words.values.items()}


def _parse_words(value: Json) -> Words:
    value = fields(value, KEYS)
    try:
        return read_words(table_of(value, "words"))
    except FileError as refusal:
        raise InvalidRecord(Reason.WRONG_SHAPE, refusal.sentence) from None


@dataclass(frozen=True, slots=True)
class ReadTerms:
    """The terms that the auditor reads from terms.json, without trusting programme.toml."""

    programme: str
    rehearsal: bool
    board: str
    keys_held: frozenset[Role]
    policy: str
    returned: str
    opens: datetime
    closes: datetime
    files: Mapping[str, Hash]
    elections: tuple[TermsElection, ...]
    threshold: int
    pedersen: Hash
    keys: Mapping[Role, PublicKey]
    roll_sources: tuple[RollSource, ...]
    hash: Hash
    secrecy_at_most: Fraction
    secrecy: Mapping[str, RevealedVotes]
    citation: Citation | None
    words: Words
    scrutineer: PublicKey | None
    statement: str | None
    """What voters confirmed before casting. None if they were not asked."""


def parse_terms(data: bytes) -> ReadTerms:
    """The terms written as `data`; raises InvalidMessage unless they are canonical and complete."""
    value = fields(parse_json(data), FIELDS, OPTIONAL)
    integer(value["version"], VERSION, VERSION)
    window = fields(value["window"], ("opens", "closes", "zone"))
    trustees = fields(value["trustees"], ("threshold", "names", "pedersen"))
    files = value["files"]
    if not isinstance(files, dict) or not all(map(is_hash, [*files.values(), trustees["pedersen"]])):
        raise InvalidRecord(Reason.WRONG_TYPE, "expected the hashes of files and trustees")
    elections = tuple(TermsElection.from_json(entry) for entry in array(value["elections"]))
    if len({e.election_name for e in elections}) < len(elections) or len({e.uuid for e in elections}) < len(elections):
        raise InvalidRecord(Reason.WRONG_SHAPE, "an election is named twice")
    keys = {parse_role(role): PublicKey.from_hex(raw) for role, raw in fields(value["keys"], ROLES).items()}
    if value["decryption_proofs"] != CONTEXT:
        raise InvalidRecord(Reason.WRONG_FIELDS, f"expected decryption proofs of the kind {CONTEXT}")
    scrutineer = fields(value["scrutineer"], ("name", "key")) if "scrutineer" in value else None
    if scrutineer is not None:
        text(scrutineer["name"])
    held = frozenset(map(parse_role, array(value["keys_held"])))
    if value["keys_held"] != [role.value for role in PEOPLE if role in held]:
        raise InvalidRecord(Reason.WRONG_FIELDS, "expected the roles of people, each once and in order")
    check_canonical(data, value, "the terms")
    return ReadTerms(
        text(value["programme"]),
        boolean(value["rehearsal"]),
        text(value["board"]),
        held,
        text(value["policy"]),
        text(value["returned"]),
        parse_time(window["opens"]),
        parse_time(window["closes"]),
        files,
        elections,
        integer(trustees["threshold"], 1),
        trustees["pedersen"],
        keys,
        parse_roll_sources(value["roll_sources"]),
        sha256_hex(data),
        *parse_secrecy(value["secrecy"]),
        None if value["reballot"] is None else parse_citation(value["reballot"]),
        _parse_words(value["words"]) if "words" in value else DEFAULT_WORDS,
        None if scrutineer is None else PublicKey.from_hex(scrutineer["key"]),
        text(value["authority"]) if "authority" in value else None,
    )


ROLES = tuple(role.value for role in Role)


def sentences_of_keys(held: frozenset[Role], words: Words) -> Iterator[str]:
    """What must be said next to a result, of the keys that the server held."""
    if Role.REGISTRAR in held:
        members = words.member.many
        yield f"Registrar and server were one installation, which could have voted for {members} that did not vote."
    officers = [ROLE_WORDS[role] for role in PEOPLE if role in held and role is not Role.REGISTRAR]
    if officers:
        names = " and the ".join(officers)
        keys = "keys" if len(officers) > 1 else "key"
        yield f"The server held the signing {keys} of the {names}, and could have signed for them."


def terms_description(terms: bytes) -> str:
    """The description of every election under these terms."""
    return f"terms:sha256:{sha256_hex(terms)}"


def check_archive_terms(terms: bytes, election: Election, credentials: Hash) -> TermsElection:
    """The election in the terms. Raises InvalidMessage unless it names them, and they its credentials and weights.

    `credentials` is the SHA-256 of the list in the archive. Nothing else in the terms is compared here.
    """
    if election.description != terms_description(terms):
        raise InvalidRecord(Reason.WRONG_FIELDS, "the election names other terms")
    sealed = next((each for each in parse_terms(terms).elections if each.uuid == election.uuid), None)
    if sealed is None or sealed.credentials != credentials:
        raise InvalidRecord(Reason.WRONG_FIELDS, "the list of credentials and weights is not the one that was sealed")
    return sealed


def programme_fingerprint(terms: Hash, keys: Mapping[Role, PublicKey], elections: Mapping[str, Hash]) -> Hash:
    """One hash over the terms, every public key and every election; `elections` are hashes by the election's name."""
    value = {
        "terms": terms,
        "keys": {role.value: keys[role].raw.hex() for role in Role},
        "elections": {name: elections[name] for name in sorted(elections)},
    }
    return sha256_hex(write_json(value))
