"""The reference data beside the checkout, `../shared`, which a newcomer does not have.

Tests that read them also run on made-up equivalents of the same shapes, which our own code writes: `SOURCES` is both.
What is marked `shared` is left out where the folder is absent, and nothing is skipped.
"""

from __future__ import annotations

from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2].parent / "shared"
MADE_UP, REFERENCE = "made up", "reference"
SOURCES = (MADE_UP, pytest.param(REFERENCE, marks=pytest.mark.shared))
