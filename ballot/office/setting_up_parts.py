"""The parts of programme.toml, each read by itself: a sentence for each thing that is there, or why there is none.

What is wrong is raised by the reader, in its own words; what is not there yet, need not be, or waits, by the three
exceptions here.
"""

from __future__ import annotations

from collections.abc import Iterator

from ballot.constitution.outcome_rule import read_outcome_rule
from ballot.constitution.programme import SECRECY_AT_MOST, read_ccg, read_identifier, read_secrecy, read_voting_pack
from ballot.constitution.question import read_question
from ballot.constitution.toml_tables import Table
from ballot.constitution.window import read_window
from ballot.office.draft import PACKS, PROGRAMME, Draft
from ballot.protocol.hashing import sha256_hex
from ballot.record.wall_times import utc_time, wall_time


class Missing(Exception):
    """Nothing is there yet; the sentence says what is needed."""


class NotNeeded(Exception):
    """Nothing is there, and nothing need be; the sentence says what holds then."""


class Waits(Exception):
    """Another task comes first."""


def part_of(draft: Draft, key: str, what: str) -> Table:
    """The whole of programme.toml, where the key is in it; raises Missing, which says `what`."""
    root = draft.programme()
    if not root.has(key):
        raise Missing(what)
    return root


def look_at_about(draft: Draft) -> Iterator[str]:
    """Id and name."""
    root = part_of(draft, "name", "It has no name yet.")
    id = read_identifier(part_of(draft, "programme", "It has no id yet."))
    if id != draft.id:
        raise root.refusal(
            f'The id is "{id}" and the folder is called "{draft.id}"; they must be the same.', "programme"
        )
    yield root.text("name")
    if root.truth("rehearsal", default=False):
        yield "This is a rehearsal, and is marked as one for ever."


def look_at_question(draft: Draft) -> Iterator[str]:
    """Each question, with its answers."""
    root = part_of(draft, "question", "There is no question yet.")
    for table in root.tables("question"):
        question = read_question(table)
        yield f"{question.text} ({', '.join(question.answers)})"


def look_at_pack(draft: Draft) -> Iterator[str]:
    """Each document, by its hash."""
    root = draft.programme()
    if not root.has("voting_pack"):
        raise NotNeeded("No document goes with the question. Practices would vote on the question alone.")
    for table in root.tables("voting_pack"):
        pack = read_voting_pack(table)
        found = {str(sha256_hex(path.read_bytes())): path.name for path in sorted((draft.folder / PACKS).glob("*"))}
        if pack.sha256 not in found:
            raise table.refusal(f'No file in {PACKS}/ has the SHA-256 of "{pack.name}".', "sha256")
        yield f"{pack.name}: {PACKS}/{found[pack.sha256]}, SHA-256 {pack.sha256}"


def look_at_ccgs(draft: Draft) -> Iterator[str]:
    """Each CCG."""
    for table in part_of(draft, "ccg", "No CCG is named yet.").tables("ccg"):
        ccg = read_ccg(table)
        yield f"{ccg.ods} {ccg.name}"


def look_at_window(draft: Draft) -> Iterator[str]:
    """Opening and closing, in words and in UTC."""
    window = read_window(part_of(draft, "window", "It has no dates yet.").table("window"))
    yield f"Opens at {wall_time(window.opens_at)}; that is {utc_time(window.opens_at)}."
    yield f"Closes at {wall_time(window.closes_at)}; that is {utc_time(window.closes_at)}."


def look_at_outcome(draft: Draft) -> Iterator[str]:
    """The programme's own rule."""
    root = draft.programme()
    if root.has("reballot"):
        yield "This is a re-ballot. The rule of the earlier programme decides the outcome."
        return
    root = part_of(draft, "outcome", "There is no rule for the outcome yet.")
    if not (root.has("ccg") and root.has("question")):
        raise Waits("First write the question and list the CCGs.")
    ccgs = tuple(read_ccg(table).ods for table in root.tables("ccg"))
    questions = tuple(read_question(table).id for table in root.tables("question"))
    read_outcome_rule(root.table("outcome"), ccgs, questions, PROGRAMME)
    yield "The rule for the outcome is complete."


def look_at_secrecy(draft: Draft) -> Iterator[str]:
    """How much totals may tell."""
    root = draft.programme()
    if not root.has("secrecy"):
        raise NotNeeded(f"Totals may determine at most {SECRECY_AT_MOST} of the votes, the default.")
    yield f"Totals may determine at most {read_secrecy(root.table('secrecy'))} of the votes."
