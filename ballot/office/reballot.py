"""A programme that holds ballots again cites the one that was decided: what it cites, and whether it may be held.

    CallReballot -> a folder with [reballot] in its programme.toml -> prepare, issue, seal ... as for any programme

One re-ballot follows one programme, of as many of its CCGs as need it; another follows that re-ballot. So there is one
line from first to last, and the latest that each CCG decided is never in doubt.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from ballot.constitution.programme import is_programme_id
from ballot.constitution.rule import Constitution
from ballot.db.ballots import list_ballots
from ballot.db.events import event_lines
from ballot.db.programmes import ProgrammeRow, find_programme, find_reballot
from ballot.office.errors import Refusal, Refused
from ballot.office.programme_files import ProgrammeFiles
from ballot.office.sealed import read_constitution, read_programme
from ballot.protocol.canonical import text
from ballot.protocol.hashing import Hash, sha256_hex
from ballot.record.programme_events import Move, parse_programme_event
from ballot.record.reballots import Citation, Cited, check_reballot, latest_of, question_json


def check_answer(session: Session, id: str) -> None:
    """Raise Refused unless a programme that is still to be prepared can have this id."""
    if not is_programme_id(id):
        sentence = "The programme that answers needs an id: lower case letters, digits and single hyphens between them."
        raise Refused(Refusal.FILES_DIFFER, sentence)
    if find_programme(session, id) is not None:
        raise Refused(
            Refusal.ALREADY_PREPARED, f"There is already a programme {id}. Choose an id that is not used yet."
        )


def check_open(cited: Cited, ccg: str) -> None:
    """Raise Refused unless the CCG's own rule allows another vote after the last, or its ballot was abandoned."""
    constitution = cited.constitutions.get(ccg)
    if constitution is None:
        raise Refused(Refusal.NO_SUCH_BALLOT, f"{ccg} is not one of the CCGs of {cited.programme.id}.")
    results = cited.latest.get(ccg)
    if results is not None and not any(result in constitution.reballot for result in results.values()):
        allowed = " or ".join(sorted(outcome.value for outcome in constitution.reballot)) or "nothing"
        detail = f"The rule of {ccg} allows another vote after {allowed}, and that is not what came of the last."
        raise Refused(Refusal.NOT_INQUORATE, detail)


def read_cited(session: Session, row: ProgrammeRow) -> Cited:
    """A decided programme as a re-ballot cites it, with everything before it; raises Refused if it is not decided."""
    if row.decision is None or row.fingerprint is None:
        raise Refused(Refusal.NOT_READY, f"{row.id} is not decided yet.")
    programme = read_programme(row.toml)
    earlier = None if row.cites is None else read_cited(session, _programme(session, row.cites))
    rule = earlier.rule if earlier is not None else programme.outcome
    assert rule is not None
    constitutions: dict[str, Constitution] = dict(earlier.constitutions) if earlier is not None else {}
    constitutions |= {ballot.ccg: read_constitution(ballot) for ballot in list_ballots(session, row.id)}
    questions = dict(earlier.questions) if earlier is not None else {}
    questions |= {question.id: question_json(question) for question in programme.questions}
    return Cited(
        Citation(row.id, Hash(row.fingerprint), sha256_hex(row.decision)),
        programme,
        rule,
        questions,
        constitutions,
        latest_of(row.decision),
        frozenset((row.called or "").split()),
        _answered_by(session, row),
        row.board,
    )


def _answered_by(session: Session, row: ProgrammeRow) -> str | None:
    """The programme that the call names; None where there is no call."""
    if row.called is None:
        return None
    events = map(parse_programme_event, event_lines(session, row.id))
    return next((text(event.data["answered_by"]) for event in events if event.move is Move.REBALLOT), None)


def cited_by(session: Session, row: ProgrammeRow) -> Cited | None:
    """What a re-ballot is held for; None for a programme that stands by itself."""
    return None if row.cites is None else read_cited(session, _programme(session, row.cites))


def check_files(session: Session, files: ProgrammeFiles, board: str) -> str | None:
    """The id of the programme that these files are a re-ballot of, or None; raises Refused where it may not be held."""
    of = files.programme.reballot_of
    if of is None:
        return None
    row = _programme(session, of)
    if other := find_reballot(session, of):
        raise Refused(Refusal.ALREADY_PREPARED, f"{other.id} is already the re-ballot of {of}. Cite {other.id}.")
    rules = {ccg: constitution for ccg, (constitution, _) in files.constitutions.items()}
    faults = list(check_reballot(files.programme, board, rules, read_cited(session, row)))
    if faults:
        raise Refused(Refusal.REBALLOT_DIFFERS, f"This cannot be a re-ballot of {of}: {'; '.join(faults)}.")
    return of


def _programme(session: Session, id: str) -> ProgrammeRow:
    row = find_programme(session, id)
    if row is None:
        raise Refused(Refusal.NO_SUCH_PROGRAMME, f"There is no programme {id}.")
    return row
