"""Read config/<programme>/programme.toml: who votes, on what, when, who holds the keys, and what it takes.

Strict like a rule file: what is unknown, missing or contradictory is refused with its line.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from enum import Enum
from fractions import Fraction

from ballot.constitution.codes import DEFAULT_CODES, Codes, first_alike, read_body_code, read_codes
from ballot.constitution.errors import InvalidProgramme
from ballot.constitution.outcome_rule import PROGRAMME_KEYS, OutcomeRule, read_outcome_rule
from ballot.constitution.question import Question, read_question
from ballot.constitution.window import Window, read_window
from ballot.constitution.words import DEFAULT_WORDS, Words, read_words
from ballot.strict.errors import quoted
from ballot.strict.fraction import parse_fraction
from ballot.strict.toml_tables import Table, first_repeated, read_toml

_ID = re.compile(r"[a-z0-9](-?[a-z0-9]){0,63}")
SECRECY_AT_MOST = Fraction(1, 10)
"""The limit if a file has no [secrecy]."""
STATEMENT = "I am authorised to cast this practice's vote"
"""What a voter confirms before casting, if a file does not say otherwise and calls the members practices."""
STATEMENT_MAX = 500
DOCUMENT_MAX = 4 * 1024 * 1024
"""The largest document that the voting page gives out, in bytes."""
_URL = re.compile(r"https://[!-~]{1,500}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


class Policy(Enum):
    """What happens when a practice votes twice."""

    FINAL = "final"
    LAST_COUNTS = "last-counts"


class Returned(Enum):
    """Whether the list of practices that voted is published."""

    AFTER_CLOSING = "after-closing"
    NEVER = "never"


class CountOrder(Enum):
    """When totals may be decrypted."""

    TOGETHER = "together"
    """Once the last ballot of the programme has closed, so that no result is known while others vote."""
    EACH = "each"
    """Each as soon as it has closed."""


@dataclass(frozen=True, slots=True)
class Ccg:
    """One of the voting CCGs."""

    ods: str
    name: str


@dataclass(frozen=True, slots=True)
class Trustees:
    """How many people hold shares of the key, and how many shares open a total."""

    threshold: int
    names: tuple[str, ...]


class DocumentFormat(Enum):
    """The formats of documents that the voting page gives out. The value is also the file name's extension."""

    PDF = "pdf"
    WORD = "docx"
    OPEN_DOCUMENT = "odt"
    TEXT = "txt"


@dataclass(frozen=True, slots=True)
class VotingPack:
    """A document for the vote, by its hash. `url` says where to read it, if it is elsewhere.

    A document that the voting page itself gives out has `format` and `size` instead. With neither, practices must ask.
    """

    name: str
    sha256: str
    url: str | None = None
    format: DocumentFormat | None = None
    size: int | None = None
    """In bytes."""

    @property
    def is_served(self) -> bool:
        """Whether the voting page gives it out."""
        return self.format is not None


@dataclass(frozen=True, slots=True)
class Authority:
    """Whether voters say who they are and confirm that they may vote for the practice, and in what words."""

    ask: bool = True
    statement: str | None = None
    """None for the usual words."""


@dataclass(frozen=True, slots=True)
class Programme:
    """One vote of several CCGs on the same questions."""

    id: str
    name: str
    policy: Policy
    returned: Returned
    rehearsal: bool
    count: CountOrder
    window: Window
    ccgs: tuple[Ccg, ...]
    """Ordered by ODS code, whatever the order in the file."""
    questions: tuple[Question, ...]
    trustees: Trustees
    voting_packs: tuple[VotingPack, ...]
    outcome: OutcomeRule | None
    """None for a re-ballot, which uses the outcome rule of the earlier programme."""
    reballot_of: str | None = None
    """The earlier programme in which these CCGs voted; None if this is no re-ballot."""
    secrecy_at_most: Fraction = SECRECY_AT_MOST
    """The share of votes that the totals may determine in simulated ballots, unless two people give a reason."""
    words: Words = DEFAULT_WORDS
    """What sentences call bodies, members, weight and subject."""
    codes: Codes = DEFAULT_CODES
    scrutineer: str | None = None
    """The name of the scrutineer, whose key the terms then hold; None if there is none."""
    authority: Authority | None = None
    """None if the file does not say: then voters are asked in the usual words, unless the members are persons."""
    file: str = field(default="", compare=False)

    @property
    def statement(self) -> str | None:
        """What a voter confirms before casting. None if voters are not asked."""
        authority = self.authority or Authority(ask=not self.codes.persons)
        if not authority.ask:
            return None
        return authority.statement or f"I am authorised to cast this {self.words.member.one}'s vote"

    @property
    def opens_at(self) -> dt.datetime:
        """The moment of opening, in UTC."""
        return self.window.opens_at

    @property
    def closes_at(self) -> dt.datetime:
        """The moment of closing, in UTC."""
        return self.window.closes_at


