"""Reading programme.toml: the window, the voting pack, the trustees, and what is refused."""

from __future__ import annotations

import datetime as dt

import pytest

from ballot.constitution.errors import InvalidProgramme, InvalidRule
from ballot.constitution.fitting import check_fits
from ballot.constitution.load import load_constitution
from ballot.constitution.outcome_rule import Otherwise
from ballot.constitution.programme import Policy, Returned, load_programme

FULL = """\
programme = "lancashire-2020"
name      = "A single CCG"
policy    = "last-counts"
returned  = "never"
rehearsal = true
[window]
opens  = 2020-05-11T09:00:00
closes = 2020-05-29T17:00:00
zone   = "Europe/London"
[[ccg]]
ods  = "00Q"
name = "NHS Blackburn with Darwen CCG"
[[ccg]]
ods  = "01A"
name = "NHS East Lancashire CCG"
[[question]]
id      = "merge"
text    = "Do you support it?"
answers = ["For", "Against", "Abstain"]
[trustees]
threshold = 2
names = ["One", "Two", "Three"]
[[voting_pack]]
name   = "Case for change"
sha256 = "SHA"
[outcome]
questions = ["merge"]
require   = { all_of = ["00Q"], at_least = 1 }
otherwise = "proceed-with-those-carried"
""".replace("SHA", "0a" * 32)


def test_everything_the_file_says_is_kept() -> None:
    found = load_programme(FULL.encode(), "p.toml")

    assert (found.id, found.name, found.rehearsal) == ("lancashire-2020", "A single CCG", True)
    assert (found.policy, found.returned) == (Policy.LAST_COUNTS, Returned.NEVER)
    assert [ccg.ods for ccg in found.ccgs] == ["00Q", "01A"]
    assert found.questions[0].answers == ("For", "Against", "Abstain")
    assert (found.trustees.threshold, found.trustees.names) == (2, ("One", "Two", "Three"))
    assert found.voting_packs[0].sha256 == "0a" * 32
    assert (found.outcome.at_least, found.outcome.all_of) == (1, ("00Q",))
    assert found.outcome.otherwise is Otherwise.PROCEED


def test_the_window_is_two_moments_in_utc() -> None:
    found = load_programme(FULL.encode(), "p.toml")

    assert found.opens_at == dt.datetime(2020, 5, 11, 8, tzinfo=dt.UTC)
    assert found.closes_at == dt.datetime(2020, 5, 29, 16, tzinfo=dt.UTC)
    assert found.opens_at.tzinfo is dt.UTC
    assert found.window.opens == dt.datetime(2020, 5, 11, 9)  # noqa: DTZ001 - a wall time


def test_a_winter_window_is_an_hour_from_a_summer_one() -> None:
    text = FULL.replace("2020-05-11", "2020-03-01")

    assert load_programme(text.encode(), "p.toml").opens_at == dt.datetime(2020, 3, 1, 9, tzinfo=dt.UTC)


def test_what_is_left_out_has_the_documented_meaning() -> None:
    text = "".join(line for line in FULL.splitlines(True) if not line.startswith(("policy", "returned", "rehearsal")))

    found = load_programme(text.encode(), "p.toml")

    assert (found.policy, found.returned, found.rehearsal) == (Policy.FINAL, Returned.AFTER_CLOSING, False)


