"""The public board for people: the server renders every page, which answers GET only and works without a script."""

from __future__ import annotations

from typing import NoReturn

from flask import Blueprint, Response, abort, render_template, request
from sqlalchemy.orm import Session

from ballot.constitution.reading import read_outcome_rule_aloud
from ballot.db.ballots import BallotRow, find_ballot, list_ballots_of
from ballot.db.programmes import find_programme, list_programmes
from ballot.db.session import reading
from ballot.mail.calendar import MEDIA_TYPE
from ballot.office.board.election_status import list_board
from ballot.office.board.log_proofs import log_summaries
from ballot.office.board.tracking import FoundBallot, NoTrackingNumber, find_by_tracking_number
from ballot.office.post.dates import dates_file, dates_name
from ballot.record.keys import ROLE_WORDS
from ballot.record.programme_events import Move
from ballot.web.access import AccessRule, allow
from ballot.web.board import words
from ballot.web.board.contents import (
    ShownProgramme,
    are_weighted,
    rule_sentences,
    show_decisions,
    show_programme,
    tell_events,
)
from ballot.web.board.decision_pdf import decision_pdf
from ballot.web.stage import surroundings

pages = Blueprint("pages", __name__)


@pages.get("/")
@allow(AccessRule.PUBLIC)
def front_page() -> str:
    """The ballots on this board."""
    here = surroundings()
    with reading(here.engine) as session:
        programmes = [show_programme(session, row, here.clock()) for row in list_programmes(session)]
    return render_template("board/front_page.html", programmes=programmes, board=here.config.board)


@pages.get("/board/<programme>")
@allow(AccessRule.PUBLIC)
def programme(programme: str) -> str:
    """What is asked, when, the state of every CCG, the decision, and how to check it."""
    here = surroundings()
    with reading(here.engine) as session:
        shown = _programme(session, programme)
    published = (here.config.instance / "records" / f"{shown.id}.zip").is_file()
    rule = () if shown.read.outcome is None else tuple(read_outcome_rule_aloud(shown.read.outcome))
    return _page("board/programme.html", shown, published=published, outcome_rule=rule)


@pages.get("/board/<programme>/decision.pdf")
@allow(AccessRule.PUBLIC)
def decision(programme: str) -> Response:
    """The decision with its working, to print; 404 before there is one."""
    with reading(surroundings().engine) as session:
        shown = _programme(session, programme)
        data = (find_programme(session, shown.id) or _missing()).decision or _missing()
        decided = next(event.time for event in tell_events(session, shown.id) if event.move is Move.DECIDED)
    response = Response(decision_pdf(shown, data, decided), mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="decision-{shown.id}.pdf"'
    return response


@pages.get("/board/<programme>/events")
@allow(AccessRule.PUBLIC)
def events(programme: str) -> str:
    """Everything that happened, and who signed it."""
    with reading(surroundings().engine) as session:
        shown = _programme(session, programme)
        return _page("board/events.html", shown, roles=ROLE_WORDS, events=tell_events(session, shown.id))


@pages.get("/board/<programme>/checkpoints")
@allow(AccessRule.PUBLIC)
def checkpoints(programme: str) -> str:
    """The size of each log, who cosigned it, and how to watch it."""
    with reading(surroundings().engine) as session:
        shown = _programme(session, programme)
        logs = log_summaries(session, find_programme(session, shown.id) or _missing())
    names = {each.address: each.standing.name for each in shown.elections}
    return _page("board/checkpoints.html", shown, logs=logs, names=names)


@pages.get("/board/<programme>/find")
@allow(AccessRule.PUBLIC)
def find(programme: str) -> str:
    """Whether a ballot is on the board, by its tracking number."""
    typed = request.args.get("number", "")
    found: FoundBallot | None = None
    fault: str | None = None
    with reading(surroundings().engine) as session:
        shown = _programme(session, programme)
        if typed.strip():
            try:
                found = find_by_tracking_number(session, shown.id, typed)
            except NoTrackingNumber as error:
                fault = str(error)
    return _page("board/find.html", shown, typed=typed[:200], found=found, fault=fault, asked=bool(typed.strip()))


@pages.get("/board/<programme>/<ccg>")
@allow(AccessRule.PUBLIC)
def ccg(programme: str, ccg: str) -> str:
    """One CCG: its rule in sentences, the state of its election, and the decision with its working."""
    with reading(surroundings().engine) as session:
        shown = _programme(session, programme)
        elections = shown.elections_of(ccg) or _missing()
        rule, decisions = rule_sentences(session, shown.id, ccg), show_decisions(shown, ccg)
        weighted = are_weighted(list_ballots_of(session, shown.id, ccg))
    name = next((each.name for each in shown.read.ccgs if each.ods == ccg), elections[0].standing.name)
    return _page(
        "board/ccg.html",
        shown,
        ccg_name=name,
        elections=elections,
        constitution=rule,
        decisions=decisions,
        weighted=weighted,
    )


@pages.get("/board/<programme>/<ccg>/dates.ics")
@allow(AccessRule.PUBLIC)
def dates(programme: str, ccg: str) -> Response:
    """The opening and closing of a CCG's ballot for a calendar, as messages attach it; 404 before sealing."""
    with reading(surroundings().engine) as session:
        row = find_programme(session, programme) or _missing()
        if row.fingerprint is None or not list_ballots_of(session, row.id, ccg):
            _missing()
        response = Response(dates_file(session, row, ccg), content_type=MEDIA_TYPE)
    response.headers["Content-Disposition"] = f'attachment; filename="{dates_name(ccg)}"'
    return response


@pages.get("/board/<programme>/<election>/ballots")
@allow(AccessRule.PUBLIC)
def ballots(programme: str, election: str) -> str:
    """Every accepted ballot of one election, by height."""
    with reading(surroundings().engine) as session:
        shown = _programme(session, programme)
        row: BallotRow = find_ballot(session, shown.id, election) or _missing()
        this = next(each for each in shown.elections if each.standing.uuid == row.uuid)
        listed = list_board(session, row)
    return _page("board/ballots.html", shown, election=this, listed=listed, weighted=are_weighted([row]))


@pages.get("/how-to-check")
@allow(AccessRule.PUBLIC)
def how_to_check() -> str:
    """How anyone checks a result."""
    return render_template("board/how_to_check.html")


@pages.get("/accessibility")
@allow(AccessRule.PUBLIC)
def accessibility() -> str:
    """The accessibility statement: what these pages do, and what was tested."""
    return render_template("board/accessibility.html")


def _page(template: str, shown: ShownProgramme, **given: object) -> str:
    """A page of one programme, with its rehearsal banner and its fingerprint."""
    return render_template(
        template,
        programme=shown,
        rehearsal=shown.read.rehearsal,
        fingerprint=shown.fingerprint,
        words=words,
        **given,
    )


def _programme(session: Session, programme: str) -> ShownProgramme:
    row = find_programme(session, programme) or _missing()
    return show_programme(session, row, surroundings().clock())


def _missing() -> NoReturn:
    abort(404)
