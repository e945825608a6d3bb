"""Every refusal: the status, the word for log and tests, and one sentence for a person.

Browsers get a page. Programs get JSON: every request under /api/, and every client that does not prefer HTML. Both have
the same word and sentence. No exception's text reaches a client: words come from enums, sentences from this table.
"""

from __future__ import annotations

import logging

from flask import Flask, Response, jsonify, render_template, request
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import HTTPException

from ballot.db.engine import Unavailable, why_unavailable
from ballot.office.errors import Refusal, Refused
from ballot.web.nouns import said

log = logging.getLogger("ballot.web")

LOGGED = (400, 413, 429)
"""Possible attacks: malformed forms, too much data, too many requests."""
FILE_TOO_LARGE = "file-too-large"
SENTENCES = {
    Refusal.NO_SUCH_BALLOT.value: "There is no such ballot here, or it is not sealed yet.",
    Refusal.TOO_LARGE.value: "This is larger than any ballot of this election can be.",
    Refusal.TOKEN_INVALID.value: "This is not a complete voting code. Copy the whole link from the invitation.",
    Refusal.TOKEN_ELSEWHERE.value: "This voting code is for another ballot. Use the link for this one.",
    Refusal.TOKEN_EXPIRED.value: "This voting code has expired.",
    Refusal.TOKEN_UNKNOWN.value: "This service did not issue this voting code.",
    Refusal.TOKEN_REVOKED.value: "This voting code was revoked. Ask the returning officer for help.",
    Refusal.TOKEN_SUPERSEDED.value: "A newer voting code was sent to this {member}. Use the newest one.",
    Refusal.STRUCK.value: "This {member} is no longer on the roll of this ballot.",
    Refusal.OTHER_CREDENTIAL.value: "The credential of this ballot is not the one that the voting code names.",
    Refusal.NOT_OPEN.value: "Voting has not opened yet.",
    Refusal.CLOSED.value: "Voting has closed. The ballot was not counted.",
    Refusal.ABANDONED.value: "This ballot was abandoned. No votes are counted.",
    Refusal.ALREADY_VOTED.value: "This {member} has already voted, and a vote is final.",
    Refusal.AUTHORITY_MISSING.value: "Say who casts this vote, in what capacity, and that you are authorised to.",
    Refusal.AUTHORITY_MALFORMED.value: "Name, capacity or statement are not as the page of this ballot asks for them.",
    Refusal.AUTHORITY_NOT_ASKED.value: "This ballot does not ask who casts a vote, and keeps no names.",
    Refusal.LETTER_UNKNOWN.value: "No letter has this code, or a newer link replaced the letter.",
    Refusal.NOT_SIGNED_IN.value: "Sign in first.",
    Refusal.NOT_YOUR_ROLE.value: "Your role does not allow this.",
    Refusal.PROVE_AGAIN.value: "Confirm your identity again to do this.",
    Refusal.FORGED.value: "This form is out of date, or did not come from our page. Load the page again.",
    Refusal.SIGN_IN_FAILED.value: "The details you entered do not match an account.",
    Refusal.CODE_USED.value: "That code was already used.",
    Refusal.TRY_LATER.value: "There were too many attempts. Wait a few minutes and try again.",
    Refusal.ENROLMENT_INVALID.value: "This code was used, is older than a day, or was never issued. Ask for a new one.",
    Refusal.ALREADY_PREPARED.value: "This ballot is already prepared. Its settings can no longer be changed.",
    Refusal.NO_SUCH_PROGRAMME.value: "There is no such ballot.",
    Refusal.NO_SUCH_PRACTICE.value: "There is no such {member} in this ballot.",
    Refusal.WRONG_STATE.value: "This cannot be done at this stage of the ballot.",
    Refusal.ROLL_DIFFERS.value: "This roll cannot be used. Upload another one.",
    Refusal.FILES_DIFFER.value: "The files of this ballot do not match. The task list says what is wrong.",
    Refusal.PASSWORD_WEAK.value: "Choose another password: longer, hard to guess, and without your name.",
    Refusal.LAST_PROOF.value: "You have no other way to sign in. Add another one first.",
    FILE_TOO_LARGE: "The file is larger than 4 MB. You can send a larger roll compressed, as .csv.gz or .zip.",
    "not-found": "There is no page at this address.",
    "not-allowed": "The token is not the one expected here.",
    "method-not-allowed": "This address does not accept that kind of request.",
    "bad-request": "The request was incomplete or malformed. Load the page again.",
    "too-many-requests": "There were too many requests from your address. Wait a minute and try again.",
    Unavailable.AWAY.value: "The database is not answering at the moment. Wait, then try again. No vote counts twice.",
    Unavailable.FULL.value: "The database is full at the moment. Wait, then try again. No vote counts twice.",
    "tables-differ": "The database and this program have different versions.",
    "not-published": "No record has been published yet.",
    "not-now": "The opening of this ballot is being recorded. Try again in a minute.",
    "internal-error": "Something went wrong on our side, and was logged. Nothing was changed.",
}
MALFORMED = "This is not a valid ballot for this election ({word}). Nothing was counted."


