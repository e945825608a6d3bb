"""COUNTS.json and the counts of one vote."""

from __future__ import annotations

import json

import pytest

from ballot.constitution.counts import Measure, summed
from ballot.constitution.counts_file import parse_counts
from ballot.constitution.errors import InvalidCounts
from tests.support.counts import yes_or_no

HEADS = """{
 "eligible": {"practices": 13},
 "for": {"practices": 7},
 "against": {"practices": 1},
 "abstain": {"practices": 5}
}"""
BOTH = HEADS.replace("}", ', "weight": 13}', 1).replace("7}", '7, "weight": 7}').replace("1}", '1, "weight": 1}')
BOTH = BOTH.replace("5}", '5, "weight": 5}')


def test_counts_are_read_as_they_stand() -> None:
    heads = parse_counts(HEADS.encode(), "c.json", weighted=False)
    both = parse_counts(BOTH.encode(), "c.json", weighted=True)

    assert heads == yes_or_no(Measure(13), Measure(7), Measure(1), Measure(5))
    assert both == yes_or_no(Measure(13, 13), Measure(7, 7), Measure(1, 1), Measure(5, 5))
    assert both.as_json() == json.loads(BOTH)


def test_a_number_far_beyond_any_list_size_is_a_number() -> None:
    huge = "9" * 1000

    found = parse_counts(HEADS.replace("13", huge).encode(), "c.json", weighted=False)

    assert found.eligible.practices == int(huge)


REFUSALS = {
    "boolean": ("7", "true", '3: "practices" must be a whole number of at least 0, not true.'),
    "float": ("7", "7.0", '3: "practices" must be a whole number of at least 0, not 7.0.'),
    "exponent": ("7", "7e0", '3: "practices" must be a whole number of at least 0, not 7e0.'),
    "not a number": ("7", "NaN", '3: "practices" must be a whole number of at least 0, not NaN.'),
    "infinity": ("7", "-Infinity", '3: "practices" must be a whole number of at least 0, not -Infinity.'),
    "text": ("7", '"7"', '3: "practices" must be a whole number of at least 0, not "7".'),
    "null": ("7", "null", '3: "practices" must be a whole number of at least 0, not nothing.'),
    "list": ("7", "[7]", '3: "practices" must be a whole number of at least 0, not a list.'),
    "object": ("7", "{}", "3: An object stands here where a plain value was expected."),
    "negative": ("7", "-7", '3: "practices" must be a whole number of at least 0, not -7.'),
    "too many digits": ("7", "7" * 1001, "3: This number has more than 1000 digits."),
    "deep list": ("7", "[" * 30000, "3: "),
    "unknown key": ('"for"', '"yes"', '3: "yes" is not a key that belongs here: eligible, for, against, abstain.'),
    "returned is worked out": ('"for"', '"returned"', '3: "returned" is not a key that belongs here'),
    "unknown measure": ("5}\n", '5, "x": 1}\n', '5: "x" is not a key that belongs here: practices.'),
    "weight without [weight]": (
        "5}\n",
        '5, "weight": 1}\n',
        '5: "weight" is counted and the constitution has no [weight].',
    ),
    "missing answer": (',\n "abstain": {"practices": 5}', "", '1: "abstain" is missing.'),
    "missing measure": ('{"practices": 5}', "{}", '5: "practices" is missing.'),
    "number for an object": ('{"practices": 5}', "5", '5: "abstain" must be an object, not 5.'),
    "same key twice": ('"against"', '"for"', '4: "for" stands twice in one object.'),
    "same measure twice": ("5}\n", '5, "practices": 1}\n', '5: "practices" stands twice in one object.'),
    "more votes than eligible": ("13", "12", "2: More votes than eligible: 13 of 12, counted in practices."),
    "comma missing": ("7},", "7}", '4: This is not JSON: expected } and found """.'),
    "comma too many": ("5}\n", "5},\n", "6: A key in quotation marks was expected."),
    "colon missing": ('"for":', '"for"', "3: This is not JSON: expected : and found"),
    "no value": ("7", "", "3: This is not JSON: Expecting value."),
    "something after the end": ("5}\n}", "5}\n}\n{}", "7: Something stands after the end of the JSON object."),
    "cut off": ("5}\n}", "5}\n", "6: This is not JSON: expected } and found the end of the file."),
    "half a surrogate": ('"for"', r'"\ud800"', r'3: "\ud800" is not a key that belongs here'),
    "comment": ('"for"', '/* */ "for"', "3: A key in quotation marks was expected."),
}


