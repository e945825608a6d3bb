"""The surroundings that the views use. Views make none of them themselves."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast

from flask import Flask, current_app
from sqlalchemy import Engine

from ballot.config import Config
from ballot.office.board.record_so_far import RecordsSoFar
from ballot.office.desk import Clock
from ballot.office.staff.sessions import Door
from ballot.record.keys import SigningKey

_NAME = "ballot"


@dataclass(frozen=True, slots=True)
class AppSurroundings:
    """The settings, the tables, the time, and the board's key, which signs receipts and checkpoints."""

    config: Config
    engine: Engine
    clock: Clock
    board: SigningKey
    door: Door | None = None
    """Signs the office's people in; None if there is no office."""
    records: RecordsSoFar = field(default_factory=RecordsSoFar)


def place(app: Flask, surroundings: AppSurroundings) -> None:
    """Attach the surroundings to an app."""
    app.extensions[_NAME] = surroundings


def surroundings() -> AppSurroundings:
    """The surroundings of the app that serves this request."""
    return cast(AppSurroundings, current_app.extensions[_NAME])