def sentence(word: str) -> str:
    """The sentence for a word; for the protocol's words, that the ballot is not valid and why."""
    return said(SENTENCES.get(word, MALFORMED.format(word=word)))


def refusal(status: int, word: str) -> Response:
    """The answer to a refused request."""
    response = jsonify({"status": status, "word": word, "sentence": sentence(word)})
    response.status_code = status
    return response


HEADINGS = {
    400: "We could not understand that request",
    401: "Sign in first",
    403: "You cannot do this",
    404: "Page not found",
    405: "This page cannot be used that way",
    413: "What you sent is too large",
    429: "Please wait a minute",
}
WINDOW = 60
"""Seconds over which requests are counted (web/limits.py)."""
PAUSE = 5
"""Seconds to wait before asking an unavailable database again."""
HEADING = "There is a problem with this service"


def refused(status: int, word: str) -> Response:
    """The answer to a refused request, as a page or as JSON."""
    if not prefers_page():
        return refusal(status, word)
    heading, said = HEADINGS.get(status, HEADING), sentence(word)
    return Response(
        render_template("errors/error.html", heading=heading, sentence=said, word=word, status=status), status
    )


def prefers_page() -> bool:
    """Whether the client is a browser. A program that accepts anything gets JSON."""
    accepts = request.accept_mimetypes
    return not request.path.startswith("/api/") and accepts["text/html"] > accepts["application/json"]


def install(app: Flask) -> None:
    """Answer every error in this way."""

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> Response:
        too_large = Refusal.TOO_LARGE.value if request.path.startswith("/api/") else FILE_TOO_LARGE
        words = {404: "not-found", 405: "method-not-allowed", 413: too_large, 429: "too-many-requests"}
        status = error.code or 500
        answer = refused(status, words.get(status, "bad-request" if status < 500 else "internal-error"))
        if status in LOGGED:
            log.info("refused %s: %s", request.endpoint, status, extra={"word": str(status), "route": request.endpoint})
        if status == 429:
            answer.headers["Retry-After"] = str(WINDOW)
        return answer

    @app.errorhandler(Refused)
    def refused_act(error: Refused) -> Response:
        missing = error.reason in (Refusal.NO_SUCH_PROGRAMME, Refusal.NO_SUCH_PRACTICE, Refusal.NO_SUCH_BALLOT)
        return refused(404 if missing else 409, error.reason.value)

    @app.errorhandler(DBAPIError)
    def database(error: DBAPIError) -> Response:
        why = why_unavailable(error)
        if why is None:
            return unexpected(error)
        said = str(error.orig).strip().partition("\n")[0]
        log.error("%s: %s", why.value, said, extra={"word": why.value})
        answer = refused(503, why.value)
        answer.headers["Retry-After"] = str(PAUSE)
        return answer

    @app.errorhandler(Exception)
    def unexpected(error: Exception) -> Response:
        log.error("unexpected %s", type(error).__name__, exc_info=error)
        return refused(500, "internal-error")
