"""Casting over HTTP: every answer with its status, its word and its sentence; receipts; and nothing secret in a log."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from ballot.office.acts.counting import Abandon
from ballot.office.acts.membership import Reissue, Revoke, Strike
from ballot.office.perform import perform
from ballot.office.post.voting_links import PracticeLink
from ballot.record.receipts import check_receipt
from tests.integration.office.world import CLOSES, OPENS, SECOND, WHY, World
from tests.web.addresses import CAST, CCG, bearer, receipt_of
from tests.web.conftest import make_app
from tests.web.test_web_routes import check_refusal

Spoil = Callable[[World, PracticeLink], object]


@pytest.fixture
def link(voted: World) -> PracticeLink:
    """A practice that has not voted."""
    return voted.links()[2]


def test_a_ballot_is_accepted_and_its_receipt_is_signed(voted: World, client: FlaskClient, link: PracticeLink) -> None:
    body = voted.ballot(link)

    answer = client.post(CAST, data=body, headers=bearer(link.token))

    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    receipt = check_receipt(answer.data, voted.board.public)
    assert (receipt.height, receipt.ccg) == (3, "00A")
    assert client.get(receipt_of(body)).data == answer.data


def test_the_same_ballot_again_has_the_same_receipt_whatever_happens_later(
    voted: World, client: FlaskClient, link: PracticeLink
) -> None:
    body = voted.ballot(link)
    first = client.post(CAST, data=body, headers=bearer(link.token)).data
    perform(voted.desk, voted.id, Reissue("00A", link.practice), (voted.registrar,))
    later = [client.post(CAST, data=body, headers=bearer(link.token))]
    later.append(client.post(CAST, data=body))
    later.append(client.post(CAST, data=body, headers={"Content-Type": "multipart/form-data; boundary=x"}))
    voted.close()
    later.append(client.post(CAST, data=body, headers=bearer(link.token)))

    assert [(answer.status_code, answer.data) for answer in later] == [(200, first)] * 4


@pytest.mark.parametrize(
    ("spoil", "status", "word"),
    [
        pytest.param(lambda w, k: setattr(w.clock, "now", OPENS - SECOND), 425, "not-open-yet", id="too early"),
        pytest.param(lambda w, k: setattr(w.clock, "now", CLOSES), 410, "closed", id="too late"),
        pytest.param(
            lambda w, k: perform(w.desk, w.id, Strike("00A", k.practice), w.two, WHY),
            403,
            "practice-struck",
            id="struck",
        ),
        pytest.param(
            lambda w, k: perform(w.desk, w.id, Revoke("00A", k.practice), (w.registrar,)),
            403,
            "token-revoked",
            id="revoked",
        ),
        pytest.param(
            lambda w, k: perform(w.desk, w.id, Reissue("00A", k.practice), (w.registrar,)),
            403,
            "token-superseded",
            id="re-issued",
        ),
        pytest.param(lambda w, k: perform(w.desk, w.id, Abandon("00A"), w.two, WHY), 410, "abandoned", id="abandoned"),
        pytest.param(lambda w, k: w.cast(k), 409, "already-voted", id="voted already"),
    ],
)
def test_a_good_ballot_at_the_wrong_moment_is_refused_in_one_word(
    opened: World, spoil: Spoil, status: int, word: str
) -> None:
    client, link = make_app(opened).test_client(), opened.links()[2]
    body = opened.ballot(link)
    spoil(opened, link)

    check_refusal(client.post(CAST, data=body, headers=bearer(link.token)), status, word)


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Bearer  ",
        "Basic {token}",
        "{token}",
        "Token {token}",
        "Bearer {token}x",
        "Bearer {token} {token}",
        "Bearer {token},",
        "Bearer x.y",
        "Bearer \xff\xfe",
        "Bearer " + "A" * 5000,
        'Bearer realm="x"',
    ],
    ids=lambda header: "no header" if header is None else header[:16] or "empty",
)
def test_a_ballot_without_a_token_in_its_one_form_is_refused(
    voted: World, client: FlaskClient, link: PracticeLink, header: str | None
) -> None:
    headers = {} if header is None else {"Authorization": header.format(token=link.token)}

    check_refusal(client.post(CAST, data=voted.ballot(link), headers=headers), 403, "token-invalid")


@pytest.mark.parametrize("header", ["bearer {token}", "BEARER {token}", "Bearer  {token}", "Bearer {token} "])
def test_a_token_with_a_space_too_many_still_counts(
    voted: World, client: FlaskClient, link: PracticeLink, header: str
) -> None:
    headers = {**bearer(link.token), "Authorization": header.format(token=link.token)}

    assert client.post(CAST, data=voted.ballot(link), headers=headers).status_code == 200


def test_a_token_counts_in_the_header_only(voted: World, client: FlaskClient, link: PracticeLink) -> None:
    body = voted.ballot(link)
    client.set_cookie("token", link.token)

    answer = client.post(CAST, data=body, query_string={"token": link.token, "access_token": link.token})

    check_refusal(answer, 403, "token-invalid")


def test_the_token_of_another_practice_or_ballot_is_refused(
    voted: World, client: FlaskClient, link: PracticeLink
) -> None:
    body = voted.ballot(link)
    neighbour, elsewhere = voted.links()[3], voted.links("00B")[0]

    check_refusal(client.post(CAST, data=body, headers=bearer(neighbour.token)), 403, "credential-of-another")
    check_refusal(client.post(CAST, data=body, headers=bearer(elsewhere.token)), 403, "token-for-another-ballot")


ODD = [
    pytest.param(lambda body: b"", "not-json", id="empty"),
    pytest.param(lambda body: b"\x00", "not-json", id="a zero byte"),
    pytest.param(lambda body: b"\xff\xfe{}", "not-json", id="no UTF-8"),
    pytest.param(lambda body: b"null", "wrong-type", id="null"),
    pytest.param(lambda body: b"[" * 60000, "too-deep", id="nested without end"),
    pytest.param(lambda body: b"1" * 60000, "number-range", id="a number without end"),
    pytest.param(lambda body: b"{}", "wrong-fields", id="no fields"),
    pytest.param(lambda body: body + b"\n", "not-canonical", id="a line end behind"),
    pytest.param(lambda body: b" " + body, "not-canonical", id="a space before"),
    pytest.param(lambda body: body[:-1], "not-json", id="cut off"),
    pytest.param(lambda body: body * 2, "not-json", id="twice in one"),
    pytest.param(lambda body: body.replace(b'"', b"'"), "not-json", id="other quotation marks"),
    pytest.param(lambda body: body.replace(b"election_uuid", b"election_uuie"), "wrong-fields", id="another field"),
]


@pytest.mark.parametrize(("spoil", "word"), ODD)
def test_bytes_that_are_no_ballot_are_refused_before_the_token_is_looked_at(
    voted: World, client: FlaskClient, link: PracticeLink, spoil: Callable[[bytes], bytes], word: str
) -> None:
    body = spoil(voted.ballot(link))

    check_refusal(client.post(CAST, data=body), 400, word)
    check_refusal(client.post(CAST, data=body, headers=bearer(link.token)), 400, word)


def test_a_ballot_with_a_false_proof_is_refused_last(voted: World, client: FlaskClient, link: PracticeLink) -> None:
    body = voted.ballot(link)
    at = body.index(b'"response":"') + 12
    digit = b"1" if body[at : at + 1] != b"1" else b"2"
    spoiled = body[:at] + digit + body[at + 1 :]

    check_refusal(client.post(CAST, data=spoiled), 403, "token-invalid")
    check_refusal(client.post(CAST, data=spoiled, headers=bearer(link.token)), 400)


@pytest.mark.parametrize(
    "size", [65537, 2**20, 4 * 2**20 + 1], ids=["of this election", "far above", "not read at all"]
)
def test_what_is_larger_than_any_ballot_is_413(client: FlaskClient, size: int) -> None:
    check_refusal(client.post(CAST, data=b"x" * size), 413, "too-large")
    streamed = client.post(
        CAST, input_stream=io.BytesIO(b"x" * size), environ_overrides={"wsgi.input_terminated": True}
    )
    check_refusal(streamed, 413, "too-large")


def test_a_length_that_is_only_claimed_is_enough(client: FlaskClient) -> None:
    class Unread(io.BytesIO):
        def read(self, *size: object) -> bytes:
            raise AssertionError("nothing should have been read")

        readline = read  # type: ignore[assignment]

    answer = client.post(CAST, input_stream=Unread(), environ_overrides={"CONTENT_LENGTH": str(10**12)})

    check_refusal(answer, 413, "too-large")


def test_a_body_that_breaks_off_is_refused_and_counts_nothing(
    voted: World, client: FlaskClient, link: PracticeLink
) -> None:
    class Broken(io.BytesIO):
        def read(self, *size: object) -> bytes:
            raise ValueError("hunter2")

    body = voted.ballot(link)
    length, token = {"CONTENT_LENGTH": str(len(body))}, bearer(link.token)
    cut = client.post(CAST, input_stream=io.BytesIO(body[:100]), environ_overrides=length, headers=token)
    broken = client.post(CAST, input_stream=Broken(), environ_overrides=length, headers=token)

    check_refusal(cut, 400)
    check_refusal(broken, 400, "bad-request")
    assert b"hunter2" not in broken.data
    assert len(client.get(f"{CCG}/board").json) == 2


def test_no_secret_reaches_a_log(
    voted: World, client: FlaskClient, link: PracticeLink, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    body, other = voted.ballot(link), voted.links("00B")[0]

    for sent, token in ((body, other.token), (body[:-1], link.token), (body, link.token), (body, link.token)):
        client.post(CAST, data=sent, headers=bearer(token))
    client.post(f"/api/programmes/{link.token}/{link.credential}/ballots", data=b"{}")
    client.get(f"{CCG}/board", query_string={"token": link.token})

    lines = [record.getMessage() for record in caplog.records if record.name == "ballot.booth"]
    assert [line.rsplit(": ")[1] for line in lines[:4]] == [
        "403 token-for-another-ballot",
        "400 not-json",
        "200 accepted",
        "200 accepted",
    ]
    assert link.token not in caplog.text
    assert other.token not in caplog.text
    assert body.decode() not in caplog.text


def test_one_line_of_the_log_is_one_request(client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)

    client.post("/api/programmes/a%0aballot.booth cast merger 00A: 200 accepted/00A/ballots", data=b"{}")

    assert len([line for line in caplog.text.splitlines() if "cast" in line]) == 1
