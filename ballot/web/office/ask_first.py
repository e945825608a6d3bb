"""One page before anything is thrown away: what will be lost, and a button that does it."""

from __future__ import annotations

from collections.abc import Sequence

from flask import render_template


def ask_first(heading: str, lost: Sequence[str], button: str, back: str, **about: object) -> str:
    """The page that a GET shows; its form sends a POST to the same address. `back` is where nothing happens."""
    return render_template("office/ask_first.html", heading=heading, lost=lost, button=button, back=back, **about)
