"""The booth: the page where a practice votes, what its token opens, and casting.

The page has the same bytes for everyone and changes nothing: the secret is after the `#` of the link, where only the
page's own script reads it. Casting takes raw bytes and returns the office's answer: a ballot enters the system here.
"""

from __future__ import annotations

import base64
import logging
import re

from flask import Blueprint, Response, abort, jsonify, render_template, request, url_for
from werkzeug.exceptions import BadRequest, HTTPException
from wtforms import Form

from ballot.constitution.programme import Programme, VotingPack
from ballot.db.ballots import list_ballots_of
from ballot.db.letters import find_letter
from ballot.db.programmes import ProgrammeRow, find_programme
from ballot.db.session import reading
from ballot.office.casting.cast import cast
from ballot.office.casting.entry import TokenHolder, enter
from ballot.office.errors import Refusal
from ballot.office.sealed import read_election, read_programme
from ballot.office.setup.packs import say_document
from ballot.protocol.canonical import Json
from ballot.record.authority import NAME_MAX
from ballot.record.times import time_text
from ballot.web.access import AccessRule, allow
from ballot.web.booth.ballot_form import authority_form, paper_form
from ballot.web.errors import refusal
from ballot.web.health.metrics import metrics
from ballot.web.packing import packed_page
from ballot.web.stage import surroundings

log = logging.getLogger("ballot.booth")

booth = Blueprint("booth", __name__)

AUTHORITY_HEADER = "Ballot-Authority"


@booth.get("/vote/<programme>/<ccg>", strict_slashes=False)
@allow(AccessRule.PUBLIC)
def show(programme: str, ccg: str) -> Response:
    """The page of a link. If a mail gateway escaped its `#`, the secret comes along in the path: see `_place`."""
    with reading(surroundings().engine) as session:
        rows = list_ballots_of(session, programme, _place(ccg))  # The questions of all its localities are the same
        found = find_programme(session, programme)
        if not rows or found is None or rows[0].election is None:
            abort(404)
        page = booth_page(found, rows[0].ccg, rows[0].election)
    return packed_page(page)


def booth_page(programme: ProgrammeRow, ccg: str, election_bytes: bytes) -> str:
    """The page of one CCG. It depends only on the sealed programme, so that its hash can be published."""
    election, read = read_election(election_bytes), read_programme(programme.toml)
    return render_template(
        "booth/booth.html",
        ccg=next(each.name for each in read.ccgs if each.ods == ccg),
        programme=read,
        paper=paper_form(election),
        questions=election.questions,
        authority=_authority(programme.statement, read),
        name_max=NAME_MAX,
        served={pack.sha256: say_document(pack) for pack in read.voting_packs if pack.is_served},
        fingerprint=programme.fingerprint,
        rehearsal=read.rehearsal,
    )


def _authority(statement: str | None, read: Programme) -> Form | None:
    return None if statement is None else authority_form(statement, read.words.member.one)


@booth.get("/how-it-is-counted")
@allow(AccessRule.PUBLIC)
def how_it_is_counted() -> str:
    """How a practice can know that its vote was counted, in plain words."""
    return render_template("booth/how_it_is_counted.html")


@booth.get("/check-paper")
@allow(AccessRule.PUBLIC)
def check_paper() -> str:
    """What a spoilt ballot encrypts, worked out by the page alone; once open it works offline too."""
    return render_template("booth/check_paper.html")


@booth.post("/api/programmes/<programme>/<ccg>/entry")
@allow(AccessRule.TOKEN)
def entry(programme: str, ccg: str) -> Response:
    """Whose token it is and what it opens now, or the word of the refusal. Changes nothing."""
    here = surroundings()
    answer = enter(here.engine, here.clock, programme, ccg, bearer_token())
    log.info("entry %.80a %.80a: %s %s", programme, ccg, answer.status, answer.word, extra={"word": answer.word})
    if answer.voter is None:
        return refusal(answer.status, answer.word)
    response = jsonify({"status": answer.status, "word": answer.word, **_describe(answer.voter)})
    response.status_code = answer.status
    return response


