"""What this room refuses: one clear sentence each, naming the file, never what is in it."""

from __future__ import annotations


class KeyRefused(Exception):
    """A key, or a file that keeps one, cannot be made, read or opened; the sentence says why."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
