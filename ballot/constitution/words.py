"""What a programme calls its bodies, their members, the weight of a vote and the vote's subject: [words].

    [words]
    body    = ["LMC", "LMCs"]
    member  = ["surgery", "surgeries"]
    weight  = ["share", "shares"]
    subject = ["agreement", "agreements"]

Sentences, pages, e-mails and letters use these nouns. Keys of files and columns of the record keep their names: `ccg`
and `practice`, whatever they are called here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ballot.strict.errors import quoted
from ballot.strict.toml_tables import Table

LONGEST_WORD = 40
_WORD = re.compile(r"[^\W\d_](?:[ '\u2019-]?[^\W_])*")
"""Letters and digits, with a single space, hyphen or apostrophe between them."""
_INITIALISM = re.compile(r"[A-Z](?:[A-Z0-9]|$)")
_NAMED_WITH_A_VOWEL = frozenset("AEFHILMNORSX")
"""Capitals whose names begin with a vowel: an LMC, an NHS trust."""
_VOWEL_NOT_HEARD = re.compile(r"(?:eu|ewe|one\b|once|uni(?!n|m)|us[eau]|ut[eio]|ub)", re.IGNORECASE)
_SILENT_H = re.compile(r"(?:hour|honou?r|honest|heir)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Noun:
    """A noun in singular and plural, as they are written within a sentence."""

    one: str
    many: str
    article: str | None = None
    """`a` or `an`, where the file says which; None to go by the first letters."""

    @property
    def a(self) -> str:
        """The singular with its article: `a practice`, `an LMC`."""
        return f"{self.article or _article(self.one)} {self.one}"

    def of(self, number: int) -> str:
        """The form that follows a number: `practice` after 1, otherwise `practices`."""
        return self.one if number == 1 else self.many

    def counted(self, number: int) -> str:
        """The number with the noun: `1 practice`, `1,200 practices`."""
        return f"{number:,} {self.of(number)}"

    @property
    def texts(self) -> list[str]:
        """As [words] has it: singular, plural, and the article if it is said."""
        return [self.one, self.many, *([] if self.article is None else [self.article])]


@dataclass(frozen=True, slots=True)
class Words:
    """The nouns of one programme."""

    body: Noun = Noun("CCG", "CCGs")
    """Each has a constitution, and reaches a decision."""
    member: Noun = Noun("practice", "practices")
    """Each has a vote."""
    weight: Noun = Noun("weighted vote", "weighted votes")
    """The unit of a vote's weight."""
    subject: Noun = Noun("merger", "mergers")
    """What goes ahead if enough bodies carry."""

    @property
    def full_member(self) -> Noun:
        """The member's noun, saying that it belongs to something: `member practice`, but never `member member`."""
        if "member" in self.member.one.lower():
            return self.member
        return Noun(f"member {self.member.one}", f"member {self.member.many}")

    def said(self, sentence: str) -> str:
        """A sentence with its nouns in place of `{member}`, `{Members}`, `{a body}`, `{bodies}` and the like."""
        return _SLOT.sub(self._slot, sentence)

    def _slot(self, found: re.Match[str]) -> str:
        article, name = found.groups()
        key, form = SLOTS[name.lower()]
        noun: Noun = getattr(self, key)
        text = noun.a if article else getattr(noun, form)
        return capitalised(text) if (article or name)[0].isupper() else text

    @property
    def values(self) -> dict[str, list[str]]:
        """Every noun by its key in [words]."""
        return {key: getattr(self, key).texts for key in KEYS}


SLOTS = {
    **{key: (key, "one") for key in ("body", "member", "weight", "subject")},
    "full_member": ("full_member", "one"),
    "full_members": ("full_member", "many"),
    **{many: (key, "many") for many, key in (("bodies", "body"), ("members", "member"), ("weights", "weight"))},
}
_SLOT = re.compile(rf"\{{(?:([Aa]) )?({'|'.join(SLOTS)})\}}", re.IGNORECASE)
KEYS = ("body", "member", "weight", "subject")
DEFAULT_WORDS = Words()
"""The nouns of a file without [words]."""


def read_words(table: Table) -> Words:
    """Read [words]. What it does not name has the default."""
    table.only(*KEYS)
    words = Words(**{key: read_noun(table, key) for key in KEYS if table.has(key)})
    if {words.body.one, words.body.many} & {words.member.one, words.member.many}:
        key = "member" if table.has("member") else "body"
        raise table.refusal("A body and its members need different words, or no sentence could tell them apart.", key)
    return words


def read_noun(table: Table, key: str) -> Noun:
    """A noun in two texts, singular and plural, and perhaps its article."""
    texts = table.texts(key)
    if len(texts) not in (2, 3):
        example = f'{key} = ["LMC", "LMCs"]'
        raise table.refusal(f"{quoted(key)} must be two texts, singular and plural: write {example}.", key)
    for index, text in enumerate(texts[:2]):
        if len(text) > LONGEST_WORD:
            raise table.refusal(f"{quoted(text)} has more than {LONGEST_WORD} characters.", key, index)
        if not _WORD.fullmatch(text):
            sentence = (
                f"{quoted(text)} is not a noun: write letters and digits that begin with a letter, with single spaces, "
                "hyphens or apostrophes between them."
            )
            raise table.refusal(sentence, key, index)
    article = texts[2] if len(texts) == 3 else None
    if article not in (None, "a", "an"):
        raise table.refusal(f'The third text of {quoted(key)} must be "a" or "an", not {quoted(article)}.', key, 2)
    return Noun(texts[0], texts[1], article)


def capitalised(sentence: str) -> str:
    """The sentence with a capital first."""
    return sentence[:1].upper() + sentence[1:]


def _article(word: str) -> str:
    """`a` or `an`. Capitals in a row are taken as letters that are said one by one."""
    if _INITIALISM.match(word):
        return "an" if word[0] in _NAMED_WITH_A_VOWEL else "a"
    if _SILENT_H.match(word):
        return "an"
    return "an" if word[0].lower() in "aeiou" and not _VOWEL_NOT_HEARD.match(word) else "a"
