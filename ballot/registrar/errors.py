"""The errors of this room. Each message is one clear sentence that names the file, never what it contains."""

from __future__ import annotations


class KeyRefused(Exception):
    """A key, or a file that contains one, cannot be made, read or opened. The message says why."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
