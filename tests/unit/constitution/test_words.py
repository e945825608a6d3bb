"""[words] of a programme: the nouns for bodies, members, weight and subject."""

from __future__ import annotations

import pytest

from ballot.constitution.errors import InvalidProgramme
from ballot.constitution.programme import load_programme
from ballot.constitution.words import DEFAULT_WORDS, LONGEST_WORD, Noun, Words
from tests.unit.constitution.test_programme_file import FULL

WORDS = """\
[words]
body    = ["LMC", "LMCs"]
member  = ["surgery", "surgeries"]
weight  = ["share", "shares"]
subject = ["agreement", "agreements"]
"""


def words_of(text: str) -> Words:
    return load_programme(f"{FULL}{text}".encode(), "p.toml").words


def test_a_programme_without_words_has_those_of_member_practice_voting() -> None:
    words = words_of("")

    assert words == DEFAULT_WORDS
    assert (words.body.many, words.member.one, words.weight.many) == ("CCGs", "practice", "weighted votes")
    assert words.subject.one == "merger"


def test_every_noun_can_be_another() -> None:
    words = words_of(WORDS)

    assert words == Words(
        Noun("LMC", "LMCs"), Noun("surgery", "surgeries"), Noun("share", "shares"), Noun("agreement", "agreements")
    )
    assert load_programme(f"{FULL}{WORDS}".encode(), "p.toml").outcome.words == words


def test_what_is_not_named_keeps_its_default() -> None:
    assert words_of('[words]\nbody = ["PCN", "PCNs"]\n') == Words(body=Noun("PCN", "PCNs"))


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("practice", "a practice"),
        ("LMC", "an LMC"),
        ("ICB", "an ICB"),
        ("NHS trust", "an NHS trust"),
        ("PCN", "a PCN"),
        ("CCG", "a CCG"),
        ("GP", "a GP"),
        ("UK region", "a UK region"),
        ("agreement", "an agreement"),
        ("Assembly", "an Assembly"),
        ("union", "a union"),
        ("unincorporated body", "an unincorporated body"),
        ("European works council", "a European works council"),
        ("hour", "an hour"),
        ("hospital", "a hospital"),
        ("one-vote share", "a one-vote share"),
        ("user", "a user"),
        ("usher", "an usher"),
        ("église", "a église"),
    ],
)
def test_a_noun_knows_its_article(word: str, expected: str) -> None:
    assert Noun(word, f"{word}s").a == expected


def test_the_file_can_say_the_article_where_the_first_letters_mislead() -> None:
    found = words_of('[words]\nbody = ["SAMBA", "SAMBAs", "a"]\n').body

    assert found.a == "a SAMBA"
    assert found.texts == ["SAMBA", "SAMBAs", "a"]


def test_a_noun_follows_its_number() -> None:
    surgery = Noun("surgery", "surgeries")

    assert [surgery.counted(number) for number in (0, 1, 2, 1200)] == [
        "0 surgeries",
        "1 surgery",
        "2 surgeries",
        "1,200 surgeries",
    ]


@pytest.mark.parametrize(
    ("text", "line", "sentence"),
    [
        ('[words]\nbody = "PCN"\n', 31, '"body" must be a list of texts'),
        ('[words]\nbody = ["PCN"]\n', 31, 'two texts, singular and plural: write body = ["LMC", "LMCs"].'),
        ('[words]\nbody = ["a", "b", "a", "d"]\n', 31, '"a" stands twice'),
        ('[words]\nbody = ["PCN", "PCNs", "the"]\n', 31, 'The third text of "body" must be "a" or "an", not "the".'),
        ('[words]\nbodies = ["PCN", "PCNs"]\n', 31, 'Did you mean "body"?'),
        ('[words]\nmember = ["GP", ""]\n', 31, '"member" is empty'),
        ('[words]\nmember = ["sur\\ngery", "surgeries"]\n', 31, "a control character or a line break"),
        ('[words]\nmember = ["<b>", "surgeries"]\n', 31, '"<b>" is not a noun'),
        ('[words]\nmember = [" surgery", "surgeries"]\n', 31, "is not a noun"),
        ('[words]\nmember = ["sur\\u202Egery", "surgeries"]\n', 31, "is not a noun"),
        ('[words]\nmember = ["2nd surgery", "surgeries"]\n', 31, "begin with a letter"),
        (f'[words]\nmember = ["{"s" * 41}", "surgeries"]\n', 31, f"more than {LONGEST_WORD} characters"),
        ('[words]\nbody = ["practice", "practices"]\n', 31, "A body and its members need different words"),
        ('[words]\nbody = ["PCN", "PCNs"]\nmember = ["PCNs", "PCNss"]\n', 32, "need different words"),
        ('words = "PCN"\n', 1, "must be a table"),
    ],
)
def test_what_is_no_noun_is_refused_with_its_line(text: str, line: int, sentence: str) -> None:
    whole = f"{text}{FULL}" if not text.startswith("[") else f"{FULL}{text}"

    with pytest.raises(InvalidProgramme) as refused:
        load_programme(whole.encode(), "p.toml")

    assert refused.value.line == line
    assert sentence in str(refused.value)


@pytest.mark.parametrize(
    ("noun", "expected"),
    [
        (Noun("practice", "practices"), "Each member practice of the member practices"),
        (Noun("GP", "GPs"), "Each member GP of the member GPs"),
        (Noun("member", "members"), "Each member of the members"),
        (Noun("lay member", "lay members"), "Each lay member of the lay members"),
    ],
)
def test_nobody_is_called_a_member_twice(noun: Noun, expected: str) -> None:
    assert Words(member=noun).said("Each {full_member} of the {full_members}") == expected
