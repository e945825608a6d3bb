"""Propose, read, approve, decline, withdraw. Pages only: `office.proposals` decides, under the lock of the act."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from ballot.db.ballots import list_ballots
from ballot.db.programmes import ProgrammeRow, find_programme, list_programmes
from ballot.db.session import reading, transaction
from ballot.office.activity import KeyRefusedOnPage, Who, note_act
from ballot.office.acts.act import Act, asked_of
from ballot.office.acts.membership import ChangeContact
from ballot.office.acts.proposable import PROPOSABLE
from ballot.office.acts.sealing import Seal
from ballot.office.desk import Desk, Why
from ballot.office.errors import Refusal, Refused
from ballot.office.perform import approve
from ballot.office.practices import member_card
from ballot.office.proposals.ending import decline, withdraw
from ballot.office.proposals.listing import ListedProposal, ProposalState, all_proposals, one_proposal
from ballot.office.proposals.propose import Officer, propose, read_statement
from ballot.office.sealed import read_programme
from ballot.office.situation import Situation
from ballot.office.staff.roles import OFFICERS, READERS
from ballot.office.staff.sessions import is_recent
from ballot.record.keys import Role, SigningKey
from ballot.record.moves import ReasonCode
from ballot.registrar.errors import KeyRefused
from ballot.registrar.keyring import has_passphrase, open_signing_key
from ballot.web.access import AccessRule, allow
from ballot.web.errors import sentence
from ballot.web.forms import Form
from ballot.web.office.ask_first import ask_first
from ballot.web.office.keys import the_desk
from ballot.web.office.session import signed_in
from ballot.web.office.two_people.forms import FORMS, Approving, Proposing
from ballot.web.office.words import STANDINGS
from ballot.web.stage import surroundings

two_people = Blueprint("two_people", __name__)


@two_people.get("/office/proposals")
@allow(AccessRule.STAFF, *READERS)
def every() -> str:
    """The programmes, and how many proposals wait in each."""
    here = surroundings()
    with reading(here.engine) as session:
        rows = [
            (row.id, read_programme(row.toml).name, _waiting(all_proposals(session, row.id, here.clock())))
            for row in list_programmes(session)
        ]
    return render_template("office/two_people/programmes.html", rows=rows)


@two_people.get("/office/ballots/<programme>/proposals")
@allow(AccessRule.STAFF, *READERS)
def proposals(programme: str) -> str:
    """What was proposed, and what became of it."""
    here = surroundings()
    with reading(here.engine) as session:
        row = _programme(find_programme(session, programme))
        listed, situation = all_proposals(session, row.id, here.clock()), _situation(session, row)
        acts = [act for act in PROPOSABLE if signed_in().role in OFFICERS and act.fitting(situation)]
    waits = [each for each in listed if each.standing is ProposalState.WAITING]
    return render_template(
        "office/two_people/proposals.html",
        **_about(row),
        waiting=waits,
        ended=[each for each in listed if each not in waits],
        acts=acts,
        standings=STANDINGS,
    )


@two_people.route("/office/ballots/<programme>/proposals/new/<slug>", methods=["GET", "POST"])
@allow(AccessRule.STAFF, *OFFICERS, recent=True)
def new(programme: str, slug: str) -> ResponseReturnValue:
    """Ask for an act, its reason, and the proposer's own key. An act without a choice is shown in words first."""
    kind = FORMS.get(slug) or _missing()
    staff = signed_in()
    with reading(surroundings().engine) as session:
        row = _programme(find_programme(session, programme))
        situation = _situation(session, row)
        fits = kind.act.fitting(situation)
        facts, obstacle = _foreseen(kind.act, situation) if fits else ((), sentence(Refusal.WRONG_STATE.value))
    if obstacle:
        page = render_template("office/two_people/new.html", **_about(row), act=kind.act, obstacle=obstacle)
        return page, 200 if request.method == "GET" else 409
    read = read_programme(row.toml)
    names = {ccg.ods: ccg.name for ccg in read.ccgs}
    form = kind({ods: names.get(ods, ods) for ods in fits}, rehearsal=read.rehearsal)
    if form.validate_on_submit():
        try:
            officer = Officer(staff.login, _key(Role(staff.role.value), form.passphrase.data or ""))
            why = Why(ReasonCode(form.reason.data), (form.note.data or "").strip() or None)
            hash = propose(the_desk(), row.id, form.read(), why, officer)
            return redirect(url_for("two_people.one", programme=row.id, hash=hash), 303)
        except KeyRefused:
            form.passphrase.errors = [_NO_KEY]
        except Refused as refused:
            form.form_errors.append(refused.sentence)
    elif request.method == "GET" and form.act is ChangeContact and "practice" in request.args:
        _prefill(row.id, form, request.args.get("ccg", ""), request.args["practice"])
    status = 400 if form.errors else 200
    said = {"act": form.act, "form": form, "facts": facts, "bare": _bare()}
    return render_template("office/two_people/new.html", **_about(row), **said), status


