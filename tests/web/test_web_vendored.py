"""Third-party files in the pages: each is listed with its hash, and a changed one is found."""

from __future__ import annotations

import base64
import hashlib
import io
import shutil
import tarfile
from pathlib import Path

import pytest

from ballot.pdf.characters import BOLD, MONO, REGULAR
from ballot.web.assets import STATIC
from scripts import vendor

NOBLE = "noble-ed25519/index.js"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the folder, to spoil."""
    return Path(shutil.copytree(STATIC / "vendor", tmp_path / "vendor"))


def test_every_vendored_file_is_listed_and_as_it_was() -> None:
    assert NOBLE in {path.relative_to(STATIC / "vendor").as_posix() for path in (STATIC / "vendor").rglob("*.js")}
    assert vendor.check(STATIC / "vendor") == []


def test_the_font_of_the_papers_is_listed_with_its_licence_and_as_it_was() -> None:
    assert {path.name for path in vendor.FONTS.rglob("*.ttf")} == {path.name for path in (REGULAR, BOLD, MONO)}
    assert vendor.check(vendor.FONTS) == []


def test_a_changed_font_is_found(tmp_path: Path) -> None:
    fonts = Path(shutil.copytree(vendor.FONTS, tmp_path / "fonts"))
    font = fonts / "dejavu-fonts-ttf" / BOLD.name
    font.write_bytes(font.read_bytes() + b"\0")

    assert [fault.split(":")[0] for fault in vendor.check(fonts)] == [f"dejavu-fonts-ttf/{BOLD.name}"]


def test_a_changed_file_is_found(folder: Path) -> None:
    with (folder / NOBLE).open("a") as file:
        file.write("\n")

    assert [fault.split(":")[0] for fault in vendor.check(folder)] == [NOBLE]


def test_a_file_too_many_or_too_few_is_found(folder: Path) -> None:
    (folder / "noble-ed25519" / "more.js").write_text("")
    (folder / NOBLE).unlink()

    assert vendor.check(folder) == [
        "noble-ed25519/more.js is in the folder but not in VENDORED.toml",
        f"{NOBLE} is in VENDORED.toml but not in the folder",
    ]


def test_what_was_changed_for_a_reason_is_listed_with_it(folder: Path) -> None:
    (folder / NOBLE).write_text("// changed")
    vendor.accept(folder, "@noble/ed25519", NOBLE, "to see that it is found")

    assert vendor.check(folder) == []
    assert 'changed = "to see that it is found"' in (folder / vendor.TABLE).read_text()


def test_writing_the_table_again_leaves_no_difference(folder: Path) -> None:
    before = (folder / vendor.TABLE).read_bytes()
    vendor.write_table(folder, vendor.read_table(folder))

    assert (folder / vendor.TABLE).read_bytes() == before


def test_a_package_is_copied_only_if_its_hash_is_the_published_one(tmp_path: Path) -> None:
    tarball = tmp_path / "small-1.0.0.tgz"
    with tarfile.open(tarball, "w:gz") as archive:
        for name in ("package/dist/a.js", "package/LICENSE"):
            member = tarfile.TarInfo(name)
            member.size = 4
            archive.addfile(member, io.BytesIO(b"text"))
    here = tmp_path / "vendor"

    with pytest.raises(vendor.Differs, match="expected sha512-other"):
        vendor.vendor(here, "@some/small", "1.0.0", tarball, ["LICENSE"], "MIT", published=lambda *_: "sha512-other")
    assert not here.exists()

    right = "sha512-" + base64.b64encode(hashlib.sha512(tarball.read_bytes()).digest()).decode()
    files = ["dist/a.js=a.js", "LICENSE"]
    vendor.vendor(here, "@some/small", "1.0.0", tarball, files, "MIT", published=lambda *_: right)
    assert vendor.check(here) == []
    assert (here / "some-small" / "a.js").read_bytes() == b"text"


@pytest.mark.parametrize("file", ["a.js=../a.js", "a.js=/etc/a.js"])
def test_no_file_is_put_outside_the_folder(file: str) -> None:
    with pytest.raises(vendor.Differs):
        vendor.pair(file)
