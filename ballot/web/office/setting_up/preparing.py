"""From the files to a ballot that can be sealed: prepare it, back up the server's keys, test the backup, pre-flight."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.utils import redirect
from wtforms import HiddenField
from wtforms.validators import InputRequired, Length

from ballot.constitution.errors import ConstitutionError
from ballot.db.programmes import ProgrammeRow, find_programme
from ballot.db.session import reading, transaction
from ballot.office.activity import ActPlace, Downloaded, note_act
from ballot.office.errors import Refusal, Refused
from ballot.office.sealed import GROUP
from ballot.office.setup.draft import TRUSTEES, Draft, read_folder
from ballot.office.setup.parts import read_roll
from ballot.office.setup.preflight import is_clear, is_sealed
from ballot.office.setup.prepare import Installation, prepare, preparing_bytes
from ballot.office.setup.server_keys import make_backup, try_backup, try_backup_apart
from ballot.office.setup.tasks import is_complete
from ballot.office.signing import SignedApart
from ballot.office.staff.roles import OFFICERS, READERS, StaffRole
from ballot.protocol.canonical import as_sent, parse_json
from ballot.protocol.errors import InvalidMessage, Reason
from ballot.protocol.trustees import ThresholdParameters
from ballot.record.errors import InvalidRecord
from ballot.record.keys import Role, RoleSignature, SigningKey, parse_base64
from ballot.record.times import parse_time, time_text, whole_second
from ballot.registrar.errors import KeyRefused
from ballot.registrar.keyring import keys_held, read_public_key, read_public_keys, read_scrutineer_key
from ballot.roll.problems import InvalidRoll
from ballot.web import forms
from ballot.web.access import AccessRule, allow
from ballot.web.office.keys import open_key, passphrase_field, the_desk, who
from ballot.web.office.session import the_door
from ballot.web.office.setting_up.before_sealing import checks_of, next_before_sealing, page_of_check
from ballot.web.office.setting_up.pages import draft_page, the_draft, uploaded
from ballot.web.stage import surroundings

preparing = Blueprint("preparing", __name__)


PATIENCE = timedelta(hours=1)
"""How long after the page was loaded its signature can be sent."""


class Preparing(forms.Form):
    """The returning officer's signature."""

    passphrase = passphrase_field("your signing key", "It signs that the ballot was prepared. We do not keep it")
    signature = HiddenField()
    at = HiddenField()
    send = forms.SubmitField("Prepare the ballot")

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        if self.signature.data:
            self.passphrase.validators = []

    def signed_apart(self, now: datetime) -> tuple[SignedApart, datetime] | None:
        """The signature of the officer's own browser, and the time that it covers. Raises InvalidRecord."""
        if not self.signature.data:
            return None
        at = parse_time(self.at.data)
        if not now - PATIENCE <= at <= now:
            raise InvalidRecord(Reason.WRONG_SHAPE, "the page was loaded too long ago")
        role, folder = Role.RETURNING_OFFICER, surroundings().config.keys
        key = read_public_key(folder, role).fingerprint
        return SignedApart(RoleSignature(role, key, parse_base64(self.signature.data, 64))), at


class Restoring(forms.Form):
    """Try the backup, with both officers at one desk."""

    backup = forms.FileField(
        "The backup file", description="Take it from where you keep it, not from your downloads folder"
    )
    officer = passphrase_field("the returning officer's key", "The returning officer types it")
    deputy = passphrase_field("the deputy's key", "The deputy types it")
    send = forms.SubmitField("Test the backup")


class RestoredApart(forms.Form):
    """The test of the backup, made where the officers' keys are."""

    proof = forms.StringField(
        "What the command printed",
        [InputRequired("Enter what the command printed"), Length(max=100, message="This is too long")],
        description="64 letters and digits",
    )
    send = forms.SubmitField("Record the test")


@preparing.route("/office/ballots/<programme>/prepare", methods=["GET", "POST"])
@allow(AccessRule.STAFF, StaffRole.RETURNING_OFFICER, recent=True)
def prepare_it(programme: str) -> ResponseReturnValue:
    """Copy the files into the database, and make the server's own keys."""
    draft, form = the_draft(programme), Preparing()
    now = whole_second(surroundings().clock())
    if form.validate_on_submit():
        try:
            apart = form.signed_apart(now)
            if apart is not None:
                _prepare(draft, *apart)
            elif (key := open_key(Role.RETURNING_OFFICER, form.passphrase)) is not None:
                _prepare(draft, key)
            else:
                return _prepare_page(draft, form, now)
            return redirect(url_for(".backup", programme=programme), 303)
        except (Refused, KeyRefused) as fault:
            form.form_errors.append(fault.sentence)
        except ConstitutionError as fault:
            form.form_errors.append(str(fault).replace(f"{draft.folder}/", ""))
        except InvalidRoll as fault:
            form.form_errors.append(str(fault).splitlines()[0])
        except InvalidRecord:
            form.form_errors.append("The page did not sign, or was loaded too long ago. Load it again")
        except InvalidMessage as fault:
            form.form_errors.append(f"{TRUSTEES} is not as expected: {fault.detail}.")
    return _prepare_page(draft, form, now)


def _prepare_page(draft: Draft, form: Preparing, now: datetime) -> ResponseReturnValue:
    prepared, complete, keys = _row(draft) is not None, is_complete(draft), surroundings().config.keys
    said: dict[str, object] = {"prepared": prepared, "complete": complete, "held": keys_held(keys)}
    if prepared:
        said["following"] = next_before_sealing(draft)
    elif complete:
        said |= {"message": _message(draft, now), "at": time_text(now), "key": _public_hex(keys)}
    return draft_page(draft, "prepare", form=form, **said), 400 if form.errors else 200


