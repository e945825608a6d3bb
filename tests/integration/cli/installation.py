"""One installation on SQLite, and every person's hands on the command line."""

from __future__ import annotations

import contextlib
import csv
import http.client
import io
import json
import os
import re
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from ballot.cli.main import main
from ballot.protocol.ballots import create_ballot
from ballot.protocol.credentials import PrivateCredential, derive_private_key
from ballot.protocol.elections import parse_election
from ballot.roll.simple import write_roll
from scripts.demonstration.voter import SAID, authority_header
from tests.integration.office.world import CCGS, make_roll, write_folder
from tests.support.simulator import FOR, G

ID = "merger"
ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Ran:
    """What a command answered."""

    status: int
    out: str
    err: str


@dataclass(frozen=True)
class Link:
    """A voting link, taken apart as the booth's page does."""

    url: str
    place: str
    token: str
    credential: str

    @classmethod
    def of(cls, url: str) -> Link:
        parts = urlsplit(url)
        token, _, credential = parts.fragment.rpartition(".")
        return cls(url, parts.path.removeprefix("/vote/"), token, credential)


@dataclass
class Installation:
    """A folder with everything in it, and the commands run so far: nothing they print may be a secret."""

    folder: Path
    printed: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        settings = {
            "database": f"sqlite:///{self.folder / 'instance' / 'ballot.db'}",
            "instance": str(self.folder / "instance"),
            "board": "vote.example.org",
            "programmes": str(self.folder / "config"),
            "keys": str(self.folder / "keys"),
        }
        self.config = self.folder / "ballot.toml"
        self.config.write_text("".join(f"{name} = {json.dumps(value)}\n" for name, value in settings.items()))
        self.passphrase.touch(0o600)
        self.passphrase.write_text("a passphrase of a trustee\n")

    def run(self, *arguments: object) -> Ran:
        """A command as typed; commands of the installation are given its settings."""
        argv = [str(argument) for argument in arguments]
        if argv[0] in (
            "office",
            "registrar",
            "db",
            "keys",
            "serve",
            "mail",
            "worker",
            "activity",
            "staff",
            "retention",
        ) or argv[:2] == ["scrutineer", "figures"]:
            place = 1 if argv[0] in ("serve", "worker") else 2
            argv[place:place] = ["--config", str(self.config)]
        if argv[0] == "trustee" and "--passphrase-file" not in argv:
            argv += ["--passphrase-file", str(self.passphrase)]
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                status = main(argv)
            except SystemExit as end:  # argparse
                status = int(end.code or 0)
        self.printed += [out.getvalue(), err.getvalue()]
        return Ran(status, out.getvalue(), err.getvalue())

    def do(self, *arguments: object) -> str:
        """A command that must succeed; what it printed."""
        ran = self.run(*arguments)
        assert (ran.status, ran.err) == (0, ""), ran
        assert ran.out.strip()
        return ran.out

    # -- how an installation comes to be ---------------------------------------------------------------------------

    def write_programme(
        self, opens: timedelta = timedelta(hours=-1), closes: timedelta = timedelta(hours=1), count: str = "each"
    ) -> None:
        folder = write_folder(self.folder / "config" / ID, ID, "final")
        file = folder / "programme.toml"
        text = file.read_text().replace("Europe/London", "UTC").replace('count = "each"', f'count = "{count}"')
        for key, away in (("opens", opens), ("closes", closes)):
            moment = (datetime.now(UTC) + away).replace(microsecond=0, tzinfo=None)
            text = re.sub(rf"(?m)^{key} = .*$", f"{key} = {moment.isoformat()}", text)
        file.write_text(text)
        (self.folder / "roll.csv").write_bytes(write_roll(make_roll().members))

    def hold_ceremony(self, threshold: int = 2, size: int = 3) -> None:
        there, numbers = self.trustees, range(1, size + 1)
        for i in numbers:
            place = ("--number", i, "--of", size, "--threshold", threshold)
            self.do("trustee", "certificate", *place, "--key", there / f"{i}.key", "--out", there / f"cert-{i}.json")
        certs = there / "certs.json"
        told = self.do("ceremony", "check", *[there / f"cert-{i}.json" for i in numbers], "--out", certs)
        fingerprint = told.split()[-1]
        for i in numbers:
            out = there / f"polynomial-{i}.json"
            same = ("--fingerprint", fingerprint)
            self.do("trustee", "polynomial", certs, "--key", there / f"{i}.key", "--out", out, *same)
        polynomials = [there / f"polynomial-{i}.json" for i in reversed(numbers)]
        self.do("ceremony", "route", certs, *polynomials, "--out", there)
        for i in numbers:
            out = there / f"voutput-{i}.json"
            self.do("trustee", "voutput", certs, there / f"vinput-{i}.json", "--key", there / f"{i}.key", "--out", out)
        voutputs = [there / f"voutput-{i}.json" for i in numbers]
        self.do("ceremony", "finish", certs, "--polynomials", *polynomials, "--voutputs", *voutputs, "--out", there)

    def practise(self, size: int = 3) -> None:
        there, outs = self.trustees, []
        for i in range(1, size + 1):
            key, out = ("--key", there / f"{i}.key", "--dkey", there / f"dkey-{i}.json"), there / f"practice-{i}.json"
            self.do("trustee", "practice", there / "parameters.json", *key, "--out", out)
            outs.append(out)
        self.do("office", "practice", *outs)

    def prepare(self) -> str:
        files = ("--roll", self.folder / "roll.csv", "--trustees", self.trustees / "parameters.json")
        return self.do("office", "prepare", "--programme", ID, *files)

    def begin(self, count: str = "each") -> Installation:
        """Everything up to the seal, which is left to the caller."""
        self.do("db", "upgrade")
        self.do("keys", "init")
        self.write_programme(count=count)
        self.hold_ceremony()
        self.prepare()
        self.practise()
        self.do("office", "backup", "--to", self.backup)
        self.do("office", "try-restore", self.backup)
        self.do("registrar", "issue")
        return self

    # -- what is where ---------------------------------------------------------------------------------------------

    @property
    def trustees(self) -> Path:
        return self.folder / "trustees"

    @property
    def passphrase(self) -> Path:
        """Every trustee's; their key files have no form without one."""
        return self.folder / "trustee.passphrase"

    @property
    def backup(self) -> Path:
        return self.folder / "elsewhere" / "server-keys.backup"

    @property
    def record(self) -> Path:
        return self.folder / "instance" / "records" / ID

    def links(self) -> list[Link]:
        file = self.folder / f"links-{secrets.token_hex(4)}.csv"
        self.do("registrar", "links", "--out", file)
        assert file.stat().st_mode & 0o777 == 0o600
        with file.open(newline="") as stream:
            return [Link.of(row["link"]) for row in csv.DictReader(stream)]


