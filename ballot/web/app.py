"""The Flask app, put together: its surroundings, its routes, its errors, its headers, its rules."""

from __future__ import annotations

from flask import Flask

from ballot.web import access, assets, errors, limits, nouns, proxies, request_id, security, templating
from ballot.web.board.pages import pages
from ballot.web.board.proofs import proofs
from ballot.web.board.results import results
from ballot.web.board.views import board
from ballot.web.booth.documents import documents
from ballot.web.booth.receipts import receipts
from ballot.web.booth.views import booth
from ballot.web.health import metrics
from ballot.web.health.views import UNLIMITED, health
from ballot.web.office import parts as office
from ballot.web.office import session
from ballot.web.stage import AppSurroundings, place
from ballot.web.webhooks.views import post

LARGEST_REQUEST = 4 * 2**20
"""The most bytes read from any request; a ballot's exact limit depends on its election (casting.cast.size_limit)."""


def create_app(surroundings: AppSurroundings) -> Flask:
    """Make the app; raises access.NoRule if a route does not declare who may use it."""
    app = Flask("ballot.web", template_folder=None, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_REQUEST
    app.url_map.merge_slashes = False  # One address for each thing, and no redirect to a host named in a request
    place(app, surroundings)
    proxies.install(app, surroundings.config.service.proxies)
    request_id.install(app)
    metrics.install(app)
    limits.install(app, surroundings.config.service, UNLIMITED, session.CHECK_PASSWORDS)
    templating.install(app, surroundings.config.site)
    nouns.install(app)
    assets.install(app)
    app.register_blueprint(board)
    app.register_blueprint(proofs)
    app.register_blueprint(pages)
    app.register_blueprint(results)
    app.register_blueprint(booth)
    app.register_blueprint(post)
    app.register_blueprint(health)
    app.register_blueprint(receipts)
    app.register_blueprint(documents)
    if surroundings.door is not None:
        session.install(app, surroundings.door, surroundings.config.board)
        for part in office.PARTS:
            app.register_blueprint(part)
    errors.install(app)
    security.install(app)
    access.check(app, guarded=surroundings.door is not None)
    return app
