"""The text that a governing body signs, if localities, weights or quorums make the plain sentence false."""

from __future__ import annotations

from pathlib import Path

import pytest

from ballot.cli.constitution import constitution_command
from ballot.constitution.follows import read_effects_aloud
from ballot.constitution.load import load_constitution
from ballot.constitution.reading import read_constitution_aloud

HEAD = """\
ccg  = "99X"
name = "Test CCG"
[source]
document = "Constitution"
clause = "6.4"
wording = "A clause."
encoded_by = "test"
approved_by = "nobody"
"""
HOWEVER = "however the others vote"
WEIGHT = '[weight]\nper = 1\nsnapshot = 2020-04-01\nmissing = "zero"\n'
QUORUM = '[quorum]\nmeasure = "practices"\ncounting = "returned"\n'


def asks(of: str, needed: str, measure: str = "practices", more: str = "") -> str:
    return f'[[test]]\n{more}measure = "{measure}"\nof = "{of}"\n{needed}\n'


def local(of: str, needed: str, require: str = '"all"', measure: str = "practices", more: str = "") -> str:
    test = asks(of, needed, measure, more).removeprefix("[[test]]\n")
    return f'[[locality_test]]\ncolumn = "locality"\nrequire = {require}\n{test}'


def follows(text: str, head: str = HEAD) -> list[str]:
    return list(read_effects_aloud(load_constitution((head + text).encode(), "f").rule_for()))


MAJORITY = asks("cast", 'more_than = "1/2"')
HALF = asks("cast", 'at_least = "1/2"')
LOCAL_MAJORITY = local("cast", 'more_than = "1/2"')


def test_an_unreturned_vote_that_a_locality_test_counts_is_not_said_to_be_left_out() -> None:
    text = asks("for-and-against", 'more_than = "1/2"') + local("eligible", 'more_than = "1/2"')

    assert follows(text) == [
        "An abstention is left out of the test, and has the effect of a vote against in the locality test.",
        (
            "A vote that is not returned is left out of the test, "
            "and has the effect of a vote against in the locality test."
        ),
        "A tie, everybody voting and as many for as against, is not carried.",
        "If nobody votes for or against, it is not carried.",
        "A locality (locality) that returns no vote stops it, however the others vote.",
        "So does one in which nobody votes for: a practice that is alone in its locality can stop it.",
    ]


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        pytest.param(HALF, "is carried", id="no localities"),
        pytest.param(HALF + LOCAL_MAJORITY, "is not carried, because the locality test cannot hold", id="in all"),
        pytest.param(
            HALF + local("cast", 'at_least = "1/2"'),
            "is carried only where the locality test holds too, which depends on how the votes are spread over the "
            "localities",
            id="a tie everywhere",
        ),
        pytest.param(
            HALF + local("cast", 'more_than = "2/3"', "{ at_least = 3 }"),
            "is carried only where the locality test holds too, which depends on how the votes are spread over the "
            "localities",
            id="in three",
        ),
        pytest.param(
            HALF + local("cast", 'at_least = "1/2"') + local("eligible", 'more_than = "2/3"', "{ at_least = 1 }"),
            "is not carried, because the locality tests cannot all hold",
            id="half everywhere leaves no locality with more",
        ),
        pytest.param(MAJORITY + LOCAL_MAJORITY, "is not carried", id="not in the whole either"),
        pytest.param(QUORUM + "at_least = 20\n" + HALF, "is carried, if there is a quorum", id="a quorum of twenty"),
        pytest.param(QUORUM + 'more_than = "100%"\n' + HALF, "is not carried", id="a quorum that nothing meets"),
    ],
)
def test_a_tie_is_carried_only_where_it_can_be(text: str, verdict: str) -> None:
    assert [s for s in follows(text) if s.startswith("A tie")] == [
        f"A tie, everybody voting and as many for as against, {verdict}."
    ]


def test_a_tie_names_the_measures_in_which_it_is_one() -> None:
    text = WEIGHT + HALF + asks("cast", 'at_least = "1/2"', "weight")

    assert (
        "A tie, everybody voting and as many for as against, by practices and weighted votes, is carried."
        in follows(text)
    )


