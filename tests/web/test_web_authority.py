"""Who cast a vote: the casting interface refuses a vote without it by name; officers see it, and no one else does."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from ballot.constitution.programme import STATEMENT
from ballot.office.staff.roles import StaffRole
from ballot.protocol.hashing import sha256_hex
from ballot.record.authority import Authority, Capacity, parse_statement_proof
from tests.integration.office.world import World
from tests.web.addresses import CAST, bearer
from tests.web.conftest import make_app
from tests.web.staff import staff_client

PAGE = "/office/ballots/merger/authority"
PROXY = Authority("Dr Bo Elm", Capacity.PROXY, STATEMENT).to_bytes()


@pytest.mark.parametrize(
    ("header", "word"),
    [(None, "authority-missing"), ("", "authority-malformed"), ("{}", "authority-malformed"), ("\xff", None)],
)
def test_a_ballot_without_it_is_refused_by_name(opened: World, header: str | None, word: str | None) -> None:
    link, client = opened.links()[0], make_app(opened).test_client()
    headers = {name: value for name, value in bearer(link.token).items() if name == "Authorization"}
    headers |= {} if header is None else {"Ballot-Authority": header}
    answer = client.post(CAST, data=opened.ballot(link), headers=headers)

    assert answer.status_code == 400
    assert word in (None, answer.json["word"])


def test_the_voting_page_asks_only_where_the_ballot_does(opened: World) -> None:
    page = make_app(opened).test_client().get("/vote/merger/00A").text

    assert 'data-step="authority"' in page
    assert STATEMENT.replace("'", "&#39;") in page


def test_an_officer_sees_who_cast_which_vote_and_downloads_the_proof_after_closing(opened: World) -> None:
    link = opened.links()[0]
    body = opened.ballot(link)
    opened.cast(link, body, said=PROXY)
    app = make_app(opened)
    file = f"{PAGE}/00A/{sha256_hex(body)}.json"
    assert staff_client(app, opened, StaffRole.DEPUTY).get(file).status_code == 409
    opened.close("00A")
    officer = staff_client(app, opened, StaffRole.RETURNING_OFFICER)

    page = officer.get(PAGE).text
    assert "Dr Bo Elm" in page
    assert "Proxy for the representative" in page
    assert "cast by a proxy: 1." in page
    proof = parse_statement_proof(officer.get(file).data)
    assert (proof.made.practice, proof.made.authority.name) == (link.practice, "Dr Bo Elm")
    for missing in (f"{PAGE}/00A/{'0' * 64}.json", f"{PAGE}/00A/x.json", f"{PAGE}/00Z/{sha256_hex(body)}.json"):
        assert officer.get(missing).status_code == 404


@pytest.mark.parametrize("role", [StaffRole.OBSERVER, StaffRole.REGISTRAR])
def test_nobody_else_sees_names_of_voters(opened: World, role: StaffRole) -> None:
    client: FlaskClient = staff_client(make_app(opened), opened, role)

    assert client.get(PAGE).status_code == 403
    assert "Who cast the votes" not in client.get("/office/ballots/merger/turnout").text