@contextlib.contextmanager
def serving(here: Installation, *options: str) -> Iterator[tuple[str, Path]]:
    """A real `ballot serve` on a free port; its address, and the file of all that it printed."""
    with starting(here, *options) as (process, address, log):
        yield address, log
        process.terminate()
        process.wait(30)


@contextlib.contextmanager
def starting(here: Installation, *options: str) -> Iterator[tuple[subprocess.Popen[bytes], str, Path]]:
    """The same, with the process, which must have ended well when the block does."""
    log = here.folder / "serve.log"
    command = [sys.executable, "-m", "ballot.cli.main", "serve", "--config", str(here.config), "--port", "0", *options]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with log.open("wb") as errors:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, env=environment, cwd=here.folder)
        assert process.stdout is not None
        try:
            json = 'log = "json"' in here.config.read_text()
            first = logged(log, "Listening on") if json else process.stdout.readline().decode()
            found = re.search(r"Listening on http://([^\s\"]+)", first)
            assert found, (first, log.read_text())
            yield process, found[1], log
        finally:
            if process.poll() is None:
                process.kill()
            rest, _ = process.communicate(timeout=30)
    assert (rest, process.returncode) == (b"", 0)


def logged(log: Path, words: str, times: int = 1) -> str:
    """Wait until so many lines of a log hold these words; the last of those lines, empty if they never come."""
    patience = time.monotonic() + 30
    while time.monotonic() < patience:
        found = [line for line in log.read_text().splitlines() if words in line]
        if len(found) >= times:
            return found[times - 1]
        time.sleep(0.1)
    return ""


class Voter:
    """A practice's side: encrypts what the link allows, and casts it over HTTP."""

    def __init__(self, address: str) -> None:
        self.connection = http.client.HTTPConnection(address, timeout=30)

    def close(self) -> None:
        self.connection.close()

    def get(self, path: str) -> tuple[int, bytes]:
        self.connection.request("GET", path)
        response = self.connection.getresponse()
        return response.status, response.read()

    def ballot(self, link: Link, vote: Sequence[int] = FOR) -> bytes:
        election = parse_election(G, self.get(f"/api/programmes/{link.place}/election.json")[1])
        key = derive_private_key(G, election.uuid, PrivateCredential(link.credential))
        return create_ballot(G, election, key, [vote], secrets.randbelow).to_bytes()

    def cast(self, link: Link, body: bytes) -> tuple[int, bytes]:
        headers = {"Authorization": f"Bearer {link.token}", **authority_header(SAID)}
        self.connection.request("POST", f"/api/programmes/{link.place}/ballots", body, headers)
        response = self.connection.getresponse()
        return response.status, response.read()


__all__ = ["CCGS", "ID", "Installation", "Link", "Ran", "Voter", "logged", "serving"]
