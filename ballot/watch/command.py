"""The watcher's command: `ballot-monitor URL --keep FOLDER`, `python3 scripts/monitor_board.py URL --keep FOLDER`.

Exit status 0: everything was read and is in order. 1: an alarm. 2: something could not be read, or an argument cannot
be used. Without --once it looks again at unpredictable times until it is stopped; the exit status is then the same.
"""

from __future__ import annotations

import argparse
import os
import secrets
import signal
import smtplib
import ssl
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

from ballot.protocol.errors import InvalidMessage
from ballot.record.times import time_text
from ballot.strict.printable import printable_lines
from ballot.watch.addresses import read_json
from ballot.watch.alarms import Sighting, Trouble
from ballot.watch.fetching import BoardSite, NotFetched
from ballot.watch.keeping import WatchFolder, read_seen
from ballot.watch.look import Look, WatchOptions
from ballot.watch.mailing import InvalidMailing, Mailing, compose, read_mailing, send
from ballot.watch.pages import read_expected
from ballot.watch.pauses import next_pause

IN_ORDER, ALARMED, NOT_LOOKED = 0, 1, 2
PATIENCE = 3
"""Looks in a row with the same trouble before it is mailed: a short failure is not, a board that hides is."""
MAX_LIST = 2**20
MOST_PROGRAMMES = 50


def make_parser(prog: str) -> argparse.ArgumentParser:
    """The arguments of the command."""
    parser = argparse.ArgumentParser(prog=prog, description="Watch a public board, trusting nothing that it says.")
    parser.add_argument("url", metavar="URL", help="the board, such as https://vote.example.org")
    parser.add_argument("--keep", metavar="FOLDER", type=Path, required=True, help="the watcher's copy; keep it safe")
    parser.add_argument("--programme", metavar="ID", action="append", help="watch only this one (repeatable)")
    parser.add_argument("--trust", metavar="FILE", type=Path, help="fingerprints that you trust, one a line")
    parser.add_argument("--assets", metavar="FILE", type=Path, help="hashes of the page's files: sha256sum, or a wheel")
    parser.add_argument(
        "--compare", metavar="FILE", type=Path, action="append", default=[], help="another watcher's seen.jsonl"
    )
    parser.add_argument("--once", action="store_true", help="look once, then end")
    parser.add_argument("--every", metavar="SECONDS", type=_positive, default=600.0, help="on average (default 600)")
    parser.add_argument(
        "--mail", metavar="FILE", type=Path, help="a TOML file with a table [mail]: server and recipients"
    )
    parser.add_argument("--ca", metavar="FILE", type=Path, help="certificates to trust instead of the system's")
    parser.add_argument(
        "--jobs", metavar="N", type=int, default=1, choices=range(1, 65), help="processes that check proofs"
    )
    parser.add_argument("--largest", metavar="BYTES", type=int, default=2**30, help="refuse a larger download")
    parser.add_argument("--seconds", metavar="N", type=_positive, default=60.0, help="time limit of one small answer")
    return parser


def _positive(written: str) -> float:
    value = float(written)
    if not 0 < value < 1e7:
        raise ValueError
    return value


def main(argv: list[str] | None = None, prog: str = "ballot-monitor") -> int:
    """Watch, print what is found, and mail it if asked to; returns the exit status."""
    given = make_parser(prog).parse_args(argv)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        context = ssl.create_default_context(cafile=given.ca)
        site = BoardSite(given.url.rstrip("/"), given.seconds, context)
        expected = None if given.assets is None else read_expected(given.assets)
        others = tuple((str(path), read_seen(path)) for path in given.compare)
        mailing = None if given.mail is None else read_mailing(given.mail, os.environ)
        given.keep.mkdir(parents=True, exist_ok=True)
    except (ValueError, OSError, InvalidMessage, InvalidMailing) as fault:
        print(f"{prog}: {fault}", file=sys.stderr)
        return NOT_LOOKED
    watch = WatchOptions(site, secrets.randbelow, given.trust, expected, others, given.largest, given.jobs)
    return _watch(watch, given, mailing, stop)


