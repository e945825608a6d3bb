"""A form whose sender must sign in or prove who they are first: what was typed is put back, except passphrases.

The guard calls `keep_this_form`, and the person returns from signing in to PAGE. There one button sends the form again,
to its own address. What was left out is then asked for like any empty field.
"""

from __future__ import annotations

from flask import request

from ballot.office.staff.kept_forms import keep_form
from ballot.office.staff.sessions import Door
from ballot.web.forms import SECRET_FIELDS

PAGE = "sign_in.kept_page"
NOT_KEPT = frozenset({"sign_in.confirm_page", "account.password_page"})
"""Forms that ask who someone is. Nothing of them is kept."""
LEFT_OUT = SECRET_FIELDS | {"csrf_token"}


def keep_this_form(door: Door, session_id: str | None) -> bool:
    """Keep the form that this request sends, if it is one that a person fills in. Returns whether it is kept.

    The caller has checked that the form is ours.
    """
    rule = request.url_rule
    if request.method != "POST" or rule is None or "GET" not in (rule.methods or ()) or request.endpoint in NOT_KEPT:
        return False
    values = [(name, value) for name, value in request.form.items(multi=True) if name not in LEFT_OUT]
    return bool(session_id and values) and keep_form(door, session_id or "", request.full_path.rstrip("?"), values)
