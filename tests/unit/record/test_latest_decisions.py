"""What each CCG decided last, read from a decision.json that anyone may have written."""

from __future__ import annotations

import json

import pytest

from ballot.constitution.combine import CarriedOption
from ballot.constitution.rule import Outcome
from ballot.protocol.errors import InvalidMessage
from ballot.record.reballots import latest_of


def decision(answer: object) -> bytes:
    return json.dumps({"ccgs": {"00A": {"merge": answer}}}).encode()


@pytest.mark.parametrize(
    ("answer", "result"),
    [
        ({"outcome": "inquorate"}, Outcome.INQUORATE),
        ({"outcome": "carried", "option": "joint"}, CarriedOption("joint")),
        ({"outcome": "not carried", "option": None}, Outcome.NOT_CARRIED),
    ],
)
def test_what_came_of_a_question_is_read_with_its_option(answer: object, result: object) -> None:
    assert latest_of(decision(answer)) == {"00A": {"merge": result}}


@pytest.mark.parametrize("option", [{}, [], 7, True, {"joint": 1}])
def test_an_option_that_is_no_text_is_refused_like_any_other_form(option: object) -> None:
    with pytest.raises(InvalidMessage):
        latest_of(decision({"outcome": "carried", "option": option}))


@pytest.mark.parametrize("latest", [None, [], {"00A": []}, {"00A": {"merge": {"outcome": "carried", "option": {}}}}])
def test_a_latest_of_another_form_is_refused(latest: object) -> None:
    with pytest.raises(InvalidMessage):
        latest_of(json.dumps({"ccgs": {}, "latest": latest}).encode())