def _watch(watch: WatchOptions, given: argparse.Namespace, mailing: Mailing | None, stop: threading.Event) -> int:
    notifier, status = Notifier(watch.site.base, mailing), IN_ORDER
    alarmed = False
    while not stop.is_set():
        now = datetime.now(UTC)
        sightings = look_at_programmes(watch, given.keep, given.programme, now)
        for programme, found in sightings.items():
            notifier.notify(programme, now, found)
        everything = [sighting for found in sightings.values() for sighting in found]
        alarmed = alarmed or any(sighting.is_alarm for sighting in everything)
        status = ALARMED if alarmed else NOT_LOOKED if everything else IN_ORDER
        if given.once:
            break
        stop.wait(next_pause(given.every, secrets.randbelow))
    return status


def look_at_programmes(
    watch: WatchOptions, keep: Path, chosen: list[str] | None, now: datetime
) -> dict[str, list[Sighting]]:
    """One look at the chosen programmes, by default at all that the board lists or has listed before."""
    known = sorted(path.parent.name for path in keep.glob("*/terms.json"))
    try:
        names = chosen or [*known, *(name for name in _listed(watch.site) if name not in known)]
    except NotFetched as fault:
        return {"-": [Sighting(fault.trouble, fault.detail)]}
    except (ValueError, KeyError, TypeError):
        return {"-": [Sighting(Trouble.UNREADABLE, "/api/programmes is not a list of programmes")]}
    found: dict[str, list[Sighting]] = {}
    for name in names[:MOST_PROGRAMMES]:
        try:
            found[name] = Look(watch, WatchFolder.of(keep, name), name, now).run()
        except (OSError, ValueError, InvalidMessage) as fault:  # the watcher's own folder is damaged or full
            found[name] = [Sighting(Trouble.UNREADABLE, f"the watcher's folder: {fault}")]
    return found


def _listed(site: BoardSite) -> list[str]:
    """The sealed programmes, as the board lists them."""
    listed = read_json(site.get("/api/programmes", MAX_LIST))
    return [str(one["programme"]) for one in listed if one["fingerprint"] is not None]


class Notifier:
    """Prints every sighting, and mails new ones: alarms at once, troubles when they last."""

    def __init__(self, base: str, mailing: Mailing | None) -> None:
        self._base, self._mailing = base, mailing
        self._mailed: set[tuple[str, str]] = set()
        self._lasting: dict[tuple[str, str], int] = {}

    def notify(self, programme: str, now: datetime, sightings: list[Sighting]) -> None:
        """Print the sightings and mail the new ones. A mail that fails is reported and tried again."""
        at = time_text(now)
        what = f"{len(sightings)} found" if sightings else "all in order"
        print(f"{at} {printable_lines(programme[:100])}: {what}", flush=True)
        for sighting in sightings:
            print(f"  {sighting}", flush=True)
        new = self._new(programme, sightings)
        if self._mailing is None or not new:
            return
        try:
            send(compose(self._base, programme, at, new, self._mailing), self._mailing)
        except (OSError, smtplib.SMTPException) as fault:
            print(f"  the e-mail could not be sent: {type(fault).__name__}", file=sys.stderr, flush=True)
        else:
            self._mailed |= {(programme, str(sighting)) for sighting in new}

    def _new(self, programme: str, sightings: list[Sighting]) -> list[Sighting]:
        lasting = {(programme, str(f)): self._lasting.get((programme, str(f)), 0) + 1 for f in sightings}
        self._lasting = {key: n for key, n in self._lasting.items() if key[0] != programme} | lasting
        return [
            sighting
            for sighting in sightings
            if (programme, str(sighting)) not in self._mailed
            and (sighting.is_alarm or lasting[programme, str(sighting)] >= PATIENCE)
        ]


if __name__ == "__main__":
    sys.exit(main())
