"""The parts of programme.toml and the files beside it. Each is read separately and described in one sentence.

A wrong part raises its reader's own error. A part that is missing, not needed or waiting raises one of the three
exceptions here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ballot.constitution.codes import EXPECTED, CodeKind, read_codes
from ballot.constitution.errors import ConstitutionError
from ballot.constitution.fitting import check_fits
from ballot.constitution.lint import check_constitution
from ballot.constitution.load import load_constitution
from ballot.constitution.outcome_rule import read_outcome_rule
from ballot.constitution.phrases import cited_clause
from ballot.constitution.programme import (
    SECRECY_AT_MOST,
    Programme,
    check_once,
    load_programme,
    read_authority,
    read_ccgs,
    read_identifier,
    read_scrutineer,
    read_secrecy,
    read_trustees,
    read_voting_pack,
)
from ballot.constitution.question import read_question
from ballot.constitution.window import read_window
from ballot.constitution.words import capitalised, read_words
from ballot.office.errors import Refused
from ballot.office.sealed import GROUP
from ballot.office.setup.draft import (
    CONSTITUTIONS,
    LISTS,
    PACKS,
    PARTNERS,
    PROGRAMME,
    ROLL,
    TRUSTEES,
    Draft,
    ProgrammeFiles,
    count_roll,
    read_folder,
    roll_notes,
)
from ballot.office.setup.packs import say_document
from ballot.office.setup.prepare import check_trustees
from ballot.protocol.canonical import as_sent, parse_json
from ballot.protocol.hashing import sha256_hex
from ballot.protocol.trustees import ThresholdParameters
from ballot.record.times import utc_time, wall_time
from ballot.roll.member import Roll
from ballot.roll.read import read_files
from ballot.strict.toml_tables import Table


class NotThereYet(Exception):
    """The part does not exist yet. The message says what is needed."""


class Begun(NotThereYet):
    """A part of it exists. The message says what is missing."""


class NotNeeded(Exception):
    """The part does not exist and need not. The message says what applies instead."""


class Waits(Exception):
    """Another task must come first."""


def part_of(draft: Draft, key: str, what: str) -> Table:
    """The whole of programme.toml, if it contains the key. Raises NotThereYet with the sentence `what`."""
    root = draft.programme()
    if not root.has(key):
        raise NotThereYet(what)
    return root


def describe_about(draft: Draft) -> Iterator[str]:
    """Describe the id and the name."""
    root = part_of(draft, "name", "It has no name yet.")
    id = read_identifier(part_of(draft, "programme", "It has no id yet."))
    if id != draft.id:
        raise root.refusal(
            f'The id is "{id}" and the folder is called "{draft.id}"; they must be the same.', "programme"
        )
    yield root.text("name")
    codes = read_codes(root)
    if codes.persons:
        yield "The members are persons: their codes are drawn at random, and no name is published."
    elif codes.member is not CodeKind.GP_PRACTICE:
        yield f"Each member has {EXPECTED[codes.member]}."
    if root.truth("rehearsal", default=False):
        yield "This is a rehearsal, and is marked as one for ever."
    if root.has("words"):
        words = read_words(root.table("words"))
        yield f"{capitalised(words.member.many)} of {words.body.many} vote on {words.subject.a}."
    if root.has("authority") and not read_authority(root.table("authority")).ask:
        yield "Voters are not asked who they are, or by what authority they vote."


def describe_question(draft: Draft) -> Iterator[str]:
    """Describe each question with its answers."""
    root = part_of(draft, "question", "There is no question yet.")
    questions = [read_question(table) for table in root.tables("question")]
    check_once(root, "question", "id", [question.id for question in questions])
    for question in questions:
        yield f"{question.text} ({', '.join(question.answers)})"


def describe_pack(draft: Draft) -> Iterator[str]:
    """Describe each document by its hash."""
    root = draft.programme()
    if not root.has("voting_pack"):
        raise NotNeeded("No document goes with the question. {Members} would vote on the question alone.")
    for table in root.tables("voting_pack"):
        pack = read_voting_pack(table)
        found = {str(sha256_hex(path.read_bytes())): path.name for path in sorted((draft.folder / PACKS).glob("*"))}
        if pack.sha256 not in found:
            raise table.refusal(f'No file in {PACKS}/ has the SHA-256 of "{pack.name}".', "sha256")
        where = f", {say_document(pack)}: the voting page gives it out" if pack.is_served else ""
        yield f"{pack.name}{where}. Everyone can compare their copy with its SHA-256, which is published: {pack.sha256}"


def describe_ccgs(draft: Draft) -> Iterator[str]:
    """Describe each CCG."""
    root = part_of(draft, "ccg", "No {body} is named yet.")
    yield from (f"{ccg.name} ({ccg.ods})" for ccg in read_ccgs(root, read_codes(root)))


def describe_window(draft: Draft) -> Iterator[str]:
    """Describe opening and closing, in words and in UTC."""
    window = read_window(part_of(draft, "window", "It has no dates yet.").table("window"))
    yield f"Opens at {wall_time(window.opens_at)}; that is {utc_time(window.opens_at)}."
    yield f"Closes at {wall_time(window.closes_at)}; that is {utc_time(window.closes_at)}."


def describe_outcome(draft: Draft) -> Iterator[str]:
    """Describe the programme's own rule."""
    root = draft.programme()
    if root.has("reballot"):
        yield "This is a re-ballot. The rule of the earlier programme decides the outcome."
        return
    root = part_of(draft, "outcome", "There is no rule for the outcome yet.")
    first = [
        what for key, what in (("question", "write the question"), ("ccg", "list the {bodies}")) if not root.has(key)
    ]
    if first:
        raise Waits(f"First {' and '.join(first)}.")
    ccgs = {ccg.ods: ccg.name for ccg in read_ccgs(root, read_codes(root))}
    questions = {question.id: question.text for question in map(read_question, root.tables("question"))}
    read_outcome_rule(root.table("outcome"), ccgs, questions, PROGRAMME, draft.words())
    yield "The rule for the outcome is complete."


