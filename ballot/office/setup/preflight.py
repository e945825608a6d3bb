"""All checks before sealing, after which nothing can be corrected. Blocking checks come first. Reads only.

Once nothing else blocks, the check `seal` asks the act itself (office.acts.sealing). So whatever would refuse the
proposal of sealing is named here first.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from pathlib import Path

from sqlalchemy import Engine

from ballot.constitution.errors import ConstitutionError
from ballot.constitution.phrases import joined
from ballot.constitution.programme import read_trustees
from ballot.db.ballots import list_ballots
from ballot.db.practices import PracticeRow, list_practices
from ballot.db.programmes import ProgrammeRow, find_programme
from ballot.db.session import reading
from ballot.office.acts.sealing import Seal
from ballot.office.desk import Why
from ballot.office.errors import Refused
from ballot.office.setup.draft import MAIL_TEST, Draft, ProgrammeFiles, count_roll, read_folder
from ballot.office.setup.parts import read_roll
from ballot.office.setup.secrecy import check_secrecy
from ballot.office.setup.tasks import TaskProgress, tasks
from ballot.office.setup.trial_decryption import trustees_key, without_trial_decryption
from ballot.office.situation import Situation
from ballot.record.elections import election_name, localities_of
from ballot.record.keys import Role
from ballot.record.moves import ReasonCode
from ballot.record.public_roll import write_roll
from ballot.record.secrecy import RevealedVotes, measure_election
from ballot.record.times import wall_time
from ballot.registrar.errors import KeyRefused
from ballot.registrar.keyring import read_public_keys, read_vault_public_key
from ballot.roll.member import Roll
from ballot.roll.problems import InvalidRoll, counted

SOON = timedelta(hours=24)
ANY_REASON = Why(ReasonCode.SECRECY_ACCEPTED)
"""The reason with which sealing accepts whatever the totals tell; `secrecy` says if another will not do."""
SHORTEST, LONGEST = timedelta(days=5), timedelta(days=60)


class PreflightVerdict(Enum):
    """The result of a check. A check that does not pass either blocks or warns."""

    BLOCKS = "blocks"
    WARNS = "look at this"
    PASSED = "passed"


@dataclass(frozen=True, slots=True)
class PreflightCheck:
    """One check. `id` is the word by which log, page and test know it."""

    id: str
    title: str
    verdict: PreflightVerdict
    sentence: str
    commands: tuple[str, ...] = ()
    """What to type where the pages are not used."""


@dataclass(frozen=True, slots=True)
class PreflightSources:
    """What the checks read: the folder, the database, the keys, and whether e-mail is set up."""

    draft: Draft
    engine: Engine
    keys: Path
    has_mail: bool


def preflight(here: PreflightSources, now: datetime) -> list[PreflightCheck]:
    """Every check: blocking ones first, then warnings, then passed ones, each group in its own order."""
    order, checks, words = list(PreflightVerdict), list(_checks(here, now)), here.draft.words()
    if is_clear(checks):
        checks.append(_seal(here, now))
    said = [replace(check, title=words.said(check.title), sentence=words.said(check.sentence)) for check in checks]
    return sorted(said, key=lambda check: order.index(check.verdict))


def is_sealed(engine: Engine, programme_id: str) -> bool:
    """Whether the ballot is sealed. If so, no check before sealing applies any more."""
    with reading(engine) as session:
        row = find_programme(session, programme_id)
        return row is not None and row.fingerprint is not None


def is_clear(checks: list[PreflightCheck]) -> bool:
    """Whether nothing blocks sealing."""
    return all(check.verdict is not PreflightVerdict.BLOCKS for check in checks)


def _check(
    id: str,
    title: str,
    fault: str | None,
    good: str,
    verdict: PreflightVerdict = PreflightVerdict.BLOCKS,
    commands: tuple[str, ...] = (),
) -> PreflightCheck:
    if fault is None:
        return PreflightCheck(id, title, PreflightVerdict.PASSED, good)
    return PreflightCheck(id, title, verdict, fault, commands)


def _checks(here: PreflightSources, now: datetime) -> Iterator[PreflightCheck]:
    files, roll, fault = _read(here.draft)
    unfinished = [
        state.title for state in tasks(here.draft) if state.progress not in (TaskProgress.DONE, TaskProgress.OPTIONAL)
    ]
    task_fault = f"Not done: {'; '.join(unfinished)}." if unfinished else None
    yield _check("tasks", "Every task of setting up is done", task_fault, "All are.")
    yield _check("files", "All parts belong together", fault, "Question, constitutions, roll and trustees match.")
    yield _check(
        "keys",
        "Every role has its key",
        _keys_fault(here.keys),
        "Every role has one of its own.",
    )
    with reading(here.engine) as session:
        row = find_programme(session, here.draft.id)
        ballots = list_ballots(session, here.draft.id)
        members = [member for ballot in ballots for member in list_practices(session, ballot.id)]
        prepared = (
            None
            if row is None
            else _Prepared(
                row.toml,
                {ballot.ccg: ballot.constitution for ballot in ballots},
                row.roll,
                {(member.ods, member.representative, member.email) for member in members},
            )
        )
    yield _check(
        "prepared",
        "The ballot is prepared with these settings",
        _prepared_fault(row, prepared, files, roll),
        "It is.",
        commands=("ballot office prepare",) if row is None else (),
    )
    issued = bool(members) and all(member.credential for member in members)
    fault = None if issued else "The registrar has not issued them yet."
    good = f"{here.draft.words().member.counted(len(members))}."
    yield _check("issued", "Every {member} has its voting link", fault, good, commands=("ballot registrar issue",))
    tried = row is not None and row.backup_restored_at is not None
    fault = None if tried else "No one has tested it yet. Both officers must."
    yield _check(
        "backup",
        "The backup of the server's keys was tested",
        fault,
        "Both officers opened it.",
        commands=("ballot office backup", "ballot office try-restore"),
    )
    yield _practice(here)
    if files is not None:
        yield from _window(files, now)
        yield _secrecy(files, roll)
    yield _mail(here)
    yield from _people(here.draft, members, roll)


def _read(draft: Draft) -> tuple[ProgrammeFiles | None, Roll | None, str | None]:
    """The files, the roll, and what is wrong with one of them."""
    try:
        files = read_folder(draft.folder)
    except Refused as fault:
        return None, None, fault.sentence
    except ConstitutionError as error:
        return None, None, str(error).replace(f"{draft.folder}/", "")
    try:
        roll = read_roll(draft, files)
    except Refused as fault:
        return files, None, fault.sentence
    except InvalidRoll as problems:
        return files, None, str(problems).splitlines()[0]
    return files, roll, "There is no roll." if roll is None else None


def _keys_fault(keys: Path) -> str | None:
    try:
        public = read_public_keys(keys)
        read_vault_public_key(keys)
    except (KeyRefused, OSError) as fault:
        return fault.sentence if isinstance(fault, KeyRefused) else "The folder of keys cannot be read."
    return None if len(set(public.values())) == len(Role) else "Two roles have the same key."


@dataclass(frozen=True, slots=True)
class _Prepared:
    """What preparing took from the folder."""

    toml: bytes
    constitutions: dict[str, bytes]
    roll: bytes
    people: set[tuple[str, str | None, str | None]]


def _prepared_fault(
    row: ProgrammeRow | None, prepared: _Prepared | None, files: ProgrammeFiles | None, roll: Roll | None
) -> str | None:
    if row is None or prepared is None:
        return "It is not prepared yet."
    if row.fingerprint is not None:
        return "It is already sealed."
    if files is None or roll is None:
        return None
    names = {ccg.ods: ccg.name for ccg in files.programme.ccgs}
    changed = [
        *(["the settings"] if files.toml != prepared.toml else []),
        *(
            f"the constitution of {names.get(ccg, ccg)}"
            for ccg, (_, data) in files.constitutions.items()
            if prepared.constitutions.get(ccg) != data
        ),
        *([] if _roll_of(files, roll) == (prepared.roll, prepared.people) else ["the roll"]),
    ]
    if changed:
        return f"Changed since the ballot was prepared, without effect on it: {', '.join(changed)}."
    return None


def _roll_of(files: ProgrammeFiles, roll: Roll) -> tuple[bytes, set[tuple[str, str | None, str | None]]]:
    public = write_roll(member for _, members in count_roll(files, roll).values() for member in members)
    return public, {(member.practice, member.representative, member.email) for member in roll.members}


def _practice(here: PreflightSources) -> PreflightCheck:
    """Check that every trustee's saved key was shown to open. t of them could count, but then none may be lost."""
    title = "Every trustee has made a trial decryption"
    parameters = trustees_key(here.engine, here.draft.id, here.draft)
    if parameters is None:
        return PreflightCheck("practice", title, PreflightVerdict.BLOCKS, "The trustees have made no key yet.")
    with reading(here.engine) as session:
        missing = without_trial_decryption(session, here.draft.id, parameters)
    count = len(parameters.verification_keys)
    names = _names_of_trustees(here.draft)
    waits = [names.get(number, f"trustee {number}") for number in missing]
    fault = f"Not yet: {joined(waits)}." if waits else None
    return _check(
        "practice", title, fault, f"Every key of {count} opens; any {parameters.threshold} of them can count."
    )


