"""What pyproject.toml cannot say: an extension that may fail to build, and templates that an installed wheel needs.

Without a compiler, or with one that has no 128-bit integers, the installation goes on and PyNaCl does the arithmetic.
Built against CPython's stable ABI: one build serves Python 3.11 and every later one.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_py import build_py

TEMPLATES = Path(__file__).parent / "templates"


class BuildWithTemplates(build_py):
    """In a checkout the templates mirror `ballot/web` at the top; installed, they are `ballot/templates`."""

    def run(self) -> None:
        super().run()
        if not self.editable_mode:
            shutil.copytree(TEMPLATES, Path(self.build_lib) / "ballot" / "templates", dirs_exist_ok=True)


setup(
    cmdclass={"build_py": BuildWithTemplates},
    ext_modules=[
        Extension(
            "ballot.protocol._native",
            sources=["native/module.c"],
            depends=["native/field.h", "native/curve.h"],
            extra_compile_args=["-std=c11", "-O3"],
            py_limited_api=True,
            optional=True,
        )
    ],
    options={"bdist_wheel": {"py_limited_api": "cp311"}},
)
