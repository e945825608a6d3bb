"""Put the templates into the wheel, beside the code; everything else is in pyproject.toml."""

from __future__ import annotations

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

TEMPLATES = Path(__file__).parent / "templates"


class BuildWithTemplates(build_py):
    """In a checkout the templates mirror `ballot/web` at the top; installed, they are `ballot/templates`."""

    def run(self) -> None:
        super().run()
        if not self.editable_mode:
            shutil.copytree(TEMPLATES, Path(self.build_lib) / "ballot" / "templates", dirs_exist_ok=True)


setup(cmdclass={"build_py": BuildWithTemplates})