@two_people.get("/office/ballots/<programme>/proposals/<hash>")
@allow(AccessRule.STAFF, *READERS)
def one(programme: str, hash: str) -> ResponseReturnValue:
    """A proposal, byte for byte, and what may be done with it."""
    row, proposal = _found(programme, hash)
    return _page(row, proposal, Approving(formdata=None))


@two_people.post("/office/ballots/<programme>/proposals/<hash>/approve")
@allow(AccessRule.STAFF, *OFFICERS, recent=True)
def approve_it(programme: str, hash: str) -> ResponseReturnValue:
    """Do the act, if the proposal is still exactly what was shown."""
    row, proposal = _found(programme, hash)
    staff, form = signed_in(), Approving()
    if not form.validate_on_submit():
        return _page(row, proposal, form)
    registrar = None
    try:
        officer = Officer(staff.login, _key(Role(staff.role.value), form.passphrase.data or ""))
    except KeyRefused:
        form.passphrase.errors = [_NO_KEY]
        return _page(row, proposal, form)
    try:
        if proposal.needs_registrar:
            registrar = _key(Role.REGISTRAR, form.registrar.data or "")
        approve(the_desk(), row.id, proposal.hash, form.shown.data or "", officer, registrar)
    except KeyRefused:
        form.registrar.errors = [_NO_REGISTRAR]
    except Refused as refused:
        form.form_errors.append(refused.sentence)
        return _page(*_found(programme, hash), form, 409)
    else:
        return redirect(url_for("two_people.one", programme=row.id, hash=proposal.hash), 303)
    return _page(row, proposal, form)


@two_people.route("/office/ballots/<programme>/proposals/<hash>/decline", methods=["GET", "POST"])
@allow(AccessRule.STAFF, *OFFICERS)
def decline_it(programme: str, hash: str) -> ResponseReturnValue:
    """Decline another's proposal."""
    return _end(programme, hash, decline, "Decline this proposal?", "Decline it")


@two_people.route("/office/ballots/<programme>/proposals/<hash>/withdraw", methods=["GET", "POST"])
@allow(AccessRule.STAFF, *OFFICERS)
def withdraw_it(programme: str, hash: str) -> ResponseReturnValue:
    """Withdraw one's own proposal."""
    return _end(programme, hash, withdraw, "Withdraw this proposal?", "Withdraw it")


_NO_KEY = "The passphrase does not open your key"
_NO_REGISTRAR = "The passphrase does not open the registrar's key"


def _prefill(programme: str, form: Proposing, ccg: str, practice: str) -> None:
    """Fill in what is known of the practice in the address, so that only the error needs typing."""
    card = member_card(surroundings().engine, programme, ccg, practice)
    form["ccg"].data, form["practice"].data = card.ccg, card.practice
    form.reason.data = ReasonCode.CONTACT_MOVED.value
    form["representative"].data, form["email"].data = card.representative, card.email


def _situation(session: Session, row: ProgrammeRow) -> Situation:
    return Situation(session, row, list_ballots(session, row.id), surroundings().clock())


