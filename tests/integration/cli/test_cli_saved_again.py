"""Trustees' files saved again by other programs: accepted as they were, or refused plainly."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from ballot.protocol.hashing import sha256_hex
from tests.integration.cli.installation import Installation
from tests.integration.cli.test_cli_refusals import EARLY, refused
from tests.integration.office.world import CCGS


def as_editors_save(data: bytes) -> bytes:
    """With a mark in front, as Windows saves a file, and with blanks and empty lines behind."""
    return b"\xef\xbb\xbf" + data.removeprefix(b"\xef\xbb\xbf").strip() + b" \t\r\n\n"


class SavedAgain(Installation):
    """An installation whose trustees save every file again, between any two commands."""

    def do(self, *arguments: object) -> str:
        for file in self.trustees.glob("*"):
            file.write_bytes(as_editors_save(file.read_bytes()))
        return super().do(*arguments)


def test_a_ceremony_in_files_that_were_saved_again_ends_in_the_same_way(tmp_path: Path) -> None:
    here = SavedAgain(tmp_path).begin()
    assert isinstance(here, SavedAgain)
    check = next(out for out in here.printed if "certificates hold" in out)
    certificates = (here.trustees / "certs.json").read_bytes().removeprefix(b"\xef\xbb\xbf").strip()
    assert check.split()[-1] == sha256_hex(certificates), "what is read aloud is of the message, not of the file"

    here.do("office", "seal")
    here.do("office", "close", "--all", *EARLY)
    here.do("office", "publish")
    for ccg in CCGS:
        here.do("office", "server-share", ccg)
        for owner in (1, 2):
            out = here.trustees / f"share-{ccg}-{owner}.json"
            key, dkey = here.trustees / f"{owner}.key", here.trustees / f"dkey-{owner}.json"
            command = ("trustee", "decrypt", here.record, "--ccg", ccg, "--key", key, "--dkey", dkey, "--out", out)
            here.do(*command)
            here.do("office", "share", ccg, "--owner", owner + 1, out)
    here.do("office", "decide")


@pytest.mark.parametrize(
    ("saved", "told"),
    [
        (lambda data: data.decode().encode("utf-16"), "saved as UTF-16"),
        (lambda data: re.sub(rb"(.{76})", rb"\1\r\n", data), "broken into lines"),
    ],
    ids=["UTF-16", "broken into lines"],
)
@pytest.mark.parametrize("name", ["cert-1.json", "parameters.json", "practice-1.json"])
def test_a_file_that_cannot_be_mended_is_named_with_what_to_do(
    issued: Installation, name: str, saved: Callable[[bytes], bytes], told: str
) -> None:
    there = issued.trustees
    file = there / name
    file.write_bytes(saved(file.read_bytes()))
    commands = {
        "cert-1.json": ("ceremony", "check", file, there / "cert-2.json", "--out", there / "new.json"),
        "parameters.json": ("trustee", "practice", file, "--key", there / "1.key", "--dkey", there / "dkey-1.json",
                            "--out", there / "new.json"),
        "practice-1.json": ("office", "practice", file),
    }  # fmt: skip

    sentence = refused(issued, *commands[name])
    assert told in sentence
    assert name in sentence
    assert "again" in sentence
