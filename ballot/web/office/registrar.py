"""The registrar's pages: issue all links, once; then for one practice at a time a new link, or its link as a letter.

CCG and code in the address choose the practice. Nothing else that is sent can change it, or name several: these forms
have no field for it, and a request that adds one is refused.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from wtforms.validators import InputRequired, Length, Optional

from ballot.db.ballots import list_ballots
from ballot.db.practices import practices_by_ballot
from ballot.db.programmes import ProgrammeRow, find_programme
from ballot.db.session import reading
from ballot.db.tokens import latest_statuses
from ballot.office.acts.issuing import Issue
from ballot.office.acts.membership import Reissue
from ballot.office.desk import LONGEST_NOTE, Why
from ballot.office.errors import Refusal, Refused
from ballot.office.perform import perform
from ballot.office.post.letters import make_letter
from ballot.office.post.mailings import send_link_again
from ballot.office.post.unlocking import WorkerState, worker_state
from ballot.office.post.voting_links import one_link, practice_links
from ballot.office.practices import MemberCard, member_card
from ballot.office.sealed import read_programme
from ballot.office.staff.roles import OFFICERS, StaffRole
from ballot.record.keys import Role
from ballot.record.moves import ReasonCode
from ballot.registrar.errors import KeyRefused
from ballot.registrar.keyring import read_vault_public_key
from ballot.web.access import AccessRule, allow
from ballot.web.board.words import REASONS, STATES
from ballot.web.errors import sentence
from ballot.web.forms import Form, SelectField, StringField, SubmitField, choice
from ballot.web.office.keys import open_key, open_the_vault, passphrase_field, the_desk, who
from ballot.web.office.one_ccg import one_ccg_at_a_time
from ballot.web.office.programme_page import programme_page
from ballot.web.office.session import sees_who_voted
from ballot.web.office.telephone import history, three_things, where_it_stands
from ballot.web.office.words import MAIL_KINDS, MAIL_STATES
from ballot.web.stage import surroundings

registrar = Blueprint("registrar", __name__)

_KEY = "It opens the registrar's key for this one act. We do not keep it"
_REASONS = (ReasonCode.MAIL_LOST, ReasonCode.MAIL_EXPOSED, ReasonCode.TECHNICAL_FAILURE, ReasonCode.REHEARSAL)


class Issuing(Form):
    """Issue all links, once."""

    passphrase = passphrase_field("the registrar's key", _KEY)
    send = SubmitField("Issue the voting links")


class Reissuing(Form):
    """A new link for the practice in the address."""

    reason = SelectField("Reason, which is published", validators=[InputRequired("Choose a reason")])
    note = StringField(
        "Note (optional)",
        [Optional(), Length(max=LONGEST_NOTE, message=f"The note must be {LONGEST_NOTE} characters or fewer")],
        description="One line, kept in the private activity log",
    )
    passphrase = passphrase_field("the registrar's key", _KEY)
    send = SubmitField("Give it a new link")

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.reason.choices = [choice("", "Choose a reason"), *(choice(code.value, REASONS[code]) for code in _REASONS)]


class Printing(Form):
    """A letter for the practice in the address."""

    passphrase = passphrase_field("the registrar's key", _KEY)
    vault = passphrase_field("the vault", "The vault holds the credential that the letter carries")
    send = SubmitField("Make the letter")


@registrar.get("/office/ballots/<programme>/links")
@allow(AccessRule.STAFF, StaffRole.REGISTRAR, *OFFICERS)
def links(programme: str) -> str:
    """Every practice, and whether it has a working link; if there are many, one CCG at a time."""
    with reading(surroundings().engine) as session:
        practices, statuses = practices_by_ballot(session, programme), latest_statuses(session, programme)
        members = [
            (ballot.ccg, member.ods, member.called, _standing(member.struck_at is not None, statuses.get(member.id)))
            for ballot in list_ballots(session, programme)
            for member in practices.get(ballot.id, [])
        ]
    issued = any(standing != NO_LINK for *_, standing in members)
    selection = one_ccg_at_a_time(members, lambda member: member[0])
    return _page("links", programme, members=selection.shown, selection=selection, issued=issued)


NO_LINK = "none yet"


def _standing(is_struck: bool, status: str | None) -> str:
    if status is None:
        return NO_LINK
    return "struck" if is_struck else {"live": "works"}.get(status, status)


@registrar.route("/office/ballots/<programme>/links/issue", methods=["GET", "POST"])
@allow(AccessRule.STAFF, StaffRole.REGISTRAR, recent=True)
def issue_all(programme: str) -> ResponseReturnValue:
    """One credential and one link for every practice."""
    form = Issuing()
    if form.validate_on_submit() and (key := open_key(Role.REGISTRAR, form.passphrase)) is not None:
        config = surroundings().config
        try:
            vault_key = read_vault_public_key(config.keys)
            perform(the_desk(), programme, Issue(config.instance / "registrar.vault", vault_key), (key,))
            return redirect(url_for(".links", programme=programme), 303)
        except (Refused, KeyRefused) as refusal:
            form.form_errors.append(refusal.sentence)
    return _page("issue", programme, form=form), 400 if form.errors else 200


@registrar.get("/office/ballots/<programme>/links/<ccg>/<practice>")
@allow(AccessRule.STAFF, StaffRole.REGISTRAR, *OFFICERS)
def practice(programme: str, ccg: str, practice: str) -> str:
    """What the help desk needs: how it stands, what to say, what can be done, and all that was sent."""
    here = surroundings()
    card = member_card(here.engine, programme, ccg, practice, here.clock(), sees_who_voted())
    return _practice_page(programme, card)


def _practice_page(programme: str, card: MemberCard, refused: str | None = None) -> str:
    named = read_programme(_row(programme).toml).words
    unlocked = worker_state(surroundings().config.instance) is WorkerState.UNLOCKED
    said = {"stands": where_it_stands(card, named), "things": three_things(card, named, unlocked=unlocked)}
    words = {"words": MAIL_KINDS, "states": MAIL_STATES, "ballot_states": STATES, "history": history(card)}
    return _page("practice", programme, card=card, refused=refused, **said, **words)


@registrar.post("/office/ballots/<programme>/links/<ccg>/<practice>/again")
@allow(AccessRule.STAFF, *OFFICERS)
def send_again(programme: str, ccg: str, practice: str) -> ResponseReturnValue:
    """The link that it has once more, to the address that it has."""
    here = surroundings()
    card = member_card(here.engine, programme, ccg, practice, here.clock(), sees_who_voted())
    try:
        send_link_again(here.engine, here.clock, programme, card.ccg, card.practice, who())
    except Refused as refusal:
        return _practice_page(programme, card, refusal.sentence), 400
    return redirect(url_for(".practice", programme=programme, ccg=card.ccg, practice=card.practice), 303)


@registrar.route("/office/ballots/<programme>/links/<ccg>/<practice>/reissue", methods=["GET", "POST"])
@allow(AccessRule.STAFF, StaffRole.REGISTRAR, recent=True)
def reissue_one(programme: str, ccg: str, practice: str) -> ResponseReturnValue:
    """A new link; the older one stops working. It is sent to this practice only."""
    here, form = surroundings(), Reissuing()
    card = member_card(here.engine, programme, ccg, practice, here.clock())
    _check_only(form)
    if form.validate_on_submit() and (key := open_key(Role.REGISTRAR, form.passphrase)) is not None:
        try:
            why = Why(ReasonCode(form.reason.data), (form.note.data or "").strip() or None)
            perform(the_desk(), programme, Reissue(card.ccg, card.practice), (key,), why)
            return redirect(url_for(".practice", programme=programme, ccg=card.ccg, practice=card.practice), 303)
        except Refused as refusal:
            form.form_errors.append(refusal.sentence)
    return _page("reissue", programme, card=card, form=form), 400 if form.errors else 200


@registrar.route("/office/ballots/<programme>/links/<ccg>/<practice>/letter", methods=["GET", "POST"])
@allow(AccessRule.STAFF, StaffRole.REGISTRAR, recent=True)
def letter_to_one(programme: str, ccg: str, practice: str) -> ResponseReturnValue:
    """Its link as a PDF with a QR code, sent to the browser and not stored."""
    here, form = surroundings(), Printing()
    card = member_card(here.engine, programme, ccg, practice, here.clock())
    _check_only(form)
    if form.validate_on_submit():
        key, vault = open_key(Role.REGISTRAR, form.passphrase), open_the_vault(form.vault)
        if key is not None and vault is not None:
            base = (here.config.mail and here.config.mail.links) or f"https://{here.config.board}"
            try:
                link = one_link(practice_links(here.engine, programme, key, vault), card.ccg, card.practice)
                data = make_letter(the_desk(), programme, link, base, here.config.site.help_line, who())
                named = {"Content-Disposition": f'attachment; filename="letter-{card.practice}.pdf"'}
                return Response(data, mimetype="application/pdf", headers=named)
            except Refused as refusal:
                form.form_errors.append(refusal.sentence)
    return _page("letter", programme, card=card, form=form), 400 if form.errors else 200


def _check_only(form: Form) -> None:
    """Raise Refused if a field was sent that the form lacks, or one of its fields twice."""
    if request.method == "POST" and any(
        name not in form or len(request.form.getlist(name)) > 1 for name in request.form
    ):
        raise Refused(Refusal.FORGED, sentence(Refusal.FORGED.value))


def _page(name: str, programme: str, **given: object) -> str:
    return programme_page(f"registrar/{name}", _row(programme), **given)


def _row(programme: str) -> ProgrammeRow:
    with reading(surroundings().engine) as session:
        row = find_programme(session, programme)
    if row is None:
        raise Refused(Refusal.NO_SUCH_PROGRAMME, "There is no such ballot, or it is not prepared yet.")
    return row
