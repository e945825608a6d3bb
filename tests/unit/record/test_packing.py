"""Packed data unpacks unchanged, however repetitive it is."""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path

from ballot.audit.source import open_source, read_file
from ballot.record.packing import MAX_RATIO, is_too_tight, members_below, write_zip

TIGHT = b"the head of an archive, named again\n" * 200_000
LOOSE = bytes(range(256)) * 16


def packed_below(folder: Path, target: Path) -> Path:
    with target.open("wb") as out:
        write_zip(out, members_below(folder))
    return target


def test_the_reader_takes_no_file_that_we_packed_for_a_bomb(tmp_path: Path) -> None:
    folder = tmp_path / "record"
    folder.mkdir()
    (folder / "manifest.json").write_bytes(LOOSE)
    (folder / "events.jsonl").write_bytes(TIGHT)

    with open_source(packed_below(folder, tmp_path / "record.zip")) as source:
        assert source.faults == []
        assert read_file(source, "events.jsonl") == TIGHT
        assert read_file(source, "manifest.json") == LOOSE


def test_only_what_cannot_be_packed_within_the_limit_is_stored_as_it_is(tmp_path: Path) -> None:
    target = BytesIO()
    write_zip(target, [("tight", lambda: BytesIO(TIGHT)), ("loose", lambda: BytesIO(LOOSE))])
    with zipfile.ZipFile(target) as archive:
        tight, loose = archive.getinfo("tight"), archive.getinfo("loose")
    assert (tight.compress_type, loose.compress_type) == (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
    assert loose.compress_size < loose.file_size == len(LOOSE)


def test_the_same_files_are_the_same_bytes(tmp_path: Path) -> None:
    folder = tmp_path / "record"
    folder.mkdir()
    (folder / "events.jsonl").write_bytes(TIGHT)
    one, two = (packed_below(folder, tmp_path / name).read_bytes() for name in ("1.zip", "2.zip"))
    assert one == two


def test_the_limit_is_a_ratio_and_a_little() -> None:
    assert not is_too_tight(MAX_RATIO * 1000 + 2**16, 1000)
    assert is_too_tight(MAX_RATIO * 1000 + 2**16 + 1, 1000)
