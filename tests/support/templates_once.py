"""Templates compiled once in a test process: otherwise each of hundreds of apps compiles them all.

Jinja's compiled code is cached by the template's file, its text, and the environment's effect on it, so that an app
gets only what it would have compiled itself. The product has one app in a process and does not need this.
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
    """Code objects in memory; Jinja's own caches write files."""

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
    """Flask's environment with this cache."""

    memory = Memory()

    def __init__(self, app: Flask, **options: Any) -> None:
        super().__init__(app, **{"bytecode_cache": self.memory, **options})


def install() -> None:
    """Use the cache for every app that this process makes from now on."""
    Flask.jinja_environment = RememberingEnvironment
