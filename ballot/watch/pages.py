"""Compare the scripts, styles and pictures of the board's pages with lists of hashes; pages may run nothing else.

The board signs its own list. A change of the list is an alarm, and so is a served file that differs from it. The first
look needs a list from elsewhere (a release, another watcher, a checkout): a board that lies about its scripts can sign
the lie.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator, Mapping
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from ballot.protocol.errors import InvalidMessage
from ballot.protocol.hashing import Hash, sha256_hex
from ballot.record.assets import SERVED, AssetManifest, check_assets_signature, parse_assets, parse_listed
from ballot.record.keys import PublicKey
from ballot.watch.alarms import Alarm, Sighting
from ballot.watch.fetching import BoardSite, NotFetched
from ballot.watch.keeping import WatchFolder
from ballot.watch.pauses import in_any_order

MAX_PAGE = 2**22
MAX_ASSET = 2**23
MOST_ASSETS = 1000
MAX_WHEEL = 2**26
_STATIC = "ballot/web/static/"


def read_expected(path: Path) -> dict[str, Hash]:
    """A list from elsewhere: the output of `sha256sum`, or a wheel. Raises OSError or InvalidMessage."""
    if not zipfile.is_zipfile(path):
        return parse_listed(path.read_bytes())
    found: dict[str, Hash] = {}
    with zipfile.ZipFile(path) as wheel:
        for entry in wheel.infolist():
            name = entry.filename.removeprefix(_STATIC)
            if name != entry.filename and Path(name).suffix in SERVED and entry.file_size <= MAX_WHEEL:
                found[name] = sha256_hex(wheel.read(entry))
    return found


def check_pages(
    site: BoardSite,
    api: str,
    board: PublicKey,
    kept: WatchFolder,
    expected: Mapping[str, Hash] | None,
    rng: Callable[[int], int],
) -> Iterator[Sighting]:
    """Check the list, its signature, everything on it, and what the pages run, in an unpredictable order."""
    try:
        data = site.get(f"{api}/assets.json", MAX_PAGE)
        manifest = parse_assets(data)
        check_assets_signature(manifest, board)
    except NotFetched as fault:
        yield Sighting(fault.trouble, fault.detail)
        return
    except InvalidMessage as fault:
        yield Sighting(Alarm.SIGNATURE, f"assets.json: {fault}")
        return
    yield from _compare_with_kept(manifest, data, kept, expected)
    if expected is not None:
        yield from _compare_with_expected(manifest, expected)
    asked = [(f"/static/{manifest.release}/{name}", hash) for name, hash in list(manifest.files.items())[:MOST_ASSETS]]
    pages = [
        *manifest.pages,
        f"/board/{manifest.programme}",
        f"/board/{manifest.programme}/checkpoints",
        "/how-to-check",
    ]
    for address, hash in in_any_order([*asked, *((page, manifest.pages.get(page)) for page in pages)], rng):
        try:
            yield from _check(site, address, hash, manifest)
        except NotFetched as fault:
            yield Sighting(fault.trouble, fault.detail)


def _check(site: BoardSite, address: str, hash: Hash | None, manifest: AssetManifest) -> Iterator[Sighting]:
    is_page = not address.startswith("/static/")
    body = site.get(address, MAX_PAGE if is_page else MAX_ASSET)
    if hash is not None and (found := sha256_hex(body)) != hash:
        kind = Alarm.CHANGED_PAGE if is_page else Alarm.CHANGED_SCRIPT
        yield Sighting(kind, f"{address}: the board signed for {hash}, and serves {found}")
    if is_page:
        for wrong in foreign_parts(body.decode("utf-8", "replace"), site.base, manifest):
            yield Sighting(Alarm.FOREIGN_SCRIPT, f"{address}: {wrong}")


def _compare_with_kept(
    manifest: AssetManifest, data: bytes, kept: WatchFolder, expected: Mapping[str, Hash] | None
) -> Iterator[Sighting]:
    """A changed list is an alarm, unless it equals the list from elsewhere."""
    path = kept.folder / "assets.json"
    if not path.exists():
        kept.write("assets.json", data)
        return
    before = parse_assets(path.read_bytes())
    if expected is None or not _is_listed(manifest, expected):
        yield from _changes(before.files, manifest.files, Alarm.CHANGED_SCRIPT, "when it was first seen")
    yield from _changes(before.pages, manifest.pages, Alarm.CHANGED_PAGE, "when it was first seen")


def _is_listed(manifest: AssetManifest, expected: Mapping[str, Hash]) -> bool:
    return not list(_compare_with_expected(manifest, expected))


def _compare_with_expected(manifest: AssetManifest, expected: Mapping[str, Hash]) -> Iterator[Sighting]:
    wanted = {name: hash for name, hash in expected.items() if Path(name).suffix in SERVED}
    yield from _changes(wanted, manifest.files, Alarm.CHANGED_SCRIPT, "in the list given")


def _changes(before: Mapping[str, Hash], now: Mapping[str, Hash], kind: Alarm, where: str) -> Iterator[Sighting]:
    for name in sorted({*before, *now}):
        if before.get(name) != now.get(name):
            yield Sighting(kind, f"{name[:200]}: {before.get(name, 'absent')} {where}, {now.get(name, 'absent')} now")


def foreign_parts(html: str, base: str, manifest: AssetManifest) -> list[str]:
    """What a page would run or load that is not on the list, or send elsewhere."""
    reader = _Page(base, manifest)
    reader.feed(html)
    reader.close()
    return reader.wrong


class _Page(HTMLParser):
    """Reads every tag, and reports each that is not known to be harmless."""

    FORBIDDEN = frozenset({"iframe", "frame", "object", "embed", "applet", "base", "portal", "style"})
    LOADS = frozenset({"src", "href", "action", "formaction", "data", "poster", "srcset", "xlink:href", "ping"})

    def __init__(self, base: str, manifest: AssetManifest) -> None:
        super().__init__(convert_charrefs=True)
        self.wrong: list[str] = []
        self._origin = urlsplit(base)[:2]
        self._base, self._listed = base, {f"/static/{manifest.release}/{name}" for name in manifest.files}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in self.FORBIDDEN:
            self._report(f"<{tag}> does not belong on a page")
        if tag == "script" and "src" not in given:
            self._report("a script is in the page itself")
        if tag == "meta" and given.get("http-equiv", "").strip().lower() == "refresh":
            self._report("the page sends its reader elsewhere")
        for name, value in given.items():
            if name.startswith("on") or name == "style":
                self._report(f"<{tag}> has {name}, which is an inline script or style")
            elif name in self.LOADS:
                self._load(tag, name, value)

    def _load(self, tag: str, name: str, value: str) -> None:
        parts = urlsplit(urljoin(self._base + "/", value.strip()))
        if parts.scheme not in ("http", "https", "mailto", "tel"):
            self._report(f"<{tag}> points to {value[:100]}")
        elif tag in ("script", "link", "img", "use", "source", "image"):
            if parts[:2] != self._origin or parts.path not in self._listed:
                self._report(f"<{tag}> loads {value[:200]}, which is not on the list")
        elif tag != "a" and parts.scheme in ("http", "https") and parts[:2] != self._origin:
            self._report(f"<{tag}> sends to {value[:200]}")

    def _report(self, what: str) -> None:
        if len(self.wrong) < 20:
            self.wrong.append(what)