@pytest.mark.parametrize(("old", "new", "refusal"), REFUSALS.values(), ids=REFUSALS.keys())
def test_what_is_not_a_count_is_refused_with_its_line(old: str, new: str, refusal: str) -> None:
    assert old in HEADS

    with pytest.raises(InvalidCounts) as caught:
        parse_counts(HEADS.replace(old, new, 1).encode(), "c.json", weighted=False)

    assert str(caught.value).startswith(f"c.json:{refusal}")
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        pytest.param(b"", "1: A JSON object was expected", id="empty"),
        pytest.param(b"[]", "1: A JSON object was expected", id="a list"),
        pytest.param(b"\n\n7", "3: A JSON object was expected", id="a number"),
        pytest.param(b"{}", '1: "eligible" is missing.', id="nothing in it"),
        pytest.param(b"{\n\xff", "2: This line is not UTF-8 text.", id="not UTF-8"),
        pytest.param(b"\xef\xbb\xbf{}", "1: This file begins with a byte order mark", id="byte order mark"),
        pytest.param(b" " * 70_000, "1: This file is larger than 64 KiB.", id="too large"),
        pytest.param(b'{"a":' * 9000, "1: An object stands here", id="deep"),
    ],
)
def test_what_is_not_an_object_is_refused(content: bytes, refusal: str) -> None:
    with pytest.raises(InvalidCounts) as caught:
        parse_counts(content, "c.json", weighted=False)

    assert str(caught.value).startswith(f"c.json:{refusal}")


def test_where_the_constitution_weighs_the_weight_must_be_given() -> None:
    with pytest.raises(InvalidCounts, match=r'^c.json:2: "weight" is missing.$'):
        parse_counts(HEADS.encode(), "c.json", weighted=True)


def test_more_weight_than_eligible_is_refused_like_more_practices() -> None:
    text = BOTH.replace('"weight": 7', '"weight": 8')

    with pytest.raises(InvalidCounts, match="More votes than eligible: 14 of 13, counted in weight"):
        parse_counts(text.encode(), "c.json", weighted=True)


@pytest.mark.parametrize(
    ("groups", "returned", "sentence"),
    [
        pytest.param((9, -1, 0, 0), None, "at least 0", id="negative"),
        pytest.param((9, True, 0, 0), None, "at least 0", id="boolean"),
        pytest.param((9, 1.0, 0, 0), None, "at least 0", id="float"),
        pytest.param((9, 1, None, 0), None, "of some answers", id="one answer unknown"),
        pytest.param((9, 1, 1, 1), 2, "not the sum", id="returned is not the sum"),
        pytest.param((9, None, None, None), 10, "More votes than eligible", id="more returned than eligible"),
        pytest.param((None, 1, 1, 1), None, "the eligible are not", id="no eligible"),
        pytest.param((1 << 9000, 1, 1, 1), None, "larger than any number", id="too large to print"),
    ],
)
@pytest.mark.parametrize("place", ["practices", "weight"])
def test_counts_that_contradict_themselves_cannot_be_made(
    groups: tuple[int | None, ...], returned: int | None, sentence: str, place: str
) -> None:
    measures = [Measure(**{place: value}) for value in groups]

    with pytest.raises(InvalidCounts, match=sentence):
        yes_or_no(*measures, returned=None if returned is None else Measure(**{place: returned}))


def test_a_count_of_weights_alone_keeps_what_was_returned() -> None:
    answers = [Measure(None, 300), Measure(None, 200), Measure(None, 0)]

    counts = yes_or_no(Measure(10, 1000), *answers, returned=Measure(5, 500))

    assert counts.as_json()["returned"] == {"practices": 5, "weight": 500}
    assert counts.as_json()["for"] == {"weight": 300}


def test_the_counts_of_a_ccg_are_the_sums_over_its_localities_and_what_one_does_not_know_they_do_not() -> None:
    one = yes_or_no(Measure(3, 30), Measure(None, 10), Measure(None, 0), Measure(None, 5), Measure(2, 15))
    two = yes_or_no(Measure(2, 9), Measure(None, 0), Measure(None, 4), Measure(None, 0), Measure(1, 4))

    found = summed({"U1": one, "U2": two})

    assert (found.eligible, found.returned) == (Measure(5, 39), Measure(3, 19))
    assert list(found.answers.values()) == [Measure(None, 10), Measure(None, 4), Measure(None, 5)]
    assert found.localities == {"U1": one, "U2": two}
