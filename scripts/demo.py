"""A whole ballot, from a practice roll to a record that anyone can verify: `make demo`.

Everything is real but the votes: keys, tokens, encryption in the voter's hands, the app on loopback, three trustees,
the auditor's script. Votes follow from the seed; keys and proofs are random every time.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import secrets
import shutil
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from demonstration import table
from demonstration.server import free_address, serving
from demonstration.trustees import TrusteeRefuses, decrypt_total, hold_ceremony
from demonstration.voter import Voter, VoteRefused
from tqdm import tqdm

from ballot.audit.run import Options, audit
from ballot.constitution.errors import ConstitutionError
from ballot.db.engine import connect
from ballot.db.upgrade import upgrade
from ballot.office.backup import backup_server_keys, try_restore
from ballot.office.close import close_early
from ballot.office.decide import decide
from ballot.office.declare import declare
from ballot.office.decrypt import add_server_share, add_share
from ballot.office.desk import Desk, Why
from ballot.office.errors import Refused
from ballot.office.issue import issue
from ballot.office.links import practice_links
from ballot.office.prepare import Installation, prepare, read_folder
from ballot.office.publish import publish
from ballot.office.seal import seal
from ballot.record.keys import Role
from ballot.record.programme_events import ReasonCode
from ballot.registrar import keyring
from ballot.registrar.vault import open_vault
from ballot.roll.problems import InvalidRoll
from ballot.roll.read import Source, read_files

ROOT = Path(__file__).resolve().parent.parent
PROGRAMME = ROOT / "config" / "lancashire-south-cumbria-2020"
INSTANCE = ROOT / "instance" / "demo"
RECORD, TRUSTED, MADE_BY = INSTANCE / "record", INSTANCE / "trusted.txt", INSTANCE / "MADE_BY"
FOR, AGAINST, ABSTAIN = (1, 0, 0), (0, 1, 0), (0, 0, 1)
CHOICES = {FOR: 66, AGAINST: 18, ABSTAIN: 6, None: 10}
"""How many in a hundred practices vote so; None does not vote."""
DECRYPTING = (1, 3)
"""The trustees who come to the count; the second is on holiday."""
WHY = Why(ReasonCode.REHEARSAL, "The demonstration does not wait for the closing time.")


class NotVerified(Exception):
    """Our own auditor found something; nothing is published."""


def main() -> int:
    """Run it; 0 if the auditor's script verified the record, 2 for a roll or rule that cannot be accepted."""
    parser = argparse.ArgumentParser(description="Run a whole ballot, from a roll to a verified record.")
    parser.add_argument("--roll", type=Path, required=True, help="a CSV with a header, or an epraccur.csv")
    parser.add_argument("--seed", default="2020", help="the votes follow from it; keys and proofs do not")
    arguments = parser.parse_args()
    try:
        return run(arguments.roll, arguments.seed)
    except (InvalidRoll, ConstitutionError, Refused, TrusteeRefuses, NotVerified, VoteRefused) as refusal:
        print(f"\n{refusal}", file=sys.stderr)
    except OSError as error:
        print(f"\n{': '.join(str(part) for part in (error.filename, error.strerror) if part)}", file=sys.stderr)
    return 2


def run(roll_file: Path, seed: str) -> int:
    """The story, act by act."""
    began = time.monotonic()
    data = roll_file.read_bytes()
    folder = fresh_instance()
    files = read_folder(folder)
    programme, id = files.programme, files.programme.id
    print(f"{programme.name}: a rehearsal. The protocol is real, the votes are made up (seed {seed}).\n")

    roll = read_files(Source(str(roll_file), data), [ccg.ods for ccg in programme.ccgs])
    say("Roll", f"{len(roll.members)} member practices of {len(programme.ccgs)} CCGs")
    for note in roll.notes:
        say("", f"note: {note}")
    keys = INSTANCE / "keys"
    keyring.init_keys(keys)
    board, registrar = (keyring.open_signing_key(keys, role) for role in (Role.BOARD, Role.REGISTRAR))
    officers = tuple(keyring.open_signing_key(keys, role) for role in (Role.RETURNING_OFFICER, Role.DEPUTY))
    storage = keyring.open_storage_key(keys)
    trustees = hold_ceremony(programme.trustees.threshold, len(programme.trustees.names))
    say("Trustees", f"{len(trustees.keys)} made one key together; any {programme.trustees.threshold} can decrypt")

    database, address = f"sqlite:///{INSTANCE / 'ballot.db'}", free_address()
    engine = connect(database)
    upgrade(engine)
    desk = Desk(engine, lambda: datetime.now(UTC), secrets.randbelow, board)
    installation = Installation(address, INSTANCE, storage)
    prepare(desk, installation, folder, roll, trustees.parameters, keyring.read_public_keys(keys), officers[0])
    backup, vault = INSTANCE / "server-keys.backup", INSTANCE / "registrar.vault"
    backup_server_keys(desk, id, INSTANCE, storage, backup)
    try_restore(desk, id, backup, *officers)
    issued = issue(desk, id, registrar, vault, keyring.read_vault_public_key(keys))
    say("Issued", f"{issued} tokens and credentials, one for each practice; the credentials are in the vault only")
    fingerprint = seal(desk, id, officers)
    TRUSTED.write_text(f"{id} {fingerprint}\n")
    say("Sealed", f"by two people; programme fingerprint {fingerprint}")

    settings = {"database": database, "instance": str(INSTANCE), "board": address}
    settings |= {"programmes": str(INSTANCE), "keys": str(keys)}
    with serving(address, settings, INSTANCE / "server.log") as base:
        links = practice_links(engine, id, registrar, open_vault(vault, keyring.open_vault_key(keys)))
        voter = Voter(base, board.public)
        say("Open", f"the app answers on {base}")
        receipts = vote([link.url(base) for link in links], voter, seed)
        say("Voted", f"{len(receipts)} of {len(links)} practices, each of which verified its signed receipt")
        for ccg in programme.ccgs:
            close_early(desk, id, ccg.ods, officers, WHY)
        say("Closed", "early, by two people; the end of voting and the encrypted tally in one append")
        for ccg in tqdm(programme.ccgs, desc="decrypting", unit="CCG", leave=False, disable=None):
            add_server_share(desk, id, ccg.ods, INSTANCE, storage)
            archive = INSTANCE / f"{ccg.ods}.bel"
            archive.write_bytes(voter.get(f"/api/programmes/{id}/{ccg.ods}/election.bel"))
            for number in DECRYPTING:
                add_share(desk, id, ccg.ods, 1 + number, decrypt_total(archive, trustees.keys[number - 1]))
            archive.unlink()
        say("Decrypted", "two trustees verified each archive and opened its total; nobody opened a ballot")
    decision = decide(desk, id)
    declare(desk, id, officers)
    packed = publish(engine, id, RECORD, board, check_record)
    say("Published", f"{shown(RECORD)}/ and {shown(packed)}, after an audit of its own")
    status = verify(receipts)
    print()
    print("\n".join(table.lines(decision, programme, {ccg: rule for ccg, (rule, _) in files.constitutions.items()})))
    print(f"\nThat took {time.monotonic() - began:.0f} seconds. Check it yourself:")
    print(f"  python scripts/verify_tally.py {shown(RECORD)} --trust {shown(TRUSTED)}")
    return status


