"""The NHS design system as vendored: nothing from another site, nothing that is not here, no NHS logo."""

from __future__ import annotations

import re

import pytest

from ballot.web.assets import STATIC
from scripts.vendor import Differs
from scripts.vendor_nhsuk import FOLDER, SCRIPT, STYLE, script_of, style_of

HERE = STATIC / "vendor" / FOLDER


def test_the_style_sheet_and_script_load_nothing_from_another_site() -> None:
    style, script = (HERE / STYLE).read_text(), (HERE / SCRIPT).read_text()

    assert "@font-face" not in style
    assert "//" not in re.sub(r"/\*.*?\*/", "", style)
    assert "sourceMappingURL" not in style + script
    for address in re.findall(r"url\(([^)]*)\)", style):
        assert (HERE / address).is_file(), address


def test_changing_what_is_changed_already_leaves_no_difference() -> None:
    assert style_of((HERE / STYLE).read_bytes()) == (HERE / STYLE).read_bytes()
    assert script_of((HERE / SCRIPT).read_bytes()) == (HERE / SCRIPT).read_bytes()


def test_what_the_style_sheet_would_load_from_elsewhere_is_taken_out_or_refused() -> None:
    font = b"a{b:c}@font-face{font-family:X;src:url(https://fonts.example/x.woff2)}"
    icon = b"d{e:url(/assets/images/nhsuk-icon-cross.svg)}\n/*# sourceMappingURL=x.css.map */\n"
    assert style_of(font + icon) == b"a{b:c}d{e:url(images/nhsuk-icon-cross.svg)}\n"

    for other in (b"https://x.example/y.png", b"/assets/images/other.svg", b"data:image/png;base64,x"):
        with pytest.raises(Differs, match="names"):
            style_of(b"a{b:url(" + other + b")}")


def test_no_file_here_is_the_logo() -> None:
    assert [path.name for path in HERE.rglob("*") if "favicon" in path.name or "logo" in path.name] == []