def _message(draft: Draft, now: datetime) -> str | None:
    """What the returning officer's browser signs. None if the files cannot be used, which the form then says."""
    try:
        files = read_folder(draft.folder)
        roll = read_roll(draft, files)
    except (Refused, ConstitutionError, InvalidRoll):
        return None
    return None if roll is None else preparing_bytes(files, roll, now).decode()


def _public_hex(folder: Path) -> str | None:
    try:
        return read_public_key(folder, Role.RETURNING_OFFICER).raw.hex()
    except KeyRefused:
        return None


def _prepare(draft: Draft, officer: SigningKey | SignedApart, at: datetime | None = None) -> None:
    """As `ballot office prepare` does with the files of the folder."""
    config, data = surroundings().config, draft.read(TRUSTEES)
    files = read_folder(draft.folder)
    roll = read_roll(draft, files)
    if roll is None or data is None or files.programme.id != draft.id:
        raise Refused(Refusal.NOT_READY, "Not every set-up task is done. See the task list.")
    parameters = ThresholdParameters.from_json(GROUP, parse_json(as_sent(data)))
    held, scrutineer = keys_held(config.keys), read_scrutineer_key(config.keys)
    installation = Installation(config.board, config.instance, the_door().storage, held, scrutineer)
    prepare(the_desk(), installation, draft.folder, roll, parameters, read_public_keys(config.keys), officer, at)


@preparing.get("/office/ballots/<programme>/backup")
@allow(AccessRule.STAFF, *OFFICERS, recent=True)
def backup(programme: str) -> str:
    """What the backup is for, and whether it was tried."""
    return _backup_page(the_draft(programme), Restoring(formdata=None))


@preparing.post("/office/ballots/<programme>/backup")
@allow(AccessRule.STAFF, *OFFICERS, recent=True)
def make_it(programme: str) -> ResponseReturnValue:
    """The backup as a file; it opens only with both officers' keys."""
    draft, here = the_draft(programme), surroundings()
    try:
        data = make_backup(the_desk(), draft.id, here.config.instance, the_door().storage)
    except (Refused, KeyRefused) as fault:
        form = Restoring(formdata=None)
        form.form_errors.append(fault.sentence)
        return _backup_page(draft, form), 409
    with transaction(here.engine) as session:
        note_act(session, here.clock(), who(), Downloaded("backup"), ActPlace(draft.id))
    named = {"Content-Disposition": f'attachment; filename="{draft.id}.server.backup"'}
    return Response(data, mimetype="application/octet-stream", headers=named)


@preparing.post("/office/ballots/<programme>/backup/try")
@allow(AccessRule.STAFF, *OFFICERS, recent=True)
def try_it(programme: str) -> ResponseReturnValue:
    """Open the backup with both keys, and compare its contents with every election. Sealing waits for this."""
    draft = the_draft(programme)
    if "proof" in request.form:
        return _try_apart(draft)
    form = Restoring()
    data = uploaded(form.backup.data)
    if form.validate_on_submit() and not data:
        form.backup.errors = ["Choose the backup file"]
    elif not form.errors:
        officer, deputy = open_key(Role.RETURNING_OFFICER, form.officer), open_key(Role.DEPUTY, form.deputy)
        if officer is not None and deputy is not None:
            try:
                try_backup(the_desk(), draft.id, data, "The file", officer, deputy)
                return redirect(url_for(".backup", programme=programme), 303)
            except (Refused, KeyRefused) as fault:
                form.backup.errors = [fault.sentence]
    return _backup_page(draft, form), 400


def _try_apart(draft: Draft) -> ResponseReturnValue:
    form, here = RestoredApart(), surroundings()
    if form.validate_on_submit():
        try:
            proof, storage = form.proof.data or "", the_door().storage
            try_backup_apart(the_desk(), draft.id, here.config.instance, storage, proof, who())
            return redirect(url_for(".backup", programme=draft.id), 303)
        except (Refused, KeyRefused) as fault:
            form.proof.errors = [fault.sentence]
    return _backup_page(draft, Restoring(formdata=None), form), 400


def _backup_page(draft: Draft, form: Restoring, apart: RestoredApart | None = None) -> str:
    row = _row(draft)
    tried = None if row is None else row.backup_restored_at
    on_server = [role.value for role in OFFICERS if row is not None and role.value in row.keys_held.split()]
    held = len(on_server) == len(OFFICERS)
    said = {"prepared": row is not None, "tried": tried, "held": held, "on_server": on_server, "trial": form}
    given = {"form": apart or form, "apart": apart or RestoredApart(formdata=None)}
    return draft_page(draft, "backup", following=next_before_sealing(draft), **given, **said)


def _row(draft: Draft) -> ProgrammeRow | None:
    with reading(surroundings().engine) as session:
        return find_programme(session, draft.id)


@preparing.get("/office/ballots/<programme>/preflight")
@allow(AccessRule.STAFF, *READERS)
def preflight_page(programme: str) -> str:
    """Every check, with those that block first."""
    here, draft = surroundings(), the_draft(programme)
    if is_sealed(here.engine, draft.id):
        return draft_page(draft, "preflight", checks=[], clear=True, sealed=True)
    checks = checks_of(draft)
    return draft_page(draft, "preflight", checks=checks, clear=is_clear(checks), page_of=page_of_check)
