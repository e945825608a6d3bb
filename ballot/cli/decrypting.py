"""A trustee's last step: nothing is decrypted but the published total of an archive that the trustee has verified.

(1) A private copy of the archive is taken out of what was published, so that what is verified is what is decrypted.
(2) It is audited and must be closed: neither still open, nor tallied without this trustee.
(3) This trustee's key must be one of its trustees'. (4) No other total of the same election was decrypted before:
two totals that differ by one ballot would tell that ballot.
"""

from __future__ import annotations

import argparse
import os
import secrets
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from ballot.audit.catalogue import Stage
from ballot.audit.run import Options, audit
from ballot.audit.source import SingleSource, open_source
from ballot.cli.files import found_in, read_json, write_new
from ballot.cli.refusals import Unacceptable
from ballot.protocol.archive import read_header, read_members
from ballot.protocol.canonical import text
from ballot.protocol.ceremony import open_decryption_key
from ballot.protocol.decryption import create_partial_decryption
from ballot.protocol.elections import parse_election
from ballot.protocol.group import Ed25519
from ballot.protocol.hashing import Hash, sha256_hex
from ballot.protocol.tally import parse_encrypted_tally
from ballot.protocol.trustees import parse_trustees, public_keys
from ballot.registrar.files import append_private, read_private

GROUP = Ed25519()


def decrypt_published_total(options: argparse.Namespace, seed: str) -> tuple[int, str]:
    """Write this trustee's partial decryption to `options.out`; the owner's number and the CCG. Raises Unacceptable."""
    with found_in(options.dkey):
        x = open_decryption_key(GROUP, seed, text(read_json(options.dkey)))
    with TemporaryDirectory(prefix="ballot-") as folder:
        archive = Path(folder) / "published.bel"
        ccg = _take_archive(options.published, options.ccg, archive)
        report = audit(archive, Options(stage=Stage.CLOSED, jobs=os.cpu_count() or 1))
        if report.exit_status:
            raise Unacceptable(
                f"Nothing is decrypted: the archive of {ccg} is not a closed and consistent one. "
                f"{report.verdict.partition('. ')[0]}. Look at it with ballot verify --stage closed."
            )
        with archive.open("rb") as stream:
            data = [member.body for member in read_members(stream, read_header(stream)) if member.kind == "data"]
    election, tally = parse_election(GROUP, data[0]), data[-2]
    keys = public_keys(parse_trustees(GROUP, data[1]))
    mine = GROUP.base_power(x)
    if mine not in keys:
        raise Unacceptable(f"Nothing is decrypted: your key is not one of the keys of the election of {ccg}.")
    _remember(options.key.with_name(f"{options.key.name}.decrypted"), election.uuid, sha256_hex(tally))
    share = create_partial_decryption(
        GROUP, election, parse_encrypted_tally(GROUP, tally, election), x, secrets.randbelow
    )
    write_new(options.out, share.to_bytes())
    return keys.index(mine) + 1, ccg


def _take_archive(published: Path, ccg: str | None, copy: Path) -> str:
    """Copy the one archive meant; answers what it is called. Raises Unacceptable, Unreadable."""
    with open_source(published) as source:
        if isinstance(source, SingleSource):
            name, ccg = source.names()[0], ccg or published.stem
        else:
            there = {Path(name).stem: name for name in source.names() if name.startswith("elections/")}
            listed = ", ".join(sorted(there)[:50]) or "none"
            if ccg is None and len(there) == 1:
                ccg = next(iter(there))
            if ccg is None or ccg not in there:
                raise Unacceptable(f"Say with --ccg which archive of {published} is meant; there are: {listed}.")
            name = there[ccg]
        with source.open(name) as stream, copy.open("xb") as target:
            shutil.copyfileobj(stream, target)
        return ccg


def _remember(file: Path, uuid: str, tally: Hash) -> None:
    """Write down what is going to be decrypted; raises Unacceptable if it was another total of this election before."""
    lines = read_private(file).decode("ascii").splitlines() if file.exists() else []
    before = [line.partition(" ")[2] for line in lines if line.startswith(f"{uuid} ")]
    if tally in before:
        return
    if before:
        raise Unacceptable(
            f"Nothing is decrypted: with this key another total of this election was decrypted before (see {file}). "
            "Two totals of one election can tell a single vote. Ask the other trustees what they were shown."
        )
    append_private(file, f"{uuid} {tally}\n".encode())
