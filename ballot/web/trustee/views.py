"""A trustee's pages: what comes next in the ceremony, practice, and decrypting published totals.

What a trustee's key is needed for happens in the page's script or offline; here come in only what was made with it, as
text or as a file, and both are the same bytes. Which trustee somebody is follows from the account's seat.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ballot.constitution.errors import ConstitutionError
from ballot.constitution.phrases import joined
from ballot.mail.messages import CeremonyAgain, Sender
from ballot.office.acts.counting import GiveShare
from ballot.office.errors import Refused
from ballot.office.perform import perform
from ballot.office.post.notices import note_told_to_begin
from ballot.office.post.to_staff import send_to_staff
from ballot.office.setup.ceremony import Ceremony, Step, hand_in, read_ceremony, restart
from ballot.office.setup.draft import TRUSTEES, Draft
from ballot.office.setup.trial_decryption import add_trial_decryption, trustees_key
from ballot.office.staff.accounts import addresses_of_trustees, seats_of
from ballot.office.staff.roles import OFFICERS, READERS, StaffRole
from ballot.protocol.canonical import write_json
from ballot.record.times import whole_second
from ballot.web import forms
from ballot.web.access import AccessRule, allow
from ballot.web.office.ask_first import ask_first
from ballot.web.office.keys import the_desk, who
from ballot.web.office.session import signed_in
from ballot.web.office.setting_up.pages import is_prepared, known_values, the_draft
from ballot.web.stage import surroundings
from ballot.web.trustee.contents import (
    STEPS,
    ElectionToDecrypt,
    counts,
    grouped,
    name_of,
    progress,
    unrecorded_closings,
    whom_we_tell,
)
from ballot.web.trustee.forms import Compared, Complaint, PartForm, TotalShares

trustee = Blueprint("trustee", __name__)

NOTHING = "Nothing was handed in, or the file is too large. Choose the file again"


@trustee.get("/office/trustee")
@allow(AccessRule.STAFF, StaffRole.TRUSTEE)
def programmes() -> str:
    """The programmes in which the account is a trustee."""
    here = surroundings()
    held = seats_of(here.engine, signed_in().id)
    seats = [(seat, name_of(here.config.programmes, seat.programme_id)) for seat in held]
    return render_template("trustee/programmes.html", seats=seats)


@trustee.get("/office/trustee/<programme>")
@allow(AccessRule.STAFF, StaffRole.TRUSTEE)
def own(programme: str) -> str:
    """The ceremony's progress, and this trustee's next step."""
    draft, number = _seat(programme)
    return _page(draft, number)


@trustee.post("/office/trustee/<programme>/<step>")
@allow(AccessRule.STAFF, StaffRole.TRUSTEE)
def give(programme: str, step: str) -> ResponseReturnValue:
    """Hand in a part. A bad one is refused under the trustee's name, and not kept."""
    draft, number = _seat(programme)
    try:
        meant = Step(step)
    except ValueError:
        abort(404)
    here = surroundings()
    form: Any = {Step.POLYNOMIAL: Compared, Step.COMPLAINT: Complaint}.get(meant, PartForm)()
    if isinstance(form, Complaint):
        form.about.choices = _others(_ceremony(draft), number)
    if form.validate():
        try:
            if isinstance(form, Complaint):
                body, compared = write_json({"about": form.about.data, "word": form.word.data}), None
            else:
                body, compared = form.body(), form.fingerprint.data if isinstance(form, Compared) else None
            if not body:
                form.form_errors.append(NOTHING)
            elif meant is Step.TRIAL_DECRYPTION:
                _try_key(draft, number, body)
            else:
                hand_in(here.engine, here.clock, draft, who(), number, meant, body, compared)
        except Refused as refusal:
            form.form_errors.append(refusal.sentence)
    if form.errors:
        return _page(draft, number, form=form, refused=meant), 400
    return redirect(url_for(".own", programme=programme, done=meant.value), 303)


@trustee.get("/office/trustee/<programme>/files/<name>")
@allow(AccessRule.STAFF, StaffRole.TRUSTEE)
def file(programme: str, name: str) -> Response:
    """What the next step needs, for the script and for offline work; none of it is secret."""
    draft, number = _seat(programme)
    ceremony, parameters = _ceremony(draft), trustees_key(surroundings().engine, programme, draft)
    data: bytes | None = None
    if name == "certificates.json" and ceremony.is_whole(Step.CERTIFICATE):
        data = ceremony.certificates
    elif name == f"vinput-{number}.json" and ceremony.is_whole(Step.POLYNOMIAL):
        data = ceremony.vinput(number)
    elif name == f"dkey-{number}.json":
        data = ceremony.dkey(number)
    elif name == "parameters.json" and parameters is not None:
        data = write_json(parameters.to_json())
    if data is None:
        abort(404)
    headers = {"Content-Disposition": f"attachment; filename={name}"}
    return Response(data, mimetype="application/json", headers=headers)