def load_programme(text: bytes, file: str) -> Programme:
    """The programme a file describes. Raises: InvalidProgramme, whatever the bytes are."""
    root = read_toml(text, file, InvalidProgramme)
    root.only(*PROGRAMME_KEYS)
    codes = read_codes(root)
    ccgs = tuple(sorted(read_ccgs(root, codes), key=lambda ccg: ccg.ods))
    questions = tuple(read_question(table) for table in root.tables("question"))
    packs = tuple(read_voting_pack(table) for table in root.tables("voting_pack")) if root.has("voting_pack") else ()
    check_once(root, "question", "id", [question.id for question in questions])
    check_once(root, "voting_pack", "name", [pack.name for pack in packs])
    listed = {ccg.ods: ccg.name for ccg in ccgs}, {question.id: question.text for question in questions}
    reballot_of = _reballot_of(root) if root.has("reballot") else None
    words = read_words(root.table("words")) if root.has("words") else DEFAULT_WORDS
    outcome = None
    if reballot_of is None:
        outcome = read_outcome_rule(root.table("outcome"), *listed, file, words)
        _check_options(root, outcome, questions)
    return Programme(
        id=read_identifier(root),
        name=root.text("name"),
        policy=root.word("policy", Policy, Policy.FINAL),
        returned=_read_returned(root, codes),
        rehearsal=root.truth("rehearsal", default=False),
        count=root.word("count", CountOrder, CountOrder.TOGETHER),
        window=read_window(root.table("window")),
        ccgs=ccgs,
        questions=questions,
        trustees=read_trustees(root.table("trustees")),
        voting_packs=packs,
        outcome=outcome,
        reballot_of=reballot_of,
        secrecy_at_most=read_secrecy(root.table("secrecy")) if root.has("secrecy") else SECRECY_AT_MOST,
        words=words,
        codes=codes,
        scrutineer=read_scrutineer(root.table("scrutineer")) if root.has("scrutineer") else None,
        authority=read_authority(root.table("authority")) if root.has("authority") else None,
        file=file,
    )


def _check_options(root: Table, outcome: OutcomeRule, questions: tuple[Question, ...]) -> None:
    """Check that each option in the outcome rule belongs to its question."""
    known = {question.id: question.options for question in questions}
    for rule in (outcome, *(group.rule for group in outcome.groups)):
        for question, option in rule.options.items():
            if option not in known[question]:
                raise root.refusal(f"{quoted(option)} is not an option of {quoted(question)}.", "outcome", "option")


def is_programme_id(id: str) -> bool:
    """Whether this text can be the id of a programme."""
    return _ID.fullmatch(id) is not None


def read_identifier(root: Table, key: str = "programme") -> str:
    """The id of a programme."""
    identifier = root.text(key)
    if not is_programme_id(identifier):
        sentence = f"{quoted(identifier)} is not an id of lower case letters, digits and single hyphens between them."
        raise root.refusal(sentence, key)
    return identifier


def read_secrecy(table: Table) -> Fraction:
    """Read [secrecy]: the largest share of votes that the totals may determine."""
    table.only("at_most")
    written = table.text("at_most")
    try:
        return parse_fraction(written)
    except ValueError as reason:
        raise table.refusal(f'"at_most": {quoted(written)} {reason}.', "at_most") from None


