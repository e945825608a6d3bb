"""A whole ballot, from a practice roll to a record that anyone can verify: `make demo`.

It ends with a row for each CCG and the decision; with --more (`make demo MORE=1`) it tells every act and working too.
Everything is real but the votes: keys, tokens, encryption in the voter's hands, the app on loopback, three trustees,
the auditor's script. Votes follow from the seed; keys and proofs are random every time.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tqdm import tqdm

from ballot.audit.run import Options, audit
from ballot.constitution.errors import ConstitutionError
from ballot.db.ballots import list_ballots
from ballot.db.session import reading
from ballot.declaration.as_pdf import to_pdf
from ballot.declaration.read import read_declaration
from ballot.office.acts.counting import CallReballot, Decide, Declare, GiveShare
from ballot.office.acts.window import CloseEarly
from ballot.office.board.publish import publish
from ballot.office.desk import Why
from ballot.office.errors import Refused
from ballot.office.perform import perform
from ballot.office.setup.draft import read_folder, roll_notes
from ballot.office.tally import SERVER, server_share
from ballot.record.programme_events import ReasonCode
from ballot.roll.member import Roll
from ballot.roll.problems import InvalidRoll
from ballot.roll.read import RollFile, read_files
from ballot.web.board.declared import page_alone
from scripts.demonstration import table
from scripts.demonstration.mail import post_round
from scripts.demonstration.moods import Moods, Paper
from scripts.demonstration.rehearsal import Rehearsal, bring_to_seal, open_window, rehearse
from scripts.demonstration.replay import FILE, InvalidVotes, Replay, Votes
from scripts.demonstration.scrutineer import PAPER as SCRUTINEER_PAPER
from scripts.demonstration.scrutineer import REPORT, appoint, name_in, note_the_early_close, write_report
from scripts.demonstration.server import serving
from scripts.demonstration.trustees import TrusteeRefuses, decrypt_total
from scripts.demonstration.voter import Voter, VoteRefused

ROOT = Path(__file__).resolve().parent.parent
PROGRAMME = ROOT / "config" / "lancashire-south-cumbria-2020"
INSTANCE = ROOT / "instance" / "demo"
AGAIN = "again"
"""The folder, inside a programme's, of the re-ballot that follows it."""
TRUSTED = "trusted.txt"
DECRYPTING = (1, 3)
"""The trustees who come to the count; the second is away."""
ACTS = ("Roll", "Sealed", "Voted", "Decrypted", "Verified", "Watched")
"""The acts that are shown without --more."""
WHY = Why(ReasonCode.REHEARSAL, "The demonstration does not wait for the closing time.")


class NotVerified(Exception):
    """Our own auditor found a fault; nothing is published."""


def main() -> int:
    """Run it; 0 if the auditor's script verified the record, 2 for a roll or rule that is refused."""
    parser = argparse.ArgumentParser(description="Run a whole ballot, from a roll to a verified record.")
    parser.add_argument("--roll", type=Path, required=True, help="a CSV with a header, or an epraccur.csv")
    parser.add_argument("--programme", type=Path, default=PROGRAMME, help="programme.toml and constitutions/")
    parser.add_argument("--seed", default="1", help="the votes follow from it; keys and proofs do not")
    parser.add_argument("--more", action="store_true", help="show every act, rule and working")
    parser.add_argument("--instance", type=Path, default=INSTANCE, help="the folder it is run in, made anew")
    arguments = parser.parse_args()
    say = Story(arguments.more)
    try:
        return run(arguments.programme, arguments.roll, arguments.seed, arguments.instance, say)
    except (InvalidRoll, ConstitutionError, Refused, TrusteeRefuses, NotVerified, VoteRefused, InvalidVotes) as refusal:
        print(f"\n{refusal}", file=sys.stderr)
    except OSError as error:
        print(f"\n{': '.join(str(part) for part in (error.filename, error.strerror) if part)}", file=sys.stderr)
    return 2


@dataclass(frozen=True, slots=True)
class Story:
    """Prints each act in a line; with `more`, everything noticed on the way."""

    more: bool

    def __call__(self, word: str, what: str) -> None:
        if self.more or word in ACTS:
            print(f"{word:<10} {what}", flush=True)


