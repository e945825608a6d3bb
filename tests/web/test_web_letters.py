"""The sealed voting code of a letter: given for its id alone, one answer for every other id, and nothing logged."""

from __future__ import annotations

import base64
import logging

import pytest
from flask.testing import FlaskClient

from ballot.db.letters import find_letter
from ballot.office.activity import COMMAND_LINE
from ballot.office.acts.membership import Reissue
from ballot.office.perform import perform
from ballot.office.post.letters import make_letter
from tests.integration.office.world import World
from tests.support.letters import code_on, keys_of, opened
from tests.web.addresses import CCG, SITE
from tests.web.test_web_reading import bytes_of
from tests.web.test_web_routes import check_refusal

LETTER = f"{CCG}/letter"


@pytest.fixture
def code(voted: World) -> str:
    """The code on the letter of a practice that has not voted, as printed."""
    link = voted.links()[2]
    return code_on(make_letter(voted.desk, voted.id, link, "https://vote.example.org", "the help desk", COMMAND_LINE))


def test_the_id_of_a_letter_is_answered_with_what_only_its_code_opens(
    voted: World, client: FlaskClient, code: str
) -> None:
    before, link = bytes_of(voted.folder), voted.links()[2]
    answer = client.post(LETTER, data=keys_of(code)[0])

    assert (answer.status_code, answer.json["word"]) == (200, "letter-found")
    assert opened(code, base64.b64decode(answer.json["sealed"])) == link.code()
    assert answer.headers["Cache-Control"] == "no-store"
    assert link.token not in answer.text
    assert bytes_of(voted.folder) == before


def test_every_other_id_has_the_same_answer(voted: World, client: FlaskClient, code: str) -> None:
    id, key = keys_of(code)
    answers = []
    for body in (b"", b"\x00", b"\xff" * 64, id[:-1], id.upper(), f"{id}\n", "0" * 64, "%", key.hex(), code):
        answers.append(client.post(LETTER, data=body))
        check_refusal(answers[-1], 404, "letter-unknown")
    answers.append(client.post(LETTER.replace("merger", "another"), data=id))
    perform(voted.desk, voted.id, Reissue("00A", voted.links()[2].practice), (voted.registrar,))
    answers.append(client.post(LETTER, data=id))

    assert len({answer.data for answer in answers}) == 1


def test_the_letter_of_another_ccg_is_given_for_the_page_to_name_its_ballot(client: FlaskClient, code: str) -> None:
    assert client.post(f"{SITE}/00B/letter", data=keys_of(code)[0]).status_code == 200


def test_no_letter_is_given_to_who_only_reads(client: FlaskClient, code: str) -> None:
    check_refusal(client.get(f"{LETTER}?{keys_of(code)[0]}"), 405, "method-not-allowed")


def test_neither_code_nor_key_nor_what_is_sealed_reaches_a_log(
    voted: World, client: FlaskClient, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    id, key = keys_of(code)
    with voted.reading() as session:
        row = find_letter(session, voted.id, id)
        assert row is not None
        sealed = row.sealed

    client.post(LETTER, data=id)
    client.post(LETTER, data="0" * 64)

    lines = [record.getMessage() for record in caplog.records if record.name == "ballot.booth"]
    assert lines == ["letter 'merger' '00A': letter-found", "letter 'merger' '00A': letter-unknown"]
    for secret in (id, key.hex(), code, base64.b64encode(sealed).decode(), sealed.hex()):
        assert secret not in caplog.text