def _names_of_trustees(draft: Draft) -> dict[int, str]:
    try:
        names = read_trustees(draft.programme().table("trustees")).names
    except ConstitutionError:
        return {}
    return dict(enumerate(names, start=1))


def _seal(here: PreflightSources, now: datetime) -> PreflightCheck:
    """Ask the act for everything that would refuse its proposal, whatever the reason given."""
    refused = None
    with reading(here.engine) as session:
        row = find_programme(session, here.draft.id)
        assert row is not None  # `prepared` has passed
        try:
            Seal().check(Situation(session, row, list_ballots(session, row.id), now), ANY_REASON)
        except Refused as fault:
            refused = fault.sentence
    return _check("seal", "Sealing can be proposed", refused, "Sealing makes the same checks, and they pass now.")


def _window(files: ProgrammeFiles, now: datetime) -> Iterator[PreflightCheck]:
    opens, closes = files.programme.opens_at, files.programme.closes_at
    fault = None
    if closes <= now:
        fault = f"Its closing time has passed: {wall_time(closes)}."
    elif opens <= now:
        fault = f"Its opening time has passed: {wall_time(opens)}. No {{member}} could be told in time."
    said = f"{wall_time(opens)} to {wall_time(closes)}."
    yield _check("window", "The window is in the future", fault, said)
    if fault is None:
        odd = None
        if opens - now < SOON:
            odd = f"It opens in less than a day: {wall_time(opens)}."
        elif not SHORTEST <= closes - opens <= LONGEST:
            odd = (
                f"It is open for {counted((closes - opens).days, 'day')}; {SHORTEST.days} to {LONGEST.days} are usual."
            )
        yield _check("window-length", "The window is as long as usual", odd, said, PreflightVerdict.WARNS)