def run(folder: Path, roll_file: Path, seed: str, instance: Path, say: Story) -> int:
    """Run the demonstration, act by act."""
    began = time.monotonic()
    roll = introduce(folder, roll_file, seed, say)
    watcher = appoint(fresh(instance) / "keys")
    here = rehearse(instance, name_in(open_window(folder, instance)), roll, say)
    status, packed = hold(here, votes_of(folder, here, seed), say, watcher)
    if (folder / AGAIN).is_dir():
        status, packed = hold_again(here, folder / AGAIN, seed, say, watcher)
    record, trusted = shown(packed.with_suffix("")), shown(instance / TRUSTED)
    page, paper = write_declaration(packed.with_suffix(""), instance / TRUSTED)
    print(
        f"\nThat took {time.monotonic() - began:.0f} seconds. The declaration, with every working: {page} and {paper}"
    )
    report = packed.with_name(REPORT)
    print(f"The scrutineer's report, signed: {shown(report)}, and {shown(packed.with_name(SCRUTINEER_PAPER))}")
    print("Check it yourself:")
    print(f"  python3 scripts/verify_tally.py {record} --trust {trusted}")
    print(f"  .venv/bin/ballot declaration {shown(packed)} --trust {trusted}")
    print(f"  .venv/bin/ballot scrutineer check {shown(report)} {shown(packed)} --trust {trusted}")
    print("Every act and working: make demo MORE=1. To vote yourself, in a browser: make booth")
    return status


def introduce(folder: Path, roll_file: Path, seed: str, say: Story) -> Roll:
    """Read the programme and its roll, and say what they are."""
    files = read_folder(folder)
    programme = files.programme
    ccgs = [ccg.ods for ccg in programme.ccgs]
    roll = read_files(
        RollFile(str(roll_file), roll_file.read_bytes()),
        ccgs,
        localities=files.locality_columns,
        codes=programme.codes,
        weights=files.weight_columns,
    )
    words = programme.words
    told = f"are those of {FILE}, and the {words.member.many} are made up"
    how = told if (folder / FILE).is_file() else f"are made up (seed {seed})"
    print(f"{programme.name}: a rehearsal. The protocol is real, the votes {how}.\n")
    number = len(programme.ccgs)
    kind = "" if words.member.one == "member" else "member "
    say("Roll", f"{len(roll.members)} {kind}{words.member.of(len(roll.members))} of {words.body.counted(number)}")
    for note in roll_notes(files, roll):
        say("", note)
    return roll


def votes_of(folder: Path, here: Rehearsal, seed: str) -> Votes:
    """The votes of a replay, or made-up ones."""
    programme, file = here.files.programme, folder / FILE
    return Replay(programme, file) if file.is_file() else Moods(programme, seed)


def hold_again(before: Rehearsal, folder: Path, seed: str, say: Story, watcher: Ed25519PrivateKey) -> tuple[int, Path]:
    """Call the re-ballot that lies in the folder, and hold it with the same keys and trustees."""
    again = read_folder(folder).programme
    print()
    perform(before.desk, before.id, CallReballot(tuple(ccg.ods for ccg in again.ccgs), again.id), before.officers, WHY)
    roll = introduce(folder, folder / "roll.csv", seed, say)
    here = bring_to_seal(before, name_in(open_window(folder, before.instance / AGAIN)), roll, say)
    return hold(here, votes_of(folder, here, seed), say, watcher)


def hold(here: Rehearsal, votes: Votes, say: Story, watcher: Ed25519PrivateKey) -> tuple[int, Path]:
    """Invite, vote, count, declare, publish and verify. Returns the auditor's exit status and the packed record."""
    programme, instance = here.files.programme, here.instance
    record, trusted = instance / ("record" if programme.reballot_of is None else "record-again"), instance / TRUSTED
    with trusted.open("a") as lines:
        lines.write(f"{here.id} {here.fingerprint}\n")
    say("Invited", f"{post_round(here)} e-mails, each with its own link, lie in {shown(here.mail)}/")

    with serving(here.address, here.settings(), instance / "server.log") as base:
        say("Open", f"the app answers on {base}")
        voter = Voter(base, here.desk.board.public, programme.statement)
        links = here.links()
        receipts = vote([(link.ccg, link.url(base)) for link in links], voter, votes, say)
        who = f"{len(receipts)} of {len(links)} {programme.words.member.many}"
        say("Voted", f"{who}, each of which verified its signed receipt")
        say("", f"and {post_round(here)} e-mails with a receipt lie beside the invitations")
        count(here, voter, say)
    note_the_early_close(here)
    decision = perform(here.desk, here.id, Decide())
    perform(here.desk, here.id, Declare(), here.officers)
    packed = publish(here.desk, here.id, record, check_record)
    say("Published", f"{shown(record)}/ and {shown(packed)}, after an audit of its own")
    status = verify(record, trusted, receipts, say)
    say("Watched", write_report(here, packed, watcher, os.cpu_count() or 1))
    print()
    rules = {ccg: rule for ccg, (rule, _) in here.files.constitutions.items()}
    if say.more:
        print("\n".join(table.workings(decision, programme, rules)))
    print("\n".join(table.lines(decision, programme, rules)))
    return status, packed