def test_a_tie_of_options_says_which_of_them_is_carried() -> None:
    text = asks("cast", 'at_least = "2/5"', more='option = "a"\n') + asks(
        "cast", 'at_least = "2/3"', more='option = "b"\n'
    )
    subject = "A tie, everybody voting and half of them for each of two options,"

    assert [s for s in follows(text) if "tie" in s] == [
        f"{subject} between a and b or a and another option is carried with a.",
        "Any other tie is not carried.",
    ]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        pytest.param(
            asks("cast", 'at_least = "100%"'),
            ["One practice that votes against or abstains stops it, however the others vote."],
            id="unanimity of the votes cast",
        ),
        pytest.param(
            asks("eligible", 'at_least = "100%"'),
            [f"One practice that votes against, abstains or does not return its vote stops it, {HOWEVER}."],
            id="unanimity of all members",
        ),
        pytest.param(
            QUORUM + 'at_least = "100%"\n' + MAJORITY,
            ["One practice that does not return its vote stops it, however the others vote."],
            id="a quorum of all",
        ),
        pytest.param(
            WEIGHT + asks("for-and-against", 'at_least = "100%"', "weight"),
            ["One practice with weighted votes that votes against stops it, however the others vote."],
            id="unanimity by weight",
        ),
        pytest.param(
            MAJORITY + local("cast", 'at_least = "100%"'),
            ["One practice that votes against or abstains stops it, however the others vote."],
            id="unanimity in every locality",
        ),
        pytest.param(MAJORITY + local("cast", 'at_least = "100%"', "{ at_least = 2 }"), [], id="unanimity in two"),
        pytest.param(MAJORITY, [], id="a majority"),
        pytest.param(asks("cast", 'at_least = "99.99%"'), [], id="nearly unanimous"),
    ],
)
def test_what_one_practice_can_stop_is_said(text: str, sentences: list[str]) -> None:
    assert [s for s in follows(text) if s.startswith("One practice")] == sentences


def test_what_can_never_be_carried_is_said() -> None:
    assert "It can never be carried: not even everybody voting for is enough." in follows(
        asks("cast", 'more_than = "100%"')
    )
    assert "can never" not in "".join(follows(MAJORITY))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            MAJORITY + local("cast", 'more_than = "1/2"', "{ at_least = 3 }"),
            "Unless votes for come from at least 3 localities (locality), it is not carried.",
        ),
        (
            WEIGHT + MAJORITY + local("cast", 'more_than = "1/2"', measure="weight"),
            "A locality whose practices have no weighted votes stops it too.",
        ),
    ],
)
def test_what_a_locality_can_stop_is_said(text: str, sentence: str) -> None:
    assert sentence in follows(text)


@pytest.mark.parametrize(
    ("head", "text", "sentence"),
    [
        ("", MAJORITY, "The vote may not be held again. There is no quorum, so it cannot be inquorate."),
        ("", QUORUM + 'at_least = "75%"\n' + MAJORITY, "The vote may be held again if it is inquorate."),
        ("reballot = []\n", MAJORITY, "The vote may not be held again."),
        (
            'reballot = ["inquorate", "not carried"]\n',
            MAJORITY,
            "The vote may be held again if it is not carried.",
        ),
        (
            "",
            MAJORITY + '[question.x.quorum]\nmeasure = "practices"\ncounting = "returned"\nat_least = 3\n',
            "The vote may be held again if it is inquorate (only x can be: there is no quorum for any other question).",
        ),
    ],
)
def test_a_vote_is_held_again_only_for_what_it_can_come_to(head: str, text: str, sentence: str) -> None:
    constitution = load_constitution((head + HEAD + text).encode(), "f")

    assert list(read_constitution_aloud(constitution))[-1] == sentence


def test_a_practice_that_is_alone_in_its_locality_is_said_to_be_able_to_block(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("f.toml").write_text(HEAD + MAJORITY + LOCAL_MAJORITY)
    rows = [f"99X,Z9000{n},Surgery {n},9000,{place}" for n, place in enumerate(["north", "south", "south", "south"], 1)]
    Path("roll.csv").write_text(
        "\n".join(["ccg_ods_code,practice_ods_code,practice_name,registered_patients,locality", *rows]) + "\n"
    )

    assert constitution_command(["check", "f.toml", "--roll", "roll.csv"]) == 0
    assert capsys.readouterr().out.splitlines()[1:] == [
        "f.toml:9: warning: Z90001 can block it alone, all others voting for.",
        "f.toml:13: warning: Its own total tells the vote of the only member of north.",
    ]
