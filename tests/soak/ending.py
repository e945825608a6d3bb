"""After the last fault: ask again, send what is left, close, count, publish, and gather all evidence."""

from __future__ import annotations

import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from ballot.db.ballots import list_ballots, list_ballots_of
from ballot.db.outbox import list_messages
from ballot.db.session import reading
from ballot.mail.states import DeliveryState
from ballot.office.acts.counting import Decide, Declare, GiveShare
from ballot.office.acts.window import CloseEarly
from ballot.office.board.publish import publish
from ballot.office.casting.archives import read_archive
from ballot.office.desk import Why
from ballot.office.lifecycle import State
from ballot.office.perform import perform
from ballot.office.tally import SERVER, server_share
from ballot.protocol.credentials import derive_public_credential
from ballot.protocol.group import Ed25519, element_text
from ballot.record.programme_events import ReasonCode
from scripts.demonstration.rehearsal import Rehearsal
from scripts.demonstration.trustees import decrypt_total
from tests.soak.databases import Sqlite
from tests.soak.evidence import Counted, Journal, Voted, read_counted, read_posted, read_voted
from tests.soak.reckoning import Evidence, Roll
from tests.soak.stage import Stage
from tests.soak.voters import FINAL_WORDS, Paper, send_and_note

G = Ed25519()
ROOT = Path(__file__).resolve().parents[2]
WHY = Why(ReasonCode.REHEARSAL, "The soak does not wait for the closing time.")
DECRYPTING = (1, 3)
ASK_AGAIN = 500
"""The most accepted ballots that are sent once more."""
FEW = 500
"""Up to this many receipts and ballots, a second process is not worth its start."""
HOUR = 3600
HOURS, MOST_HOURS = 12, 72
"""How far the worker's clock moves at a time, past every pause between two attempts, and at most."""
PATIENCE = 40
"""Seconds within which the outbox must become shorter."""
SENT = (DeliveryState.SENT.value, DeliveryState.DELIVERED.value)
ENOUGH = {"invitation": "has-voted"}
"""Valid reasons for dropping a message, by kind."""


