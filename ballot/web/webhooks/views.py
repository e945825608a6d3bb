"""GOV.UK Notify's callbacks: what became of a message. Only Notify has the token, and the answer shows nothing."""

from __future__ import annotations

import hmac

from flask import Blueprint, Response

from ballot.mail.notify import delivery_of_status
from ballot.mail.settings import NotifySettings
from ballot.office.post.delivery_reports import take_report
from ballot.protocol.canonical import parse_json
from ballot.protocol.errors import InvalidMessage
from ballot.web.access import AccessRule, allow
from ballot.web.booth.views import bearer_token, whole_body
from ballot.web.errors import refusal
from ballot.web.stage import surroundings

LARGEST = 16 * 1024
post = Blueprint("post", __name__)


@post.post("/api/mail/notify")
@allow(AccessRule.CALLBACK)
def delivery() -> Response:
    """Record what became of one message.

    An unknown message gets 204 too: it is not Notify's fault, and an error would only make it send again.
    """
    here = surroundings()
    settings = None if here.config.mail is None else here.config.mail.channel
    expected = settings.callback_token if isinstance(settings, NotifySettings) else None
    if expected is None:
        return refusal(404, "not-found")
    if not hmac.compare_digest(bearer_token().encode(), expected.encode()):
        return refusal(403, "not-allowed")
    body = whole_body()
    if len(body) > LARGEST:
        return refusal(413, "too-large")
    try:
        notice = parse_json(body)
    except InvalidMessage:
        return refusal(400, "bad-request")
    if not isinstance(notice, dict) or not isinstance(notice.get("reference"), str):
        return refusal(400, "bad-request")
    if (word := delivery_of_status(notice.get("status"))) is not None:
        take_report(here.engine, here.clock, notice["reference"], word)
    return Response(status=204)
