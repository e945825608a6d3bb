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
from ballot.office.perform import complete, give_approval
from ballot.office.practices import member_card
from ballot.office.proposals.ending import decline, withdraw
from ballot.office.proposals.listing import ListedProposal, ProposalState, all_proposals, one_proposal
from ballot.office.proposals.propose import Officer, prepare_proposal, propose, read_statement, sign_prepared
from ballot.office.sealed import read_programme
from ballot.office.situation import Situation
from ballot.office.staff.roles import OFFICERS, READERS, StaffRole
from ballot.office.staff.sessions import is_recent
from ballot.record.errors import InvalidRecord
from ballot.record.keys import PEOPLE, Role, SigningKey
from ballot.record.moves import ReasonCode
from ballot.record.proposals import approval_bytes, sign_approval
from ballot.registrar.errors import KeyRefused
from ballot.registrar.keyring import has_passphrase, open_signing_key
from ballot.web.access import AccessRule, allow
from ballot.web.errors import sentence
from ballot.web.forms import Form
from ballot.web.nouns import said
from ballot.web.office.ask_first import ask_first
from ballot.web.office.keys import the_desk
from ballot.web.office.own_key import is_held, public_hex, signature_of
from ballot.web.office.session import signed_in
from ballot.web.office.setting_up.before_sealing import warnings_before
from ballot.web.office.two_people.forms import FORMS, Approving, Completing, Proposing
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
        waits = [each for each in listed if each.standing is ProposalState.WAITING]
        once = {type(each.act) for each in waits if not asked_of(type(each.act))}
        acts = [act for act in PROPOSABLE if act not in once and act.fitting(situation)]
    return render_template(
        "office/two_people/proposals.html",
        **_about(row),
        waiting=waits,
        ended=[each for each in listed if each not in waits],
        acts=acts if signed_in().role in OFFICERS else [],
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
        choices = kind.act.choices(situation) if fits else {}
        facts, obstacle = _foreseen(kind.act, situation) if fits else ((), sentence(Refusal.WRONG_STATE.value))
    if obstacle:
        page = render_template("office/two_people/new.html", **_about(row), act=kind.act, obstacle=obstacle)
        return page, 409 if request.method == "POST" else 200
    role, read = Role(staff.role.value), read_programme(row.toml)
    held, names = is_held(row, role), {ccg.ods: ccg.name for ccg in read.ccgs}
    form = kind({ods: names.get(ods, ods) for ods in fits}, choices, rehearsal=read.rehearsal, held=held)
    if form.validate_on_submit():
        try:
            why = Why(ReasonCode(form.reason.data), (form.note.data or "").strip() or None)
            if form.signs_apart:
                hash = prepare_proposal(the_desk(), row.id, form.read(), why, staff.login, role)
            else:
                officer = Officer(staff.login, _key(row, role, form.passphrase.data or ""))
                hash = propose(the_desk(), row.id, form.read(), why, officer)
            return redirect(url_for("two_people.one", programme=row.id, hash=hash), 303)
        except KeyRefused:
            form.passphrase.errors = [_NO_KEY]
        except Refused as refused:
            _refuse(form, refused)
    elif request.method == "GET" and form.act is ChangeContact and "practice" in request.args:
        _prefill(row.id, form, request.args.get("ccg", ""), request.args["practice"])
    status = 400 if form.errors else 200
    said = {"act": form.act, "form": form, "facts": facts, "held": held, "bare": _bare(row, role)}
    said["warnings"] = warnings_before(row.id) if form.act is Seal else []
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
    role = Role(staff.role.value)
    try:
        if form.signature.data:
            signature = signature_of(row, role, form.signature.data)
        else:
            signature = sign_approval(proposal.hash, _key(row, role, form.passphrase.data or ""))
        give_approval(the_desk(), row.id, proposal.hash, form.shown.data or "", staff.login, signature)
    except KeyRefused:
        form.passphrase.errors = [_NO_KEY]
        return _page(row, proposal, form)
    except InvalidRecord:
        form.form_errors.append(_NO_SIGNATURE)
        return _page(row, proposal, form)
    except Refused as refused:
        form.form_errors.append(refused.sentence)
        return _page(*_found(programme, hash), form, 409)
    return redirect(url_for("two_people.one", programme=row.id, hash=proposal.hash), 303)


@two_people.post("/office/ballots/<programme>/proposals/<hash>/sign")
@allow(AccessRule.STAFF, *OFFICERS)
def sign_it(programme: str, hash: str) -> ResponseReturnValue:
    """Add the signature that the proposer made in their own browser."""
    row, proposal = _found(programme, hash)
    staff, form = signed_in(), Approving(formdata=None)
    try:
        signature = signature_of(row, Role(staff.role.value), request.form.get("signature", ""))
        sign_prepared(the_desk(), row.id, proposal.hash, staff.login, signature)
    except InvalidRecord:
        form.form_errors.append(_NO_SIGNATURE)
        return _page(row, proposal, form, 400)
    except Refused as refused:
        form.form_errors.append(refused.sentence)
        return _page(*_found(programme, hash), form, 409)
    return redirect(url_for("two_people.one", programme=row.id, hash=proposal.hash), 303)


@two_people.post("/office/ballots/<programme>/proposals/<hash>/complete")
@allow(AccessRule.STAFF, StaffRole.REGISTRAR, recent=True)
def complete_it(programme: str, hash: str) -> ResponseReturnValue:
    """Do what both officers approved, with the registrar's key."""
    row, proposal = _found(programme, hash)
    form = Completing()
    if not form.validate_on_submit():
        return _page(row, proposal, form)
    try:
        complete(the_desk(), row.id, proposal.hash, _key(row, Role.REGISTRAR, form.passphrase.data or ""))
    except KeyRefused:
        form.passphrase.errors = [_NO_KEY]
        return _page(row, proposal, form)
    except Refused as refused:
        form.form_errors.append(refused.sentence)
        return _page(*_found(programme, hash), form, 409)
    return redirect(url_for("two_people.one", programme=row.id, hash=proposal.hash), 303)


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
_NO_SIGNATURE = "The page did not sign. Load it again, and choose your key file"


_FIELDS = {
    Refusal.NOT_LATER: "closes",
    Refusal.NO_SUCH_PRACTICE: "practice",
    Refusal.ALREADY_STRUCK: "practice",
    Refusal.HAS_VOTED: "practice",
}
"""The field at which a refusal stands. Any other stands above the form."""


def _refuse(form: Proposing, refused: Refused) -> None:
    field = _FIELDS.get(refused.reason)
    if field is not None and field in form:
        form[field].errors = [refused.sentence]
    else:
        form.form_errors.append(refused.sentence)


def _prefill(programme: str, form: Proposing, ccg: str, practice: str) -> None:
    """Fill in what is known of the practice in the address, so that only the error needs typing."""
    card = member_card(surroundings().engine, programme, ccg, practice, surroundings().clock())
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
        return read_statement(said("\n".join(act().facts(situation)))), ""
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
    if request.method != "POST":  # a HEAD too
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
    role = next((role for role in PEOPLE if role.value == staff.role.value), None)
    unsigned, completes = proposal.standing is ProposalState.UNSIGNED, proposal.standing is ProposalState.APPROVED
    keeper = {} if role is None else {"held": is_held(row, role), "key": public_hex(row, role), "role": role.value}
    may_approve = waiting and officer and not own and staff.role.value != proposal.role
    page = render_template(
        "office/two_people/proposal.html",
        **_about(row),
        proposal=proposal,
        form=form,
        facts=read_statement(proposal.words),
        standing=STANDINGS[proposal.standing],
        sealed=row.fingerprint if isinstance(proposal.act, Seal) and proposal.standing is ProposalState.DONE else None,
        bare=_bare(row, role),
        completing=form if isinstance(form, Completing) else Completing(formdata=None),
        **keeper,
        approval=approval_bytes(proposal.hash).decode(),
        may_sign=unsigned and own,
        may_complete=completes and staff.role is StaffRole.REGISTRAR,
        may_approve=may_approve,
        proved=is_recent(staff, surroundings().clock()),
        may_decline=(waiting or completes) and officer and not own,
        may_withdraw=(waiting or completes or unsigned) and officer and own,
    )
    return page, status or (400 if form.errors else 200)


def _about(row: ProgrammeRow) -> dict[str, object]:
    read = read_programme(row.toml)
    return {"programme": row, "programme_name": read.name, "rehearsal": read.rehearsal}


def _key(row: ProgrammeRow, role: Role, passphrase: str) -> SigningKey:
    """A key that the server holds for this ballot. Raises KeyRefused, and records that in the activity log."""
    here, staff = surroundings(), signed_in()
    try:
        if not is_held(row, role):
            raise KeyRefused("The server does not hold this key.")
        return open_signing_key(here.config.keys, role, passphrase)
    except KeyRefused:
        with transaction(here.engine) as session:
            who = Who(staff.login, acting_for=staff.role.value)
            note_act(session, here.clock(), who, KeyRefusedOnPage(role.value))
        raise


def _bare(row: ProgrammeRow, role: Role | None) -> list[str]:
    """The reader's key, if the server holds it without a passphrase: anything typed would open it."""
    if role is None or not is_held(row, role) or has_passphrase(surroundings().config.keys, role.value):
        return []
    return [role.value]


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
