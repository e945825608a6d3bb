"""Who is signed in on a browser: the cookie, the guard of every route, and `signed_in()`.

The cookie holds only a random id. It is `__Host-` and Secure unless the installation's own name, the setting `board`,
is a loopback name, where browsers speak HTTP.
"""

from __future__ import annotations

import logging
from typing import cast
from urllib.parse import urlsplit

from flask import Flask, abort, current_app, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFProtect, validate_csrf  # type: ignore[import-untyped]
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response
from wtforms.validators import ValidationError

from ballot.office.errors import Refusal
from ballot.office.staff.passkeys import RelyingParty
from ballot.office.staff.roles import StaffRole
from ballot.office.staff.sessions import LONGEST, Door, Staff, find_staff, is_recent, sign_out
from ballot.web import access
from ballot.web.access import Access, AccessRule
from ballot.web.errors import prefers_page, refused
from ballot.web.office.kept import PAGE, keep_this_form
from ballot.web.office.programme_page import sealed_fingerprint
from ballot.web.stage import surroundings

log = logging.getLogger("ballot.staff")

COOKIE, FORM_COOKIE = "ballot-staff", "ballot-form"
LOOPBACK = ("localhost", "127.0.0.1")
CHECK_PASSWORDS = frozenset({"sign_in.sign_in_page", "enrolment.recover_page"})
"""Pages that check a password from anyone, at argon2's deliberate slowness."""
_STAFF = "ballot_staff"
_SAME_SITE = ("same-origin", "none")


def install(app: Flask, door: Door, board: str) -> None:
    """Install cookies, the protection against forged forms, and the guard of every route."""
    secure = not is_loopback(board)
    prefix = "__Host-" if secure else ""
    app.config.update(
        SECRET_KEY=door.storage.derive("cookies of forms"),
        SESSION_COOKIE_NAME=prefix + FORM_COOKIE,
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
        SESSION_COOKIE_PATH="/",
        STAFF_COOKIE_NAME=prefix + COOKIE,
        WTF_CSRF_CHECK_DEFAULT=False,  # `guard` checks the form's token, for every route whose rule asks for it
        WTF_CSRF_TIME_LIMIT=int(LONGEST.total_seconds()),
    )
    CSRFProtect(app)
    access.install(app, guard)
    app.jinja_env.globals["sealed_fingerprint"] = sealed_fingerprint
    app.jinja_env.globals["may_open"] = may_open
    app.jinja_env.filters["role_name"] = lambda role: StaffRole(role).words
    app.context_processor(lambda: {"staff": getattr(g, _STAFF, None)})  # Makes no query: an error page must not fail


def is_loopback(board: str) -> bool:
    """Whether the installation's name means this machine."""
    return (board.rpartition(":")[0] or board) in LOOPBACK


def guard(access: Access) -> ResponseReturnValue | None:
    """Check a request against its rule, in this order: signed in, the role, our form, a recent sign-in.

    The log records who was refused, by the account's number and the word.
    """
    staff = found_staff() if access.rule is AccessRule.STAFF else None
    if access.rule is AccessRule.STAFF and staff is None:
        if prefers_page():
            return redirect(url_for("sign_in.sign_in_page", next=_back_with_form()), 303)
        return _held_back(401, Refusal.NOT_SIGNED_IN)
    if staff is not None and staff.role not in access.roles:
        return _held_back(403, Refusal.NOT_YOUR_ROLE)
    if request.method == "POST" and not _is_our_form():
        return _held_back(400, Refusal.FORGED)
    if access.recent:
        needs_recent_sign_in()
    return None


def signed_in() -> Staff:
    """Who is signed in, on a route whose rule is STAFF."""
    staff = found_staff()
    if staff is None:
        raise LookupError("no one is signed in on a route that is not for staff")
    return staff


def may_open(endpoint: str) -> bool:
    """Whether the role of the person signed in may open this page, so that no page offers what would be refused."""
    staff = found_staff()
    return staff is not None and staff.role in access.rule_of(current_app, endpoint).roles


def sees_who_voted() -> bool:
    """Whether this person may know, while voting goes on, which practices have voted: a setting decides."""
    return signed_in().role.value in surroundings().config.names_of_missing


