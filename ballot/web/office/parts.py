"""The blueprints of the office, in the order in which they are put together."""

from __future__ import annotations

from ballot.web.office.front import office
from ballot.web.office.running import running
from ballot.web.office.setting_up.files import files
from ballot.web.office.setting_up.pages import setting_up
from ballot.web.office.sign_in import door

PARTS = (door, office, setting_up, files, running)