def ask_again(stage: Stage, seed: str) -> None:
    """Half of those who gave up come back, and many of those with a receipt send once more."""
    voted, dice = read_voted(stage.voters_journals), random.Random(seed)
    journal = Journal(stage.folder / "voters-again.jsonl")
    answered = {answer.payload for answer in voted.answers if answer.status in FINAL_WORDS}
    gave_up = [payload for payload in voted.made if payload not in answered]
    handed = list(voted.handed)
    again = dice.sample(gave_up, len(gave_up) // 2) + dice.sample(handed, min(ASK_AGAIN, len(handed)))
    for payload in again:
        made = voted.made[payload]
        paper = Paper(made.practice[1], made.practice[0], made.token, made.body)
        for _ in range(100):
            if send_and_note(journal, paper, dice.choice(stage.bases)) in FINAL_WORDS:
                break
            time.sleep(0.2)


def send_the_rest(stage: Stage) -> None:
    """Let the worker send all that waits. Its clock moves forward and it restarts, so that no pause is waited out."""
    left, hours, until = _unsent(stage), 0, 0.0
    while left and hours <= MOST_HOURS:
        if time.monotonic() > until:
            hours += HOURS
            stage.clocks[-1].step(hours * HOUR)
            stage.worker.signal(signal.SIGTERM)
            until = time.monotonic() + PATIENCE
        time.sleep(2)
        before, left = left, _unsent(stage)
        if len(left) < len(before):
            until = time.monotonic() + PATIENCE
    stage.worker.stop()


def _unsent(stage: Stage) -> list[str]:
    """The messages in the outbox that are neither sent nor validly dropped."""
    found: dict[str, str] = {}
    for here in stage.programmes:
        with reading(here.desk.engine) as session:
            for message, practice in list_messages(session, here.id):
                rightly = message.state == DeliveryState.DROPPED.value and ENOUGH.get(message.kind) == message.answer
                if message.state not in SENT and not rightly:
                    tried = f"{message.state} after {message.attempts}: {message.answer}"
                    found[message.name] = f"{message.kind} to {practice.ods} is {tried}"
    return sorted(found.values())


def count(here: Rehearsal, folder: Path) -> Path:
    """Close, decrypt, decide, declare, publish; return the record's folder. The reckoning audits it, with receipts."""
    with reading(here.desk.engine) as session:
        states = {row.election_name: row.state for row in list_ballots(session, here.id)}
    for name, state in states.items():
        if state != State.CLOSED.value:  # It should not be closed; if it is, voters heard so, which is a finding
            perform(here.desk, here.id, CloseEarly(name), here.officers, WHY)
    for name in states:
        body = server_share(here.desk, here.id, name, here.instance, here.storage)
        perform(here.desk, here.id, GiveShare(name, SERVER, body))
        archive = folder / f"{name}.bel"
        with reading(here.desk.engine) as session, archive.open("wb") as out:
            out.writelines(read_archive(session, list_ballots_of(session, here.id, name)[0]))
        for number in DECRYPTING:
            perform(
                here.desk, here.id, GiveShare(name, 1 + number, decrypt_total(archive, here.trustees.keys[number - 1]))
            )
        archive.unlink()
    perform(here.desk, here.id, Decide())
    perform(here.desk, here.id, Declare(), here.officers)
    record = folder / f"record-{here.id}"
    publish(here.desk, here.id, record, lambda _: None)
    return record


def verify(id: str, fingerprint: str, record: Path, voted: Voted) -> tuple[str, int, str]:
    """Run verify_tally.py on the record with every receipt issued for it."""
    folder = record.with_name(f"receipts-{id}")
    folder.mkdir(exist_ok=True)
    options = ["--jobs", "1" if len(voted.handed) < FEW else str(os.cpu_count() or 1)]
    for payload, receipts in voted.handed.items():
        if voted.made[payload].practice[0].startswith(f"{id}/"):
            for number, data in enumerate(sorted(receipts)):
                path = folder / f"{payload[:24]}-{number}.json"
                path.write_bytes(data)
                options += ["--receipt", str(path)]
    trusted = record.with_name(f"trusted-{id}.txt")
    trusted.write_text(f"{id} {fingerprint}\n")
    script = [sys.executable, str(ROOT / "scripts" / "verify_tally.py"), str(record), "--trust", str(trusted)]
    done = subprocess.run([*script, *options], capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines() or [done.stderr]
    wrong = [line for line in lines if line.startswith(("FAIL", "SKIPPED"))]
    return id, done.returncode, "; ".join([*wrong[:5], lines[-1]])


def gather(stage: Stage, seed: str, past_closing: bool) -> Evidence:
    """Gather everything for the reckoning; afterwards only the database runs."""
    stage.heal()
    exits = stage.end_votes()
    ask_again(stage, seed)
    send_the_rest(stage)
    crashes = sum(end.status != 0 for end in stage.worker.ends)
    for kept in (*stage.machines, stage.post):
        kept.stop()
    unsent, voted = _unsent(stage), read_voted(stage.voters_journals)
    records = [(here, count(here, stage.folder)) for here in stage.programmes]
    return Evidence(
        roll=roll_of(stage.programmes),
        board=stage.programmes[0].desk.board.public,
        voted=voted,
        posted=read_posted(stage.post_journal),
        counted=[each for here, record in records for each in counted_of(here, record)],
        crashes=crashes,
        past_closing=past_closing,
        unsent=unsent,
        faults_of_ours=[*faults_in_logs(stage), *(f"voters ended with {status}" for status in exits if status)],
        audits=[verify(here.id, here.fingerprint, record, voted) for here, record in records],
        damage=list(damage_of(stage)),
    )


def counted_of(here: Rehearsal, record: Path) -> Iterator[Counted]:
    for archive in sorted((record / "elections").iterdir()):
        yield read_counted(here.id, archive)


def roll_of(programmes: Sequence[Rehearsal]) -> Roll:
    """The voters, from the registrar's links and from the roll as written."""
    practices, addresses, notices = {}, {}, {}
    for here in programmes:
        with reading(here.desk.engine) as session:
            uuids = {row.ccg: row.uuid for row in list_ballots(session, here.id)}
        for link in here.links():
            practice = (f"{here.id}/{link.ccg}", link.practice)
            public = derive_public_credential(G, uuids[link.ccg], link.credential)
            practices[element_text(public)] = practice
            addresses[practice] = link.email or ""
            if int(link.practice[1:]) % 3 == 0:
                notices[practice] = (f"notice-{link.practice.lower()}@example.org",)
    return Roll(practices, addresses, notices)


def faults_in_logs(stage: Stage) -> list[str]:
    """Every unexpected error in the logs, once, with its number."""
    found: dict[str, int] = {}
    for log in sorted(stage.folder.glob("*.log")):
        text = log.read_text("utf-8", "replace")
        for line in re.findall(r'"event": "unexpected [^"]*"|^Traceback .*$|^\w*Error: .*$', text, re.M):
            key = f"{log.name}: {line[:200]}"
            found[key] = found.get(key, 0) + 1
    return [f"{line} ({n} times)" for line, n in found.items()]


def damage_of(stage: Stage) -> Iterator[str]:
    """SQLite's own check of the file. (PostgreSQL has page checksums, and would have refused to read.)"""
    if isinstance(stage.database, Sqlite):
        with closing(sqlite3.connect(stage.database.file)) as connection:
            said = [row[0] for row in connection.execute("PRAGMA integrity_check")]
        if said != ["ok"]:
            yield "; ".join(said[:5])