def describe_secrecy(draft: Draft) -> Iterator[str]:
    """Describe how much the totals may reveal."""
    root = draft.programme()
    if not root.has("secrecy"):
        raise NotNeeded(f"Totals may determine at most {SECRECY_AT_MOST} of the votes, the default.")
    yield f"Totals may determine at most {read_secrecy(root.table('secrecy'))} of the votes."


def read_roll(
    draft: Draft, files: ProgrammeFiles, roll: str = ROLL, lists: str = LISTS, partners: str = PARTNERS
) -> Roll | None:
    """Read the folder's roll and check it against the programme; None without one. Raises: InvalidRoll, Refused."""
    source = draft.roll_source(roll)
    if source is None:
        return None
    ccgs = [ccg.ods for ccg in files.programme.ccgs]
    columns = files.locality_columns, files.programme.codes, files.weight_columns
    read = read_files(source, ccgs, draft.roll_source(lists), *columns, draft.networks(files.programme, partners))
    count_roll(files, read)
    return read


def describe_constitutions(draft: Draft) -> Iterator[str]:
    """Describe each CCG's rule: whether it exists, can be read, fits the programme, and is unusual."""
    root = draft.programme()
    listed = read_ccgs(root, read_codes(root)) if root.has("ccg") else []
    if not listed:
        raise Waits("First list the {bodies}.")
    missing = {ccg.ods: ccg.name for ccg in listed if draft.read(f"{CONSTITUTIONS}/{ccg.ods}.toml") is None}
    if len(missing) == len(listed):
        raise NotThereYet("There is no constitution yet.")
    programme = whole(draft)
    for ccg in listed:
        name = f"{CONSTITUTIONS}/{ccg.ods}.toml"
        if ccg.ods in missing:
            continue
        constitution = load_constitution(draft.read(name) or b"", name, draft.words())
        if programme is not None:
            check_fits(constitution, programme)
        odd = [oddity.sentence for oddity in check_constitution(constitution)]
        yield f"{ccg.name}: {cited_clause(constitution.source)}" + (f". Odd: {' '.join(odd)}" if odd else "")
    if missing:
        raise Begun(f"Missing: {', '.join(missing.values())}.")


