#!/usr/bin/env python3
"""Bring the NHS design system's style sheet, script and icons into ballot/web/static/vendor: for maintainers.

    python3 scripts/vendor_nhsuk.py [VERSION] [TARBALL]

The files are those of the npm package `nhsuk-frontend`, with what no page of ours may do taken out, always in the same
way, so that whoever has the package can make them again and compare:
(1) the @font-face blocks, which load fonts from another site; the fall-back, Arial, is what remains,
(2) addresses of images from /assets/images/ to images/, beside the style sheet,
(3) the last line of each, which names a source map that is not here.
The package holds no licence text, so that of its repository is added. Its favicons are the NHS logo and stay away.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from scripts import vendor

NAME, VERSION, FOLDER = "nhsuk-frontend", "10.6.1", "nhsuk-frontend"
STYLE, SCRIPT, LICENCE = "nhsuk-frontend.min.css", "nhsuk-frontend.min.js", "LICENCE.txt"
ICONS = ("arrow-down", "arrow-up", "arrow-up-down", "cross")
"""The images that the style sheet names; `style_of` raises if it names others."""

_FONT = re.compile(rb"@font-face\{[^}]*\}")
_ADDRESS = re.compile(rb"url\(([^)]*)\)")
_SOURCE_MAP = re.compile(rb"\s*(/\*# sourceMappingURL=[^*]*\*/|//# sourceMappingURL=\S*)\s*$")

MIT = """MIT License

Copyright (c) 2019 NHS.UK

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.
"""


def main(arguments: list[str] | None = None) -> int:
    """Copy, change, list; 0 if the folder then matches the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("version", nargs="?", default=VERSION)
    parser.add_argument("tarball", nargs="?", type=Path)
    options = parser.parse_args(arguments)
    files = [f"dist/nhsuk/{name}={name}" for name in (STYLE, SCRIPT)]
    files += [f"dist/nhsuk/assets/{image}={image}" for image in map(image_of, ICONS)]
    vendor.vendor(vendor.VENDOR, NAME, options.version, options.tarball, files, "MIT", FOLDER)
    rewrite(vendor.VENDOR, STYLE, style_of, "without fonts from another site and source map; images beside it")
    rewrite(vendor.VENDOR, SCRIPT, script_of, "without the source map's name")
    rewrite(vendor.VENDOR, LICENCE, lambda _: MIT.encode(), "the package has none; this is its repository's")
    faults = vendor.check(vendor.VENDOR)
    print("\n".join(faults) or f"{NAME}: every file is listed and as it was")
    return 1 if faults else 0


def rewrite(root: Path, name: str, change: Callable[[bytes], bytes], why: str) -> None:
    """Change one file and list it with the reason."""
    path = root / FOLDER / name
    path.write_bytes(change(path.read_bytes() if path.exists() else b""))
    vendor.accept(root, NAME, f"{FOLDER}/{name}", why)


def style_of(css: bytes) -> bytes:
    """The style sheet as kept here. Raises: Differs, if it names a file that is missing here."""
    here = _FONT.sub(b"", css).replace(b"url(/assets/images/", b"url(images/")
    known = {image_of(icon).encode() for icon in ICONS}
    if others := set(_ADDRESS.findall(here)) - known:
        raise vendor.Differs(f"the style sheet names {b', '.join(sorted(others)).decode()}")
    return _SOURCE_MAP.sub(b"\n", here)


def script_of(script: bytes) -> bytes:
    """The script as kept here."""
    return _SOURCE_MAP.sub(b"\n", script)


def image_of(icon: str) -> str:
    """The path of an icon beside the style sheet."""
    return f"images/nhsuk-icon-{icon}.svg"


if __name__ == "__main__":
    sys.exit(main())
