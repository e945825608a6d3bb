"""Templates compiled once in a process of tests: hundreds of tests make an app, and each compiled them all anew.

What Jinja would have compiled is kept by the template's file, its text, and what the environment makes of it, so that
an app is given only what it would have come to by itself. The product has one app in a process, and no use for this.
"""

from __future__ import annotations

from types import CodeType
from typing import Any

from flask import Flask
from flask.templating import Environment
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket

Key = tuple[Any, ...]


class Memory(BytecodeCache):
    """Code objects in memory; Jinja's own ways to keep them write files."""

    def __init__(self) -> None:
        self._kept: dict[Key, CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._kept.get(_key(bucket))

    def dump_bytecode(self, bucket: Bucket) -> None:
        assert bucket.code is not None
        self._kept[_key(bucket)] = bucket.code


def _key(bucket: Bucket) -> Key:
    made = bucket.environment
    by = (made.autoescape, made.trim_blocks, made.lstrip_blocks, made.undefined, tuple(made.extensions))
    return (bucket.key, bucket.checksum, *by, frozenset(made.filters.items()))


class RememberingEnvironment(Environment):
    """Flask's own, with that memory."""

    memory = Memory()

    def __init__(self, app: Flask, **options: Any) -> None:
        super().__init__(app, **{"bytecode_cache": self.memory, **options})


def install() -> None:
    """From now on, for every app that is made in this process."""
    Flask.jinja_environment = RememberingEnvironment
