"""Who may use a route. Every route says so, or the app does not start."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Any, TypeVar

from flask import Flask

View = TypeVar("View", bound=Callable[..., Any])
_RULE = "ballot_access"


class Rule(Enum):
    """`PUBLIC`: anyone. `TOKEN`: whoever holds a practice's token, which the office checks under its lock.

    `CALLBACK`: the mail channel, by the token in the settings, compared in constant time.
    """

    PUBLIC = "public"
    TOKEN = "token"  # noqa: S105  (a word, not a secret)
    CALLBACK = "callback"


class NoRule(Exception):
    """A route does not say who may use it."""


def allow(rule: Rule) -> Callable[[View], View]:
    """Mark a view with its rule."""

    def mark(view: View) -> View:
        setattr(view, _RULE, rule)
        return view

    return mark


def check(app: Flask) -> None:
    """Raise NoRule unless every route of the app has a rule, and none but POST changes anything."""
    for route in app.url_map.iter_rules():
        rule = getattr(app.view_functions[route.endpoint], _RULE, None)
        if not isinstance(rule, Rule):
            raise NoRule(f"{route.rule} says nothing about who may use it")
        methods = (route.methods or set()) - {"HEAD", "OPTIONS"}
        expected = {"POST"} if rule in (Rule.TOKEN, Rule.CALLBACK) else {"GET"}
        if methods != expected:
            raise NoRule(f"{route.rule} answers {', '.join(sorted(methods))}; a {rule.value} route answers {expected}")


def routes(app: Flask) -> list[str]:
    """Every route with its methods and rule, for the golden list."""
    return sorted(
        f"{','.join(sorted((route.methods or set()) - {'HEAD', 'OPTIONS'}))} {route.rule}"
        f" {getattr(app.view_functions[route.endpoint], _RULE).value}"
        for route in app.url_map.iter_rules()
    )