def _foreseen(act: type[Act[Any]], situation: Situation) -> tuple[Sequence[tuple[str, list[str]]], str]:
    """What an act without fields would say, or what stands against it; nothing of an act that depends on its fields."""
    if asked_of(act):
        return (), ""
    try:
        return read_statement("\n".join(act().facts(situation))), ""
    except Refused as refused:
        return (), refused.sentence


_ENDS = (
    "The proposal ends, and no one can approve it any more. To do the same later, someone must propose it again.",
    "Nothing else changes. The proposal stays in the list.",
)


def _end(
    programme: str, hash: str, act: Callable[[Desk, str, str, str], None], asked: str, button: str
) -> ResponseReturnValue:
    row, proposal = _found(programme, hash)
    if request.method != "POST":
        back = url_for("two_people.one", programme=row.id, hash=proposal.hash)
        return ask_first(f"{asked} {proposal.title}", _ENDS, button, back, **_about(row))
    try:
        act(the_desk(), row.id, proposal.hash, signed_in().login)
    except Refused as refused:
        form = Approving(formdata=None)
        form.form_errors.append(refused.sentence)
        return _page(row, proposal, form, 409)
    return redirect(url_for("two_people.one", programme=row.id, hash=proposal.hash), 303)


def _page(row: ProgrammeRow, proposal: ListedProposal, form: Form, status: int | None = None) -> ResponseReturnValue:
    staff = signed_in()
    waiting, officer = proposal.standing is ProposalState.WAITING, staff.role in OFFICERS
    own = staff.login == proposal.proposer
    may_approve = waiting and officer and not own and staff.role.value != proposal.role
    page = render_template(
        "office/two_people/proposal.html",
        **_about(row),
        proposal=proposal,
        form=form,
        facts=read_statement(proposal.words),
        standing=STANDINGS[proposal.standing],
        sealed=row.fingerprint if isinstance(proposal.act, Seal) and proposal.standing is ProposalState.DONE else None,
        bare=_bare(proposal.needs_registrar) if officer else [],
        may_approve=may_approve,
        proved=is_recent(staff, surroundings().clock()),
        may_decline=waiting and officer and not own,
        may_withdraw=waiting and officer and own,
    )
    return page, status or (400 if form.errors else 200)


def _about(row: ProgrammeRow) -> dict[str, object]:
    read = read_programme(row.toml)
    return {"programme": row, "programme_name": read.name, "rehearsal": read.rehearsal}


def _key(role: Role, passphrase: str) -> SigningKey:
    """A key in the installation's folder; raises KeyRefused, and records that in the activity log."""
    here, staff = surroundings(), signed_in()
    try:
        return open_signing_key(here.config.keys, role, passphrase)
    except KeyRefused:
        with transaction(here.engine) as session:
            who = Who(staff.login, acting_for=staff.role.value)
            note_act(session, here.clock(), who, KeyRefusedOnPage(role.value))
        raise


def _bare(registrar: bool = False) -> list[str]:
    """The keys needed here that have no passphrase: anything typed would open them."""
    names = [signed_in().role.value, *([Role.REGISTRAR.value] if registrar else [])]
    return [name for name in names if _is_bare(name)]


def _is_bare(name: str) -> bool:
    try:
        return not has_passphrase(surroundings().config.keys, name)
    except KeyRefused:  # There is no such key: the form reports it when it is sent
        return False


def _found(programme: str, hash: str) -> tuple[ProgrammeRow, ListedProposal]:
    here = surroundings()
    with reading(here.engine) as session:
        row = _programme(find_programme(session, programme))
        return row, one_proposal(session, row.id, hash, here.clock()) or _missing()


def _programme(row: ProgrammeRow | None) -> ProgrammeRow:
    return row or _missing()


def _waiting(listed: list[ListedProposal]) -> int:
    return sum(each.standing is ProposalState.WAITING for each in listed)


def _missing() -> NoReturn:
    abort(404)