def found_staff() -> Staff | None:
    """Who is signed in, on any route; None for no one. Looked up once a request."""
    if not hasattr(g, _STAFF):
        id = request.cookies.get(current_app.config["STAFF_COOKIE_NAME"])
        setattr(g, _STAFF, find_staff(the_door(), id) if id else None)
    return cast("Staff | None", getattr(g, _STAFF))


def needs_recent_sign_in() -> None:
    """Require a recent sign-in, then return here; for grave acts."""
    if not is_recent(signed_in(), surroundings().clock()):
        if prefers_page():
            abort(redirect(url_for("sign_in.confirm_page", next=_back_with_form()), 303))
        abort(_held_back(401, Refusal.PROVE_AGAIN))


def the_place() -> RelyingParty:
    """The site that passkeys are for: this installation's own name. On the loopback, with the browser's port."""
    board = surroundings().config.board
    host = board.rpartition(":")[0] or board
    if not is_loopback(board):
        return RelyingParty(host, f"https://{board}")
    return RelyingParty(
        host, f"http://{request.host}" if request.host.rpartition(":")[0] == host else f"http://{board}"
    )


def the_door() -> Door:
    """The door: what the acts of signing in need."""
    door = surroundings().door
    if door is None:
        raise LookupError("there is no office here")
    return door


def let_in(response: Response, id: str) -> Response:
    """Give the browser its new session; the old one is ended, and nothing is taken over."""
    if (before := found_staff()) is not None:
        sign_out(the_door(), before)
    session.clear()
    return go_on(response, id)


def go_on(response: Response, id: str) -> Response:
    """Give the browser the id under which its session goes on."""
    config = current_app.config
    response.set_cookie(
        config["STAFF_COOKIE_NAME"],
        id,
        secure=config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Strict",
        path="/",
    )
    return response


def let_out(response: Response) -> Response:
    """Remove the session from the browser."""
    session.clear()
    config = current_app.config
    response.delete_cookie(
        config["STAFF_COOKIE_NAME"],
        secure=config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Strict",
        path="/",
    )
    return response


def way_back(asked: str | None) -> str:
    """Where to go after signing in: the office's page that was asked for, and never another site.

    The address is rebuilt from the page that was meant. Only the query of the original is kept, so that slashes,
    backslashes and host names in it lead nowhere.
    """
    front = url_for("office.front")
    try:
        parts = urlsplit(asked or front)
        endpoint, values = current_app.url_map.bind("").match(parts.path, "GET")
    except (HTTPException, ValueError):  # Not one of our addresses, or not an address
        return front
    if access.rule_of(current_app, endpoint).rule is not AccessRule.STAFF:
        return front
    return url_for(endpoint, **values) + (f"?{parts.query}" if parts.query else "")


def _held_back(status: int, refusal: Refusal) -> Response:
    staff = getattr(g, _STAFF, None)
    told = {"word": refusal.value, "route": request.endpoint}
    log.warning("account %s: %s at %s", staff.id if staff else "unknown", refusal.value, request.endpoint, extra=told)
    return refused(status, refusal.value)


def _back() -> str:
    """The page to come back to: this one if it can be read, otherwise the nearest one above it."""
    front = url_for("office.front")
    asked = request.full_path.rstrip("?")
    while (back := way_back(asked)) == front and "/" in asked.strip("/"):
        asked = asked.rpartition("/")[0]
    return back


def _back_with_form() -> str:
    """The same; but if a form of ours was sent that can be kept, the page that puts back what was typed."""
    id = request.cookies.get(current_app.config["STAFF_COOKIE_NAME"])
    kept = request.method == "POST" and _is_our_form() and keep_this_form(the_door(), id)
    return url_for(PAGE) if kept else _back()


def _is_our_form() -> bool:
    if request.headers.get("Sec-Fetch-Site", "none") not in _SAME_SITE:
        return False
    if not current_app.config.get("WTF_CSRF_ENABLED", True):
        return True
    sent = request.form.get("csrf_token") or request.headers.get("X-CSRFToken")
    try:
        validate_csrf(sent)
    except ValidationError:
        return False
    g.csrf_valid = True
    return True