OPENS = "opens  = 2020-05-11T09:00:00"
CLOSES = "closes = 2020-05-29T17:00:00"
REFUSALS = {
    "unknown key": ("rehearsal", "rehersal", '5: "rehersal" is not a key'),
    "rehearsal a text": ("= true", '= "yes"', '5: "rehearsal" must be true or false, not "yes".'),
    "capitals in the id": ("lancashire-2020", "Lancashire", '1: "Lancashire" is not an id'),
    "path in the id": ("lancashire-2020", "../x", '1: "../x" is not an id'),
    "policy": ("last-counts", "first", '3: "policy" must be "final" or "last-counts", not "first".'),
    "returned": ('"never"', '"always"', '4: "returned" must be "after-closing" or "never"'),
    "closes before it opens": (CLOSES, "closes = 2020-05-11T08:59:59", "8: The ballot must close after it opens"),
    "closes as it opens": (CLOSES, "closes = 2020-05-11T09:00:00", "8: The ballot must close after it opens"),
    "opens in a gap": (OPENS, "opens = 2020-03-29T01:30:00", "7: 2020-03-29T01:30:00 does not exist in Europe/London"),
    "closes twice": (CLOSES, "closes = 2020-10-25T01:30:00", "8: 2020-10-25T01:30:00 exists twice in Europe/London"),
    "part of a second": (OPENS, "opens = 2020-05-11T09:00:00.5", '7: "opens" must be in whole seconds'),
    "an offset": (OPENS, "opens = 2020-05-11T09:00:00Z", '7: "opens" must be a date and time without an offset'),
    "a date": (OPENS, "opens = 2020-05-11", '7: "opens" must be a date and time without an offset'),
    "a time": (OPENS, "opens = 09:00:00", '7: "opens" must be a date and time without an offset'),
    "unknown zone": ("Europe/London", "Europe/Wigan", '9: The time zone "Europe/Wigan" is not known on this machine'),
    "a folder of zones": ("Europe/London", "Europe", '9: The time zone "Europe" is not known on this machine'),
    "a path for a zone": ("Europe/London", "../../etc/passwd", '9: "../../etc/passwd" is not the name of a time zone'),
    "no zone": ('zone   = "Europe/London"\n', "", '6: "zone" is missing in [window].'),
    "ODS code": ('"00Q"\nname', '"00q"\nname', '11: "00q" is not an ODS code'),
    "CCG twice": ('"01A"', '"00Q"', '14: "00Q" is listed twice.'),
    "CCG without name": ('name = "NHS East Lancashire CCG"\n', "", '13: "name" is missing in [ccg].'),
    "two answers": (', "Abstain"]', "]", '19: "answers" must be three labels'),
    "four answers": (', "Abstain"]', ', "Abstain", "Spoil"]', '19: "answers" must be three labels'),
    "an answer twice": ('"Abstain"', '"For"', '19: "For" stands twice in "answers".'),
    "options": ("answers =", "options =", '19: "options" is not a key that belongs in [question]'),
    "no answers": ('answers = ["For", "Against", "Abstain"]', "", '16: "answers" is missing in [question].'),
    "question id": ('"merge"\ntext', '"mer ge"\ntext', '17: "mer ge" is not an id'),
    "one trustee": ('"One", "Two", "Three"', '"One"', "22: There must be at least two trustees"),
    "a trustee twice": ('"Two"', '"One"', '22: "One" stands twice in "names".'),
    "threshold 0": ("threshold = 2", "threshold = 0", '21: "threshold" must be a whole number of at least 1'),
    "threshold 4": ("threshold = 2", "threshold = 4", "21: 4 trustees are needed and there are only 3."),
    "hash": ("0a0a", "0A0A", '25: "sha256" must be 64 lower case hexadecimal digits.'),
    "an address of the pack without a lock": (
        'sha256 = "0a0a',
        'url = "http://example.org/pack.pdf"\nsha256 = "0a0a',
        '25: "url" must be an address that begins with https://.',
    ),
    "an address of the pack that is a script": (
        'sha256 = "0a0a',
        'url = "javascript:alert(1)"\nsha256 = "0a0a',
        '25: "url" must be an address that begins with https://.',
    ),
    "outcome of another question": ('["merge"]', '["split"]', '27: "split" is not a question of this programme.'),
    "outcome of no question": ('["merge"]', "[]", '27: "questions" must be a list of texts, and not empty.'),
    "named CCG not listed": ('["00Q"]', '["00Q", "99X"]', '28: "99X" is not a CCG of this programme.'),
    "more CCGs than there are": (
        "at_least = 1",
        "at_least = 3",
        "28: 3 CCGs must carry and the programme lists only 2.",
    ),
    "all_of alone": (", at_least = 1", "", '28: "at_least" is missing in [outcome.require].'),
    "otherwise missing": ('otherwise = "proceed-with-those-carried"', "", '26: "otherwise" is missing in [outcome].'),
    "otherwise odd": ("proceed-with-those-carried", "go", '29: "otherwise" must be "stop" or'),
    "require odd": ('{ all_of = ["00Q"], at_least = 1 }', '"most"', '28: "require" must be "all", not "most".'),
    "no outcome": (FULL[FULL.index("[outcome]") :], "", '1: "outcome" is missing at the top of the file.'),
}


@pytest.mark.parametrize(("old", "new", "refusal"), REFUSALS.values(), ids=REFUSALS.keys())
def test_what_is_not_a_programme_is_refused_with_its_line(old: str, new: str, refusal: str) -> None:
    assert old in FULL

    with pytest.raises(InvalidProgramme) as caught:
        load_programme(FULL.replace(old, new, 1).encode(), "p.toml")

    assert str(caught.value).startswith(f"p.toml:{refusal}")


@pytest.mark.parametrize(
    ("old", "new", "zone", "key"),
    [
        pytest.param(OPENS, "opens = 0001-01-01T00:00:00", "Asia/Tokyo", '7: "opens"', id="before the first year"),
        pytest.param(CLOSES, "closes = 9999-12-31T23:59:59", "America/New_York", '8: "closes"', id="after the last"),
    ],
)
def test_a_moment_outside_the_calendar_is_refused(old: str, new: str, zone: str, key: str) -> None:
    text = FULL.replace(old, new).replace("Europe/London", zone)

    with pytest.raises(InvalidProgramme, match=f"^p.toml:{key} is outside the years a calendar has.$"):
        load_programme(text.encode(), "p.toml")


