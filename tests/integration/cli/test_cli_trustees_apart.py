"""A whole ceremony between separate processes, each with its own folder and passphrase, and what each refuses."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.integration.cli.installation import ROOT, Installation
from tests.integration.cli.test_cli_refusals import EARLY
from tests.support.simulator import Simulator

TOOL = """
import runpy, shlex, sys
sys.path.insert(0, sys.argv[2])
for name in ("flask", "werkzeug", "sqlalchemy", "alembic", "psycopg", "gunicorn"):
    sys.modules[name] = None  # a trustee's machine has none of them
tool = runpy.run_path(sys.argv[1])
for line in sys.stdin:
    status = tool["main"](["trustee", *shlex.split(line)])
    print("ended with", status, flush=True)
"""


TOLD = {
    "00A": "Ballots in the total: 0 of 3 that could be cast\n"
    "    Struck off the roll: 1 of the 4 practices on the list\n",
    "00B": "They count for: 0 practices and 0 weighted votes\n",
    "00C": "They count for: 0 weighted votes\n",
}
"""What a trustee reads before decrypting: a struck practice is not counted as one that could vote."""


class Trustee:
    """The stand-alone tool in a process, which has its own folder and sees nobody else's."""

    def __init__(self, number: int, folder: Path) -> None:
        self.number, self.folder = number, folder
        folder.mkdir(mode=0o700)
        environment = {"PATH": os.environ["PATH"], "BALLOT_PASSPHRASE_TRUSTEE": f"the passphrase of number {number}"}
        command = [sys.executable, "-c", TOOL, str(ROOT / "scripts" / "trustee.py"), str(ROOT)]
        self.process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def run(self, *arguments: object) -> tuple[int, str]:
        """A step; its exit status, and what was printed."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{shlex.join(map(str, arguments))}\n")
        self.process.stdin.flush()
        said = []
        for line in self.process.stdout:
            if line.startswith("ended with "):
                return int(line.split()[-1]), "".join(said)
            said.append(line)
        raise AssertionError("".join(said))

    def do(self, *arguments: object) -> str:
        status, said = self.run(*arguments)
        assert status == 0, said
        return said

    def take(self, *files: Path) -> None:
        for file in files:
            shutil.copy(file, self.folder)

    def end(self) -> None:
        self.process.communicate(timeout=30)


@pytest.fixture
def three(tmp_path: Path) -> Iterator[list[Trustee]]:
    trustees = [Trustee(number, tmp_path / f"trustee-{number}") for number in (1, 2, 3)]
    yield trustees
    for trustee in trustees:
        trustee.end()


def test_a_ceremony_among_processes_counts_with_two_of_three_after_the_loss_of_one(
    three: list[Trustee], tmp_path: Path
) -> None:
    server, folder = tmp_path / "server", tmp_path / "installation"
    server.mkdir()
    folder.mkdir()
    here = Installation(folder)

    for one in three:
        place = ("--number", one.number, "--of", 3, "--threshold", 2)
        one.do("certificate", *place, "--key", "my.key", "--out", "certificate.json")
    certs = server / "certificates.json"
    said = here.do("ceremony", "check", *[one.folder / "certificate.json" for one in three], "--out", certs)
    fingerprint = said.split()[-1]
    for one in three:
        one.take(certs)
        status, told = one.run("polynomial", certs.name, "--key", "my.key", "--fingerprint", "0" * 64, "--out", "p")
        assert (status, "another fingerprint" in told) == (2, True)
        step = ("polynomial", certs.name, "--key", "my.key", "--fingerprint", fingerprint.upper())
        one.do(*step, "--out", "polynomial.json")
    polynomials = [one.folder / "polynomial.json" for one in three]
    here.do("ceremony", "route", certs, *polynomials, "--out", server)
    for one in three:
        one.take(server / f"vinput-{one.number}.json")
        step = ("voutput", certs.name, f"vinput-{one.number}.json", "--key", "my.key")
        one.do(*step, "--out", "voutput.json")
    voutputs = [one.folder / "voutput.json" for one in three]
    here.do("ceremony", "finish", certs, "--polynomials", *polynomials, "--voutputs", *voutputs, "--out", server)
    for one in three:
        one.take(server / "parameters.json", server / f"dkey-{one.number}.json")
        keys = ("--key", "my.key", "--dkey", f"dkey-{one.number}.json")
        one.do("practice", "parameters.json", *keys, "--out", "practice.json")

    # The ballot; its own keys' backup is made and tried, and sealing waited for all of that.
    here.do("db", "upgrade")
    here.do("keys", "init")
    here.write_programme(opens=timedelta(hours=-1))
    shutil.copytree(server, here.trustees)
    here.prepare()
    here.do("office", "backup", "--to", here.backup)
    here.do("office", "try-restore", here.backup)
    here.do("registrar", "issue")
    here.do("office", "practice", three[0].folder / "practice.json")
    ran = here.run("office", "seal")
    assert (ran.status, "not made a trial decryption yet: Two, Three" in ran.err) == (2, True)
    here.do("office", "practice", *[one.folder / "practice.json" for one in three[1:]])
    here.do("office", "seal")
    here.do("office", "strike", "00A", "Y00001", "--reason", "practice-closed")
    here.do("office", "close", "--all", *EARLY)
    here.do("office", "server-share", "--all")
    here.do("office", "publish")

    # A record whose terms are not those of its elections is not decrypted.
    other = tmp_path / "other"
    shutil.copytree(here.record, other)
    (other / "terms.json").write_bytes((other / "terms.json").read_bytes() + b" ")
    keys = ("--key", "my.key", "--dkey", "dkey-1.json")
    status, told = three[0].run("decrypt", other, "--ccg", "00A", *keys, "--out", "share.json")
    assert (status, "in the record of 00A, the election names other terms" in told) == (2, True)

    # The second has lost the key file; the others open the totals without it.
    (three[1].folder / "my.key").unlink()
    for one in (three[0], three[2]):
        for ccg in ("00A", "00B", "00C"):
            keys = ("--key", "my.key", "--dkey", f"dkey-{one.number}.json")
            said = one.do("decrypt", here.record, "--ccg", ccg, *keys, "--out", f"share-{ccg}.json")
            assert TOLD[ccg] in said
            share = one.folder / f"share-{ccg}.json"
            here.do("office", "share", ccg, share, "--owner", one.number + 1)
    assert "tallied" in here.do("office", "status")

    # Nothing that travelled holds a secret.
    secret = json.loads((three[0].folder / "my.key").read_text())["data"]
    travelled = [*server.iterdir(), *(one.folder / "practice.json" for one in three)]
    assert not [file for file in travelled if secret in file.read_text()]
    one_ballot(three[0])


def one_ballot(one: Trustee) -> None:
    """Asked to decrypt a single ballot, a trustee's tool says so."""
    election = Simulator()
    (one.folder / "ballot.json").write_bytes(election.ballot(0, (1, 0, 0)))
    keys = ("--key", "my.key", "--dkey", "dkey-1.json")
    status, told = one.run("decrypt", "ballot.json", *keys, "--out", "never.json")
    assert (status, "is a single ballot" in told) == (2, True)
    assert not (one.folder / "never.json").exists()
