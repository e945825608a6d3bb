"""The one thing that pyproject.toml cannot say yet: an extension that may fail to build, and then is not there.

Without a compiler, or with one that has no 128-bit integers, the installation goes on and PyNaCl does the arithmetic.
Built against CPython's stable ABI: one build serves Python 3.11 and every later one.
"""

from setuptools import Extension, setup

setup(
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
