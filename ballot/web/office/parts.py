"""The blueprints of the office, in the order in which they are put together."""

from __future__ import annotations

from ballot.web.office.front import office
from ballot.web.office.sign_in import door

PARTS = (door, office)