@booth.post("/api/programmes/<programme>/<ccg>/letter")
@allow(AccessRule.TOKEN)
def letter(programme: str, ccg: str) -> Response:
    """The sealed voting code of the letter whose id is the body. Changes nothing.

    The page derives id and key from the code on the letter. Only it can open the answer; the code is never sent.
    """
    with reading(surroundings().engine) as session:
        found = find_letter(session, programme, whole_body().decode("ascii", "replace"))
        sealed = None if found is None else found.sealed
    word = Refusal.LETTER_UNKNOWN.value if sealed is None else "letter-found"
    log.info("letter %.80a %.80a: %s", programme, ccg, word, extra={"word": word})
    if sealed is None:
        return refusal(404, word)
    return jsonify({"status": 200, "word": word, "sealed": base64.b64encode(sealed).decode()})


@booth.post("/api/programmes/<programme>/<ccg>/ballots")
@allow(AccessRule.TOKEN)
def cast_ballot(programme: str, ccg: str) -> Response:
    """Cast the ballot in the body, with the token in the Authorization header: `Bearer <token>`.

    If the ballot asks who casts a vote, the header Ballot-Authority has the answer: JSON in Base64. 200 answers with
    the receipt, always the same bytes for the same ballot.
    """
    here = surroundings()
    answer = cast(here.engine, here.clock, programme, ccg, bearer_token(), whole_body(), here.board, said_authority())
    metrics().count_cast(answer.word)
    fields = {"word": answer.word}
    log.info("cast %.80a %.80a: %s %s", programme, ccg, answer.status, answer.word, extra=fields)  # Addresses: any text
    if answer.receipt is None:
        return refusal(answer.status, answer.word)
    return Response(answer.receipt, answer.status, mimetype="application/json")


def _describe(voter: TokenHolder) -> dict[str, Json]:
    """The data for the page. Terms, election, lists and receipt are text: their exact bytes are hashed or signed."""
    programme, ballot = voter.programme, voter.ballot
    name = ballot.election_name
    return {
        "programme": programme.id,
        "name": programme.name,
        "rehearsal": programme.rehearsal,
        "policy": programme.policy.value,
        "fingerprint": voter.fingerprint,
        "elections": dict(voter.elections),
        "practice": {"code": voter.practice.ods, "name": voter.practice.called},
        "ccg": {"code": ballot.ccg, "name": ballot.name},
        "opens": time_text(ballot.opens_at),
        "closes": time_text(ballot.closes_at),
        "voting_packs": [_describe_pack(programme, pack) for pack in programme.voting_packs],
        "terms": url_for("board.terms", programme=programme.id),
        "terms_text": voter.terms.decode(),
        "election": url_for("board.election", programme=programme.id, ccg=name),
        "election_text": (ballot.election or b"").decode(),
        "credentials_text": voter.credentials.decode(),
        "roll_text": voter.roll.decode(),
        "cast": url_for("booth.cast_ballot", programme=programme.id, ccg=ballot.ccg),
        "receipts": url_for("board.receipt", programme=programme.id, ccg=name, payload=""),
        "board": url_for("pages.find", programme=programme.id),
        "receipt": voter.receipt.decode() if voter.receipt else None,
    }


def _describe_pack(programme: Programme, pack: VotingPack) -> dict[str, Json]:
    """A document for the vote: where it is, and what it is if it is here."""
    here = url_for("documents.document", programme=programme.id, sha256=pack.sha256) if pack.is_served else None
    kind = None if pack.format is None else pack.format.value
    return {"name": pack.name, "sha256": pack.sha256, "url": pack.url or here, "format": kind, "size": pack.size}


def _place(segment: str) -> str:
    """The CCG in an address whose `#` a mail gateway escaped, so that the code follows in the same segment."""
    return re.split("[#%*&;]", segment, maxsplit=1)[0]


def whole_body() -> bytes:
    """The body of the request; raises RequestEntityTooLarge, or BadRequest if it breaks off early."""
    try:
        return request.get_data(cache=False)
    except HTTPException:
        raise
    except Exception:  # Every WSGI server has its own exception for bad chunks
        raise BadRequest from None


def said_authority() -> bytes | None:
    """What the voter says about themselves; None if nothing came, empty if it is not Base64."""
    sent = request.headers.get(AUTHORITY_HEADER)
    if sent is None:
        return None
    try:
        return base64.b64decode(sent, validate=True)
    except ValueError:
        return b""


def bearer_token() -> str:
    """The token of the request; empty if there is none. It is in a header, which no log of addresses records."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
