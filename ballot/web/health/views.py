"""Whether the process answers, whether it can work, and its figures for Prometheus. Nothing about any ballot."""

from __future__ import annotations

import hmac

from flask import Blueprint, Response, jsonify
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from sqlalchemy.exc import SQLAlchemyError

from ballot.db.engine import Unavailable
from ballot.db.upgrade import revisions
from ballot.web.access import AccessRule, allow
from ballot.web.booth.views import bearer_token
from ballot.web.errors import refusal
from ballot.web.health.metrics import metrics
from ballot.web.stage import surroundings

health = Blueprint("health", __name__)
UNLIMITED = frozenset({"health.healthz", "health.readyz", "health.figures"})


@health.get("/healthz")
@allow(AccessRule.PUBLIC)
def healthz() -> Response:
    """Answer that the process runs."""
    return jsonify({"status": "ok"})


@health.get("/readyz")
@allow(AccessRule.PUBLIC)
def readyz() -> Response:
    """Whether it can take a vote: the database answers and has the tables of this version. 503 if not."""
    try:
        found, expected = revisions(surroundings().engine)
    except SQLAlchemyError:
        return refusal(503, Unavailable.AWAY.value)
    return jsonify({"status": "ready"}) if found == expected else refusal(503, "tables-differ")


@health.get("/metrics")
@allow(AccessRule.OPERATOR)
def figures() -> Response:
    """The figures, for a request with the operator's token; 404 if no token is set."""
    expected = surroundings().config.service.metrics_token
    if expected is None:
        return refusal(404, "not-found")
    if not hmac.compare_digest(bearer_token().encode(), expected.encode()):
        return refusal(403, "not-allowed")
    return Response(metrics().text(surroundings().engine, surroundings().clock()), mimetype=CONTENT_TYPE_LATEST)
