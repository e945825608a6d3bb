"""Where the templates are: beside the package in a checkout, inside it where a wheel was installed (setup.py)."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
TEMPLATES = next(
    (folder for folder in (_PACKAGE / "templates", _PACKAGE.parent / "templates") if folder.is_dir()),
    _PACKAGE / "templates",
)
