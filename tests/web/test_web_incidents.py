"""The page of incidents: who may note one, what is kept, and how a wrong one is refused."""

from __future__ import annotations

import pytest
from werkzeug.test import TestResponse

from ballot.office.staff.roles import StaffRole
from tests.integration.office.world import OPENS, World
from tests.web.conftest import make_app
from tests.web.staff import staff_client, token_of

PAGE = "/office/ballots/merger/incidents"
WHEN = {f"happened-{part}": str(value) for part, value in zip(("day", "month", "year"), (11, 5, 2020), strict=True)}
GIVEN = {**WHEN, "happened-hour": "09", "happened-minute": "00", "ccg": "00A", "practice": "y00001"}


def send(world: World, role: StaffRole, **changed: str) -> tuple[TestResponse, TestResponse]:
    """The answer to the form, and the page after it."""
    client = staff_client(make_app(world), world, role)
    given = {**GIVEN, "what": "A letter <came> back", "done": "", **changed, "csrf_token": token_of(client)}
    return client.post(PAGE, data=given), client.get(PAGE)


@pytest.mark.parametrize("role", [StaffRole.DEPUTY, StaffRole.REGISTRAR, StaffRole.SCRUTINEER])
def test_an_incident_is_noted_and_shown(opened: World, role: StaffRole) -> None:
    answer, page = send(opened, role)
    assert (answer.status_code, answer.headers["Location"]) == (303, PAGE)
    assert "A letter &lt;came&gt; back" in page.text
    assert "practice Y00001" in page.text
    assert f"by the {role.words}" in page.text


def test_an_observer_does_not_read_the_words_of_incidents(opened: World) -> None:
    assert staff_client(make_app(opened), opened, StaffRole.OBSERVER).get(PAGE).status_code == 403


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"what": ""}, "Say what happened"),
        ({"practice": "Y99999"}, "Y99999 is not a member of 00A."),
        ({"happened-year": "2021"}, "This time is still to come. Say when it happened."),
        ({"happened-day": ""}, "When did it happen? must include a day"),
    ],
)
def test_a_wrong_one_is_refused_at_its_field(opened: World, changed: dict[str, str], sentence: str) -> None:
    answer, page = send(opened, StaffRole.DEPUTY, **changed)
    assert answer.status_code == 400
    assert sentence in answer.text
    assert "No incident was noted." in page.text


def test_a_page_that_knows_the_practice_fills_it_in(opened: World) -> None:
    client = staff_client(make_app(opened), opened, StaffRole.DEPUTY)
    page = client.get(f"{PAGE}?ccg=00B&practice=Y10001").text
    assert '<option value="00B" selected>' in page
    assert 'value="Y10001"' in page
    assert f'value="{OPENS.year}"' in page