def measure_files(files: ProgrammeFiles, roll: Roll) -> dict[str, RevealedVotes]:
    """What sealing would measure of each election, from the files alone. See office.setup.secrecy."""
    found = {}
    for ccg, (counting, members) in count_roll(files, roll).items():
        rule = files.constitutions[ccg][0]
        for place in localities_of(member.locality for member in members):
            weights = [member.weight for member in members if member.locality == place]
            name = election_name(ccg, place)
            found[name] = measure_election(files.programme.id, name, rule, counting, weights)
    return found


def _secrecy(files: ProgrammeFiles, roll: Roll | None) -> PreflightCheck:
    title = "The totals tell little about single votes"
    if roll is None:
        return PreflightCheck("secrecy", title, PreflightVerdict.BLOCKS, "It is measured once there is a roll.")
    try:
        check_secrecy(files.programme, measure_files(files, roll))
    except Refused as fault:
        return PreflightCheck("secrecy", title, PreflightVerdict.WARNS, fault.sentence)
    return PreflightCheck(
        "secrecy", title, PreflightVerdict.PASSED, f"At most {files.programme.secrecy_at_most} of the votes."
    )


def _mail(here: PreflightSources) -> PreflightCheck:
    title = "An officer has looked at a test invitation"
    if not here.has_mail:
        return PreflightCheck(
            "mail", title, PreflightVerdict.WARNS, "E-mail is not set up. Every link must go by letter."
        )
    test = mail_test(here.draft)
    if test is None:
        how = f"ballot mail preview --programme {here.draft.id} --kind invitation --practice CODE --to YOU"
        return PreflightCheck("mail", title, PreflightVerdict.BLOCKS, "No test invitation was sent yet.", (how,))
    return PreflightCheck(
        "mail", title, PreflightVerdict.PASSED, f"As {test[1]} would get it, at {wall_time(test[0])}."
    )


def mail_test(draft: Draft) -> tuple[datetime, str] | None:
    """When a trial invitation was last sent, and for which practice."""
    data = draft.read(MAIL_TEST)
    if data is None:
        return None
    try:
        found = json.loads(data)
        return datetime.fromisoformat(found["at"]), str(found["practice"])
    except (ValueError, KeyError, TypeError):
        return None


def note_mail_test(draft: Draft, practice: str, now: datetime) -> None:
    """Note that a trial invitation was sent. The recipient is not noted."""
    draft.keep(MAIL_TEST, json.dumps({"at": now.isoformat(), "practice": practice}).encode() + b"\n", now)


def _people(draft: Draft, members: list[PracticeRow], roll: Roll | None) -> Iterator[PreflightCheck]:
    emails = [(member.ods, member.email) for member in members] or [
        (member.practice, member.email) for member in (roll.members if roll else ())
    ]
    without = [code for code, email in emails if not email]
    fault = (
        f"{draft.words().member.counted(len(without))} must get a letter: {', '.join(without[:12])}."
        if without
        else None
    )
    if not emails:
        fault = "This is looked at once there is a roll."
    yield _check("addresses", "Every {member} has an e-mail address", fault, "Every one.", PreflightVerdict.WARNS)
    try:
        has_pack = draft.programme().has("voting_pack")
    except ConstitutionError:
        has_pack = False
    fault = None if has_pack else "No document goes with the question."
    yield _check("voting-pack", "The voting pack is fixed by its hash", fault, "It is.", PreflightVerdict.WARNS)