OPTIONS = FULL.replace(
    'answers = ["For", "Against", "Abstain"]',
    'abstain = "No view"\n[[question.option]]\nid = "one"\ntext = "One CCG"\n'
    '[[question.option]]\nid = "five"\ntext = "Five CCGs"',
).replace('questions = ["merge"]', 'questions = ["merge"]\noption = "one"')


def test_a_question_may_have_options() -> None:
    found = load_programme(OPTIONS.encode(), "p.toml")

    assert found.questions[0].answers == ("One CCG", "Five CCGs", "No view")
    assert found.questions[0].groups == ("one", "five", "abstain")
    assert found.outcome.options == {"merge": "one"}
    assert load_programme(FULL.encode(), "p.toml").questions[0].groups == ("for", "against", "abstain")


BAD_OPTIONS = {
    "one option": ('[[question.option]]\nid = "five"\ntext = "Five CCGs"\n', "", "20: A question has 2 to 20 options"),
    "an id twice": ('"five"', '"one"', '24: "one" is the id of two options.'),
    "a label twice": ('"Five CCGs"', '"One CCG"', '25: "One CCG" is the label of two answers.'),
    "a label as that of abstaining": ('"No view"', '"One CCG"', '19: "One CCG" is the label of two answers.'),
    "no word for abstaining": ('abstain = "No view"\n', "", '16: "abstain" is missing in [question].'),
    "an id that counts use": ('"five"', '"against"', '24: "against" is not an id for an option'),
    "answers too": ('abstain = "No view"', 'answers = ["A", "B", "C"]\nabstain = "D"', "19: A question has three"),
    "an outcome with another option": ('option = "one"', 'option = "six"', '34: "six" is not an option of "merge".'),
    "an unknown key": ('text = "Five CCGs"', 'text = "Five CCGs"\nweight = 2', '26: "weight" is not a key'),
}


@pytest.mark.parametrize(("old", "new", "refusal"), BAD_OPTIONS.values(), ids=BAD_OPTIONS.keys())
def test_options_that_leave_something_open_are_refused(old: str, new: str, refusal: str) -> None:
    assert old in OPTIONS

    with pytest.raises(InvalidProgramme) as caught:
        load_programme(OPTIONS.replace(old, new, 1).encode(), "p.toml")

    assert str(caught.value).startswith(f"p.toml:{refusal}")


RULE = """\
ccg  = "00Q"
name = "NHS Blackburn with Darwen CCG"
[source]
document = "Constitution"
clause   = "1"
wording  = "..."
encoded_by  = "A"
approved_by = "B"
[[test]]
option  = "one"
measure = "practices"
of      = "cast"
more_than = "1/2"
"""


def test_a_rule_for_options_fits_a_question_that_has_them() -> None:
    check_fits(load_constitution(RULE.encode(), "00Q.toml"), load_programme(OPTIONS.encode(), "p.toml"))


@pytest.mark.parametrize(
    ("programme", "rule", "refusal"),
    [
        pytest.param(FULL, RULE, '11: The question "merge" is answered with for and against', id="no options asked"),
        pytest.param(
            OPTIONS,
            RULE.replace('option  = "one"\n', ""),
            '10: The question "merge" is answered with options',
            id="plain",
        ),
        pytest.param(
            OPTIONS,
            RULE.replace('"one"', '"six"'),
            '11: "six" is not an option of "merge": "one", "five".',
            id="unknown",
        ),
        pytest.param(
            OPTIONS,
            RULE + '[[question.split.test]]\noption = "one"\nmeasure = "practices"\nof = "cast"\nmore_than = "1/2"\n',
            '14: "split" is not a question of the programme: "merge".',
            id="a question that is not asked",
        ),
    ],
)
def test_a_rule_for_other_questions_does_not_fit(programme: str, rule: str, refusal: str) -> None:
    with pytest.raises(InvalidRule) as caught:
        check_fits(load_constitution(rule.encode(), "00Q.toml"), load_programme(programme.encode(), "p.toml"))

    assert str(caught.value).startswith(f"00Q.toml:{refusal}")


def test_ccgs_are_named_in_the_order_of_their_codes_whatever_that_of_the_file() -> None:
    turned = (
        FULL.replace('ods  = "00Q"', "ods  = LATER").replace('ods  = "01A"', 'ods  = "00Q"').replace("LATER", '"01A"')
    )
    assert [ccg.ods for ccg in load_programme(turned.encode(), "p.toml").ccgs] == ["00Q", "01A"]