@trustee.route("/office/trustee/<programme>/count", methods=["GET", "POST"])
@allow(AccessRule.STAFF, StaffRole.TRUSTEE)
def count_all(programme: str) -> ResponseReturnValue:
    """Verify, check and decrypt every published total that is ready, in one visit."""
    draft, number = _seat(programme)
    ready = [one for one in counts(surroundings().engine, programme, number, surroundings().clock()) if one.waits]
    return _decrypt(draft, number, ready, None)


@trustee.route("/office/trustee/<programme>/count/<election>", methods=["GET", "POST"])
@allow(AccessRule.STAFF, StaffRole.TRUSTEE)
def count(programme: str, election: str) -> ResponseReturnValue:
    """Verify, check and decrypt one published total."""
    draft, number = _seat(programme)
    there = counts(surroundings().engine, programme, number, surroundings().clock())
    found = next((one for one in there if one.election == election), None)
    if found is None:
        abort(404)
    return _decrypt(draft, number, [found], election)


def _decrypt(draft: Draft, number: int, totals: list[ElectionToDecrypt], election: str | None) -> ResponseReturnValue:
    """Take the shares of these totals. A bad share is refused by name, and spoils nothing."""
    form = TotalShares()
    if form.validate_on_submit():
        shares = form.shares(election)
        if not shares:
            form.form_errors.append(NOTHING)
        for name, body in shares.items():
            try:
                perform(the_desk(), draft.id, GiveShare(name, number + 1, body), who=who())
            except Refused as refusal:
                form.form_errors.append(refusal.sentence if len(shares) == 1 else f"{name}: {refusal.sentence}")
        if not form.errors:
            return redirect(url_for(".own", programme=draft.id, done="share"), 303)
    ceremony = _ceremony(draft)
    ready = [one for one in totals if one.waits]
    listed = [
        {
            "election": one.election,
            "name": one.name,
            "struck": one.struck,
            "archive": url_for("board.archive", programme=draft.id, ccg=one.election),
        }
        for one in ready
    ]
    given = {"totals": totals, "ready": ready, "listed": listed, "number": number, "form": form}
    given |= {"has_dkey": ceremony.dkey(number) is not None, "ceremony": ceremony}
    page = render_template("trustee/count.html", draft=draft, **given, **_about(draft))
    return page, 400 if form.errors else 200


@trustee.get("/office/ballots/<programme>/ceremony")
@allow(AccessRule.STAFF, *READERS)
def ceremony_page(programme: str) -> str:
    """The progress of every trustee."""
    return _ceremony_page(the_draft(programme))


def _ceremony_page(draft: Draft, untold: Sequence[str] = ()) -> str:
    """The page; `untold` are the addresses at which trustees could not be told that they begin again."""
    engine = surroundings().engine
    ceremony = _ceremony(draft)
    rows = progress(engine, ceremony, trustees_key(engine, draft.id, draft))
    compare = grouped(ceremony.fingerprint) if ceremony.is_whole(Step.CERTIFICATE) else ()
    said = {"ceremony": ceremony, "rows": rows, "steps": STEPS, "compare": compare, "untold": untold}
    begun = bool(ceremony.parts) or draft.read(TRUSTEES) is not None
    may_restart = signed_in().role in OFFICERS and not is_prepared(draft) and begun
    return render_template("trustee/ceremony.html", draft=draft, may_restart=may_restart, **said, **_about(draft))


