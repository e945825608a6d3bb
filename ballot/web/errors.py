"""Every refusal as JSON: the status, the word that log and tests use too, and one sentence for a person.

No text of an exception ever reaches a client: words come from enums, sentences from this table.
"""

from __future__ import annotations

import logging

from flask import Flask, Response, jsonify
from werkzeug.exceptions import HTTPException

from ballot.office.errors import Refusal

log = logging.getLogger("ballot.web")

SENTENCES = {
    Refusal.NO_SUCH_BALLOT.value: "There is no such ballot here, or it is not sealed yet.",
    Refusal.TOO_LARGE.value: "What was sent is larger than any ballot of this election can be.",
    Refusal.TOKEN_INVALID.value: "A voting code signed by the registrar was expected; this is none, or part of one.",
    Refusal.TOKEN_ELSEWHERE.value: "This voting code is for another ballot.",
    Refusal.TOKEN_EXPIRED.value: "This voting code has expired.",
    Refusal.TOKEN_UNKNOWN.value: "This voting code was never issued by this installation.",
    Refusal.TOKEN_REVOKED.value: "This voting code was revoked. Please ask the returning officer for help.",
    Refusal.TOKEN_SUPERSEDED.value: "A newer voting code was sent to this practice; please use the newest one.",
    Refusal.STRUCK.value: "This practice is no longer on the roll of this ballot.",
    Refusal.OTHER_CREDENTIAL.value: "The ballot was made with another credential than the voting code names.",
    Refusal.NOT_OPEN.value: "Voting has not opened yet.",
    Refusal.CLOSED.value: "Voting has closed; the ballot was not counted.",
    Refusal.ABANDONED.value: "This ballot was abandoned; nothing is counted any more.",
    Refusal.ALREADY_VOTED.value: "This practice has voted already, and a vote is final.",
    "not-found": "There is nothing at this address.",
    "not-allowed": "The token that was sent is not the one expected here.",
    "method-not-allowed": "This address does not answer that kind of request.",
    "bad-request": "The request could not be understood.",
    "not-published": "No record has been published yet.",
    "internal-error": "Something went wrong here, and has been noted. Nothing was changed.",
}
MALFORMED = "What was sent is not a valid ballot for this election ({word}); nothing was counted."


def sentence(word: str) -> str:
    """The sentence for a word; for words of the protocol, that the ballot is not valid and why."""
    return SENTENCES.get(word, MALFORMED.format(word=word))


def refusal(status: int, word: str) -> Response:
    """The answer to a refused request."""
    response = jsonify({"status": status, "word": word, "sentence": sentence(word)})
    response.status_code = status
    return response


def install(app: Flask) -> None:
    """Answer every error in the same form."""

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> Response:
        words = {404: "not-found", 405: "method-not-allowed", 413: Refusal.TOO_LARGE.value}
        status = error.code or 500
        return refusal(status, words.get(status, "bad-request" if status < 500 else "internal-error"))

    @app.errorhandler(Exception)
    def unexpected(error: Exception) -> Response:
        log.error("unexpected %s", type(error).__name__, exc_info=error)
        return refusal(500, "internal-error")
