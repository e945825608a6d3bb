"""What pyproject.toml cannot say: an extension that may fail to build, and templates that an installed wheel needs.

Without a compiler, or with one that has no 128-bit integers, the installation goes on and PyNaCl does the arithmetic.
Built against CPython's stable ABI: one build serves Python 3.11 and every later one. A wheel's name says what is in it:
a platform where it holds the C, `py3-none-any` where it does not, be it that there was no source or no compiler.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_py import build_py

HERE = Path(__file__).parent
TEMPLATES = HERE / "templates"
NATIVE = Extension(
    "ballot.protocol._native",
    sources=["native/module.c"],
    depends=["native/field.h", "native/curve.h"],
    extra_compile_args=["-std=c11", "-O3"],
    py_limited_api=True,
    optional=True,
)


class BuildWithTemplates(build_py):
    """In a checkout the templates mirror `ballot/web` at the top; installed, they are `ballot/templates`."""

    def run(self) -> None:
        super().run()
        if not self.editable_mode:
            shutil.copytree(TEMPLATES, Path(self.build_lib) / "ballot" / "templates", dirs_exist_ok=True)


class NamedByContent(bdist_wheel):
    """The extension is tried first; where it was not built, this is a wheel for every machine, and is named so."""

    def run(self) -> None:
        if self.distribution.ext_modules:
            self.run_command("build_ext")
            built = [Path(path) for path in self.get_finalized_command("build_ext").get_outputs()]
            if not any(path.exists() for path in built):
                self.distribution.ext_modules = []
                self.root_is_pure, self.py_limited_api = True, False
                self.plat_name_supplied = False
        super().run()


setup(
    cmdclass={"build_py": BuildWithTemplates, "bdist_wheel": NamedByContent},
    ext_modules=[NATIVE] if (HERE / "native").is_dir() else [],
    options={"bdist_wheel": {"py_limited_api": "cp311"}} if (HERE / "native").is_dir() else {},
)