def write_declaration(record: Path, trusted: Path) -> tuple[str, str]:
    """Write the record's declaration as a page and a PDF, beside it; return their paths, as typed in the checkout."""
    declaration, _ = read_declaration(record, Options(trust=trusted, jobs=os.cpu_count() or 1))
    page, paper = record.with_name("declaration.html"), record.with_name("declaration.pdf")
    page.write_text(page_alone(declaration), "utf-8")
    paper.write_bytes(to_pdf(declaration))
    return shown(page), shown(paper)


def shown(path: Path) -> str:
    """A path as it is typed in the checkout."""
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else str(path)


def fresh(instance: Path) -> Path:
    """An empty folder for this run; an existing folder that no demo made is not touched."""
    made_by = instance / "MADE_BY"
    if instance.exists():
        if not made_by.exists():
            raise FileExistsError(17, "was not made by make demo, and is not removed", str(instance))
        shutil.rmtree(instance)
    instance.mkdir(parents=True)
    made_by.write_text("make demo, whose next run removes this folder\n")
    return instance


def vote(links: list[tuple[str, str]], voter: Voter, votes: Votes, say: Story) -> list[bytes]:
    """Every practice that votes encrypts on its own side and casts over HTTP. Returns the receipts as issued."""
    receipts: list[bytes] = []
    for ccg, link in tqdm(links, desc="voting", unit="vote", leave=False, disable=None):
        choice = votes.vote(ccg)
        if choice is not None:
            paper = voter.prepare(link, choice)
            receipts.append(voter.cast(*paper))
            if len(receipts) == 1:
                say("", what_happens_twice(voter, link, choice, paper, receipts[0]))
    return receipts


def what_happens_twice(voter: Voter, link: str, choice: Paper, paper: tuple[str, str, bytes], receipt: bytes) -> str:
    """What happens when a practice sends its ballot twice, or tries to vote again."""
    same = "the same receipt" if voter.cast(*paper) == receipt else "ANOTHER RECEIPT"
    try:
        voter.cast(*voter.prepare(link, choice))
        second = "ACCEPTED"
    except VoteRefused as refusal:
        second = f"{refusal.status} {refusal.word}"
    return f"the first practice sends its ballot again: {same}; it tries to vote again: {second}"


def count(here: Rehearsal, voter: Voter, say: Story) -> None:
    """Close every CCG, and have the server and two trustees decrypt its total."""
    programme = here.files.programme
    for ccg in programme.ccgs:
        perform(here.desk, here.id, CloseEarly(ccg.ods), here.officers, WHY)
    say("Closed", "early, by two people; the end of voting and the encrypted tally in one append")
    with reading(here.desk.engine) as session:
        elections = [row.election_name for row in list_ballots(session, here.id)]
    for name in tqdm(elections, desc="decrypting", unit="election", leave=False, disable=None):
        body = server_share(here.desk, here.id, name, here.instance, here.storage)
        perform(here.desk, here.id, GiveShare(name, SERVER, body))
        archive = here.instance / f"{name}.bel"
        archive.write_bytes(voter.get(f"/api/programmes/{here.id}/{name}/election.bel"))
        for number in DECRYPTING:
            share = decrypt_total(archive, here.trustees.keys[number - 1])
            perform(here.desk, here.id, GiveShare(name, 1 + number, share))
        archive.unlink()
    say("Decrypted", "two trustees verified each archive and opened its total; nobody opened a ballot")


def check_record(folder: Path) -> None:
    """Raise NotVerified unless our own auditor verifies the record."""
    report = audit(folder, Options(jobs=os.cpu_count() or 1))
    if not report.verified:
        raise NotVerified(report.to_text())


def verify(record: Path, trusted: Path, receipts: list[bytes], say: Story) -> int:
    """Do what a stranger would: run the auditor's script with a trusted fingerprint and two practices' receipts."""
    options = ["--trust", str(trusted)]
    for number, receipt in enumerate(receipts[:1] + receipts[-1:], start=1):
        path = record.with_name(f"receipt-{number}.json")
        path.write_bytes(receipt)
        options += ["--receipt", str(path)]
    script = [sys.executable, str(ROOT / "scripts" / "verify_tally.py"), str(record), *options]
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