def read_authority(table: Table) -> Authority:
    """Read [authority]: whether voters are asked by what authority they vote, and what they confirm."""
    table.only("ask", "statement")
    ask = table.truth("ask", default=True)
    statement = table.text("statement") if table.has("statement") else None
    if statement is None:
        return Authority(ask)
    if not 0 < len(statement) <= STATEMENT_MAX or statement != statement.strip() or not statement.isprintable():
        sentence = f'"statement" must be one line of at most {STATEMENT_MAX} characters, without blanks around it.'
        raise table.refusal(sentence, "statement")
    return Authority(ask, statement)


def _reballot_of(root: Table) -> str:
    """Read [reballot]: CCGs of an earlier programme vote again, and its [outcome] uses their new decisions."""
    table = root.table("reballot")
    table.only("of")
    if root.has("outcome"):
        raise root.refusal(
            "A re-ballot has no [outcome] of its own: that of the programme it is of applies.", "outcome"
        )
    of = read_identifier(table, "of")
    if of == root.values.get("programme"):
        raise table.refusal("A re-ballot is a programme with an id of its own.", "of")
    return of


def read_ccgs(root: Table, codes: Codes) -> list[Ccg]:
    """Every [[ccg]] of a programme. No two have the same code, or codes that a reader may take for one another."""
    ccgs = []
    for table in root.tables("ccg"):
        table.only("ods", "name")
        ccgs.append(Ccg(read_body_code(table, "ods", codes.body), table.text("name")))
    listed = [ccg.ods for ccg in ccgs]
    check_once(root, "ccg", "ods", listed)
    if (alike := first_alike(listed)) is not None:
        first, second = alike
        sentence = (
            f"{quoted(second)} looks like {quoted(first)}: O and 0 look alike, so do I, L and 1, and hyphens are "
            "overlooked. Choose another code for one of them."
        )
        raise root.refusal(sentence, "ccg", listed.index(second), "ods")
    return ccgs


def _read_returned(root: Table, codes: Codes) -> Returned:
    """Whether the list of those who voted is published. Of persons it never is."""
    if not codes.persons:
        return root.word("returned", Returned, Returned.AFTER_CLOSING)
    if root.word("returned", Returned, Returned.NEVER) is Returned.AFTER_CLOSING:
        sentence = (
            'The members are persons, and who of them voted is not published. Write returned = "never", or leave this '
            "line out."
        )
        raise root.refusal(sentence, "returned")
    return Returned.NEVER


def read_trustees(table: Table) -> Trustees:
    """The [trustees] of a programme."""
    table.only("threshold", "names")
    names = table.texts("names")
    if len(names) < 2:
        raise table.refusal("There must be at least two trustees: one alone could read every vote.", "names")
    threshold = table.whole("threshold")
    if threshold > len(names):
        sentence = f"{quoted(threshold)} trustees are needed and there are only {len(names)}."
        raise table.refusal(sentence, "threshold")
    return Trustees(threshold, names)


def read_scrutineer(table: Table) -> str:
    """Read [scrutineer]: the name of who watches the ballot and signs a report on it."""
    table.only("name")
    return table.text("name")


def read_voting_pack(table: Table) -> VotingPack:
    """One [[voting_pack]] of a programme."""
    table.only("name", "sha256", "url", "format", "size")
    digest = table.text("sha256")
    if not _SHA256.fullmatch(digest):
        raise table.refusal('"sha256" must be 64 lower case hexadecimal digits.', "sha256")
    url = table.text("url") if table.has("url") else None
    if url is not None and not _URL.fullmatch(url):
        raise table.refusal('"url" must be an address that begins with https://.', "url")
    if table.has("format") is not table.has("size"):
        raise table.refusal('"format" and "size" belong together: write both, or neither.')
    if not table.has("format"):
        return VotingPack(table.text("name"), digest, url)
    if url is not None:
        raise table.refusal('A document has an address elsewhere ("url"), or "format" and "size", not both.', "url")
    kind = table.word("format", DocumentFormat, DocumentFormat.PDF)
    return VotingPack(table.text("name"), digest, None, kind, table.whole("size", most=DOCUMENT_MAX))


def check_once(root: Table, key: str, name: str, values: list[str]) -> None:
    """Raise InvalidProgramme at the first of these values that repeats another: the `name` of a [[key]] table."""
    if (index := first_repeated(values)) is not None:
        raise root.refusal(f"{quoted(values[index])} is listed twice.", key, index, name)
