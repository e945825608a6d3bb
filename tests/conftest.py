"""For every test: no deadline on a property, because the machines are shared and a slow one is no fault of the code.

And templates are compiled once in a process.
"""

from __future__ import annotations

from hypothesis import settings

from tests import templates_once

settings.register_profile("shared-machines", deadline=None)
settings.load_profile("shared-machines")

templates_once.install()