@trustee.route("/office/ballots/<programme>/ceremony/restart", methods=["GET", "POST"])
@allow(AccessRule.STAFF, *OFFICERS, recent=True)
def begin_again(programme: str) -> ResponseReturnValue:
    """Discard all parts, after asking; every trustee makes a new key, and is told so."""
    here, draft = surroundings(), the_draft(programme)
    told = addresses_of_trustees(here.engine, programme) if here.config.mail is not None else {}
    untold = [f"{n}. {name}" for n, name in enumerate(_ceremony(draft).trustees.names, start=1) if n not in told]
    if request.method != "POST":  # a HEAD too
        back = url_for(".ceremony_page", programme=programme)
        lost = [*_lost(draft), *whom_we_tell(sorted(set(told.values())), untold)]
        return ask_first("Begin the ceremony again?", lost, "Begin the ceremony again", back, **_about(draft))
    restart(here.engine, here.clock, draft, who())
    failed = _tell_trustees(draft, sorted(set(told.values()))) if here.config.mail is not None else []
    reached = {number: login for number, login in told.items() if login not in failed}
    note_told_to_begin(here.engine, whole_second(here.clock()), programme, reached)
    if failed:
        return _ceremony_page(draft, failed)
    return redirect(url_for(".ceremony_page", programme=programme), 303)


def _lost(draft: Draft) -> list[str]:
    """What beginning again throws away, in sentences."""
    given, names = _ceremony(draft).parts, _ceremony(draft).trustees.names
    own = sorted({number for _, number in given})
    parts = f"Everything that {joined(names[number - 1] for number in own)} handed in is deleted." if own else ""
    made = "The key that the trustees made is deleted." if draft.read(TRUSTEES) is not None else ""
    return [*filter(None, (parts, made)), "Every trustee makes a new key, and the trial decryption again."]


def _tell_trustees(draft: Draft, addresses: list[str]) -> list[str]:
    """Tell the trustees that they begin again. Returns the addresses that could not be reached."""
    here, known = surroundings(), known_values(draft)
    settings = here.config.mail
    assert settings is not None
    name = str(known.get("name") or draft.id)
    base = settings.links or f"https://{here.config.board}"
    sender = Sender(name, "", settings.reply_to, known.get("rehearsal") is True)
    message = CeremonyAgain(sender, base + url_for(".own", programme=draft.id))
    return send_to_staff(settings, here.config.board, addresses, message, whole_second(here.clock()))


def _seat(programme: str) -> tuple[Draft, int]:
    """The programme, and this person's place among its trustees; 404 if there is none."""
    seats = seats_of(surroundings().engine, signed_in().id)
    number = next((seat.number for seat in seats if seat.programme_id == programme), None)
    if number is None:
        abort(404)
    draft = the_draft(programme)
    if number not in _ceremony(draft).numbers:
        abort(404)
    return draft, number


def _ceremony(draft: Draft) -> Ceremony:
    try:
        return read_ceremony(surroundings().engine, draft)
    except ConstitutionError:
        abort(404)


def _try_key(draft: Draft, number: int, body: bytes) -> None:
    here = surroundings()
    add_trial_decryption(here.engine, here.clock, draft.id, who(), body, draft, number)


def _others(ceremony: Ceremony, number: int) -> list[Any]:
    return [forms.choice(str(other), ceremony.name(other)) for other in ceremony.numbers if other != number]


def _about(draft: Draft) -> dict[str, Any]:
    known = known_values(draft)
    return {"known": known, "rehearsal": known.get("rehearsal") is True}


def _page(draft: Draft, number: int, form: Any = None, refused: Step | None = None) -> str:
    engine, ceremony = surroundings().engine, _ceremony(draft)
    parameters = trustees_key(engine, draft.id, draft)
    rows = progress(engine, ceremony, parameters)
    due = ceremony.due(number)
    if parameters is not None:  # The ceremony is over, wherever it took place
        due = Step.TRIAL_DECRYPTION if rows[number - 1].done[-1] is None else None
    given: dict[str, Any] = {"part": PartForm(), "compared": Compared(), "complaint": Complaint()}
    given["complaint"].about.choices = _others(ceremony, number)
    if form is not None:
        name = {Step.POLYNOMIAL: "compared", Step.COMPLAINT: "complaint"}.get(refused or Step.CERTIFICATE, "part")
        given[name] = form
    certs = ceremony.fingerprint if ceremony.is_whole(Step.CERTIFICATE) else ""
    there = counts(engine, draft.id, number, surroundings().clock())
    said = {
        "number": number,
        "ceremony": ceremony,
        "rows_of": rows,
        "steps": STEPS,
        "due": due.value if due else "",
        "certs": certs,
        "compare": grouped(certs),
        "parameters": parameters,
        "has_dkey": ceremony.dkey(number) is not None,
        "counts": there,
        "waiting": [one for one in there if one.waits],
        "unrecorded": unrecorded_closings(engine, draft.id, surroundings().clock()),
        "done": request.args.get("done", ""),
        "form": form,
    }
    return render_template("trustee/own.html", draft=draft, **given, **said, **_about(draft))