def say(word: str, what: str) -> None:
    """One line of the story."""
    print(f"{word:<10} {what}", flush=True)


def shown(path: Path) -> str:
    """A path as it is typed in the checkout."""
    return path.relative_to(ROOT).as_posix()


def fresh_instance() -> Path:
    """An empty folder for this run, and in it the programme with a window that is open now."""
    if INSTANCE.exists():
        if not MADE_BY.exists():
            raise FileExistsError(17, "was not made by make demo, and is not removed", str(INSTANCE))
        shutil.rmtree(INSTANCE)
    folder = INSTANCE / "programme"
    shutil.copytree(PROGRAMME, folder)
    MADE_BY.write_text("make demo, whose next run removes this folder\n")
    now = datetime.now(UTC).replace(microsecond=0, tzinfo=None)
    window = {"opens": now.isoformat(), "closes": (now + timedelta(hours=1)).isoformat(), "zone": '"UTC"'}
    file = folder / "programme.toml"
    text = file.read_text("utf-8")
    for key, value in window.items():
        text = re.sub(rf"(?m)^{key}(\s*)=.*$", rf"{key}\1= {value}", text)
    file.write_text(text, "utf-8")
    return folder


def vote(links: list[str], voter: Voter, seed: str) -> list[bytes]:
    """Every practice that votes encrypts on its own side and casts over HTTP. The receipts, as handed out."""
    choose = random.Random(seed)
    receipts: list[bytes] = []
    for link in tqdm(links, desc="voting", unit="practice", leave=False, disable=None):
        choice = choose.choices(list(CHOICES), weights=list(CHOICES.values()))[0]
        if choice is not None:
            paper = voter.prepare(link, choice)
            receipts.append(voter.cast(*paper))
            if len(receipts) == 1:
                say("", what_happens_twice(voter, link, paper, receipts[0]))
    return receipts


def what_happens_twice(voter: Voter, link: str, paper: tuple[str, str, bytes], receipt: bytes) -> str:
    """What a practice meets that sends its ballot twice, or tries to vote again."""
    same = "the same receipt" if voter.cast(*paper) == receipt else "ANOTHER RECEIPT"
    try:
        voter.cast(*voter.prepare(link, AGAINST))
        second = "ACCEPTED"
    except VoteRefused as refusal:
        second = f"{refusal.status} {refusal.word}"
    return f"the first practice sends its ballot again: {same}; it tries to vote again: {second}"


def check_record(folder: Path) -> None:
    """Raise NotVerified unless our own auditor verifies the record."""
    report = audit(folder, Options(jobs=os.cpu_count() or 1))
    if report.exit_status:
        raise NotVerified(report.to_text())


def verify(receipts: list[bytes]) -> int:
    """What a stranger would do: the auditor's script, with a fingerprint to trust and two practices' receipts."""
    options = ["--trust", str(TRUSTED)]
    for number, receipt in enumerate(receipts[:1] + receipts[-1:], start=1):
        path = INSTANCE / f"receipt-{number}.json"
        path.write_bytes(receipt)
        options += ["--receipt", str(path)]
    script = [sys.executable, str(ROOT / "scripts" / "verify_tally.py"), str(RECORD), *options]
    done = subprocess.run(script, capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines() or [done.stderr]
    counts = {word: sum(line.startswith(word) for line in lines) for word in ("PASS", "FAIL", "SKIPPED", "N/A")}
    told = ", ".join(f"{number} {word}" for word, number in counts.items() if number)
    say("Verified", f"by scripts/verify_tally.py with two receipts: {told}; exit status {done.returncode}")
    for sentence in lines[-1].split(". "):
        say("", sentence)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
