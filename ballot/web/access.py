"""Who may use a route. Every route says so, or the app does not start; and one guard holds them all to it.

    @allow(AccessRule.PUBLIC)                                  anyone, and it is only read
    @allow(AccessRule.TOKEN)                                   whoever holds a practice's token, or its letter
    @allow(AccessRule.OPERATOR)                                whoever shows the operator's token, to read figures
    @allow(AccessRule.FORM)                                    anyone; what is sent must come from a form of ours
    @allow(AccessRule.STAFF, StaffRole.DEPUTY, ...)            whoever is signed in with one of these roles
    @allow(AccessRule.STAFF, StaffRole.DEPUTY, recent=True)    and proved it within the last five minutes: grave acts

Whatever is sent to FORM and STAFF routes must carry the token of a form of ours (Flask-WTF), in its field `csrf_token`
or, from a script, in the header X-CSRFToken; and it must not come from another site, where the browser says so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol, TypeVar

from flask import Flask, request
from flask.typing import ResponseReturnValue

from ballot.office.staff.roles import StaffRole

View = TypeVar("View", bound=Callable[..., Any])
_RULE = "ballot_access"


class AccessRule(Enum):
    """The kinds of rule. `CALLBACK` is for the mail channel. `CALLBACK` and `OPERATOR` compare a token from
    the settings, in constant time.
    """

    PUBLIC = "public"
    TOKEN = "token"  # noqa: S105  (a word, not a secret)
    CALLBACK = "callback"
    OPERATOR = "operator"
    FORM = "form"
    STAFF = "staff"


METHODS = {
    AccessRule.PUBLIC: ({"GET"},),
    AccessRule.TOKEN: ({"POST"},),
    AccessRule.CALLBACK: ({"POST"},),
    AccessRule.OPERATOR: ({"GET"},),
    AccessRule.FORM: ({"GET", "POST"}, {"POST"}),
    AccessRule.STAFF: ({"GET"}, {"GET", "POST"}, {"POST"}),
}
"""The methods that a route of each rule may answer; only POST changes anything."""


@dataclass(frozen=True, slots=True)
class Access:
    """A rule, with the roles that it allows."""

    rule: AccessRule
    roles: frozenset[StaffRole] = frozenset()
    recent: bool = False

    def __str__(self) -> str:
        """`staff deputy returning-officer recent`, as in the golden list."""
        words = [self.rule.value, *sorted(role.value for role in self.roles)]
        return " ".join([*words, "recent"] if self.recent else words)


class Guard(Protocol):
    """Checks a request against a rule: returns None to continue, or the answer instead. It may refuse by raising."""

    def __call__(self, access: Access) -> ResponseReturnValue | None: ...


class NoRule(Exception):
    """A route does not declare who may use it."""


def allow(rule: AccessRule, *roles: StaffRole, recent: bool = False) -> Callable[[View], View]:
    """Mark a view with its rule; the roles are for STAFF."""

    def mark(view: View) -> View:
        setattr(view, _RULE, Access(rule, frozenset(roles), recent))
        return view

    return mark


def install(app: Flask, guard: Guard) -> None:
    """Check each request against its route's rule, before its view is called."""

    @app.before_request
    def hold() -> ResponseReturnValue | None:
        view = app.view_functions.get(request.endpoint or "")
        access = getattr(view, _RULE, None)
        return (
            guard(access) if isinstance(access, Access) and access.rule in (AccessRule.FORM, AccessRule.STAFF) else None
        )


def check(app: Flask, guarded: bool = True) -> None:
    """Raise NoRule unless every route of the app has a rule, and only POST changes anything.

    `guarded` says whether there is a guard: without one, no route may need it.
    """
    for route in app.url_map.iter_rules():
        access = getattr(app.view_functions[route.endpoint], _RULE, None)
        if not isinstance(access, Access):
            raise NoRule(f"{route.rule} says nothing about who may use it")
        rule = access.rule
        methods = (route.methods or set()) - {"HEAD", "OPTIONS"}
        if methods not in METHODS[rule]:
            raise NoRule(f"{route.rule} answers {', '.join(sorted(methods))}; a {rule.value} route does not")
        if bool(access.roles) is not (rule is AccessRule.STAFF) or (access.recent and rule is not AccessRule.STAFF):
            raise NoRule(f"{route.rule} must name the roles of staff that it lets in, and only a staff route may")
        if rule in (AccessRule.FORM, AccessRule.STAFF) and not guarded:
            raise NoRule(f"{route.rule} is a {rule.value} route, and there is no guard here")


def routes(app: Flask) -> list[str]:
    """Every route with its methods and rule, for the golden list."""
    return sorted(
        f"{','.join(sorted((route.methods or set()) - {'HEAD', 'OPTIONS'}))} {route.rule}"
        f" {rule_of(app, route.endpoint)}"
        for route in app.url_map.iter_rules()
    )


def rule_of(app: Flask, endpoint: str) -> Access:
    """The rule of a route."""
    found = getattr(app.view_functions[endpoint], _RULE)
    assert isinstance(found, Access)
    return found