def describe_roll(draft: Draft) -> Iterator[str]:
    """Describe the roll, checked against the rest of the folder."""
    if draft.read(ROLL) is None:
        raise NotThereYet("There is no roll yet.")
    if missing := unfinished(draft):
        raise Waits(f"There is a roll. It is checked when this is complete: {', '.join(missing)}.")
    roll = read_roll(draft, read_folder(draft.folder))
    assert roll is not None
    words = draft.words()
    yield f"{words.member.counted(len(roll.members))} of {words.body.counted(len(roll.ccgs))}."
    unreachable = [member.practice for member in roll.members if member.email is None]
    if unreachable:
        yield f"{words.member.counted(len(unreachable))} without an e-mail address: {', '.join(unreachable[:12])}."
    yield from roll_notes(read_folder(draft.folder), roll)


def describe_trustees(draft: Draft) -> Iterator[str]:
    """Describe the trustees and the key that they made."""
    trustees = read_trustees(part_of(draft, "trustees", "No trustee is named yet.").table("trustees"))
    yield f"{trustees.threshold} of {len(trustees.names)}: {', '.join(trustees.names)}."
    if draft.programme().has("scrutineer"):
        yield f"Scrutineer: {read_scrutineer(draft.programme().table('scrutineer'))}."
    data = draft.read(TRUSTEES)
    if data is None:
        raise Begun("They have made no key yet. They make it on their own pages, or offline.")
    parameters = ThresholdParameters.from_json(GROUP, parse_json(as_sent(data)))
    programme = whole(draft)
    if programme is not None:
        check_trustees(programme, parameters)
    yield "Their key is here."


def _name_trustees(draft: Draft) -> Iterator[str]:
    yield from read_trustees(part_of(draft, "trustees", "No trustee is named yet.").table("trustees")).names


_PARTS: tuple[tuple[str, Callable[[Draft], Iterator[str]]], ...] = (
    ("the name of the ballot", describe_about),
    ("the question", describe_question),
    ("the voting pack", describe_pack),
    ("the list of {bodies}", describe_ccgs),
    ("the opening and closing times", describe_window),
    ("what it takes to proceed", describe_outcome),
    ("the limit of what totals may determine", describe_secrecy),
    ("the names of the trustees", _name_trustees),
)


def unfinished(draft: Draft) -> list[str]:
    """What is missing or wrong in the programme's file and its constitutions, each in a few words; empty if nothing is.

    The roll and the measurement of secrecy need all of it.
    """
    programme = whole(draft)
    if programme is None:
        return [draft.words().said(name) for name, describe in _PARTS if not _is_there(draft, describe)] or [PROGRAMME]
    missing = [f"the constitution of {ccg.name}" for ccg in programme.ccgs if not _has_rule(draft, programme, ccg.ods)]
    if missing:
        return missing
    try:
        read_folder(draft.folder)
    except (Refused, ConstitutionError):
        return [
            f"the folder {CONSTITUTIONS}, which must have one file for each {programme.words.body.one} and no other"
        ]
    return []


def _is_there(draft: Draft, describe: Callable[[Draft], Iterator[str]]) -> bool:
    try:
        list(describe(draft))
    except NotNeeded:
        return True
    except (NotThereYet, Waits, Refused, ConstitutionError):
        return False
    return True


def _has_rule(draft: Draft, programme: Programme, ccg: str) -> bool:
    name = f"{CONSTITUTIONS}/{ccg}.toml"
    try:
        constitution = load_constitution(draft.read(name) or b"", name, programme.words)
        check_fits(constitution, programme)
    except ConstitutionError:
        return False
    return constitution.ccg == ccg


def whole(draft: Draft) -> Programme | None:
    """The programme, if its whole file can be read; otherwise None."""
    try:
        return load_programme(draft.read(PROGRAMME) or b"", PROGRAMME)
    except ConstitutionError:
        return None
