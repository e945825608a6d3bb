"""Casting: raw bytes in, the office's answer out. The walk of one ballot enters the server here."""

from __future__ import annotations

import logging

from flask import Blueprint, Response, request
from werkzeug.exceptions import BadRequest, HTTPException

from ballot.office.cast import cast
from ballot.web.access import Rule, allow
from ballot.web.errors import refusal
from ballot.web.stage import surroundings

log = logging.getLogger("ballot.booth")

booth = Blueprint("booth", __name__)


@booth.post("/api/programmes/<programme>/<ccg>/ballots")
@allow(Rule.TOKEN)
def cast_ballot(programme: str, ccg: str) -> Response:
    """Cast the ballot that is the body, with the token in the Authorization header: `Bearer <token>`.

    200 answers the receipt, byte for byte the same however often the same ballot is sent.
    """
    here = surroundings()
    answer = cast(here.engine, here.clock, programme, ccg, bearer_token(), whole_body(), here.board)
    log.info("cast %.80a %.80a: %s %s", programme, ccg, answer.status, answer.word)  # an address can hold any text
    if answer.receipt is None:
        return refusal(answer.status, answer.word)
    return Response(answer.receipt, answer.status, mimetype="application/json")


def whole_body() -> bytes:
    """What was sent; raises RequestEntityTooLarge, and BadRequest for a body that breaks off before its end."""
    try:
        return request.get_data(cache=False)
    except HTTPException:
        raise
    except Exception:  # every WSGI server has an exception of its own for chunks that are none
        raise BadRequest from None


def bearer_token() -> str:
    """The token of the request; empty if there is none. It stands in a header, so that no log of addresses has it."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
