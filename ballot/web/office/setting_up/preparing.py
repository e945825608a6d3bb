"""From the files to a draft: prepare it, back up the server's own keys, and try whether the backup can be restored."""

from __future__ import annotations

from flask import Blueprint, Response, url_for
from flask.typing import ResponseReturnValue
from werkzeug.utils import redirect

from ballot.constitution.errors import ConstitutionError
from ballot.db.programmes import ProgrammeRow, find_programme
from ballot.db.session import reading, transaction
from ballot.office.activity import ActPlace, Downloaded, note_act
from ballot.office.errors import Refusal, Refused
from ballot.office.sealed import GROUP
from ballot.office.setup.draft import TRUSTEES, Draft, read_folder
from ballot.office.setup.parts import read_roll
from ballot.office.setup.prepare import Installation, prepare
from ballot.office.setup.server_keys import make_backup, try_backup
from ballot.office.setup.tasks import is_complete
from ballot.office.staff.roles import OFFICERS, StaffRole
from ballot.protocol.canonical import as_sent, parse_json
from ballot.protocol.errors import InvalidMessage
from ballot.protocol.trustees import ThresholdParameters
from ballot.record.keys import Role, SigningKey
from ballot.registrar.errors import KeyRefused
from ballot.registrar.keyring import read_public_keys
from ballot.roll.problems import InvalidRoll
from ballot.web import forms
from ballot.web.access import AccessRule, allow
from ballot.web.office.keys import open_key, passphrase_field, the_desk, who
from ballot.web.office.session import the_door
from ballot.web.office.setting_up.pages import draft_page, the_draft, uploaded
from ballot.web.stage import surroundings

preparing = Blueprint("preparing", __name__)


class Preparing(forms.Form):
    """The returning officer's signature."""

    passphrase = passphrase_field("your signing key", "It signs that the ballot was prepared. We do not keep it")
    send = forms.SubmitField("Prepare the ballot")


class Restoring(forms.Form):
    """Try the backup, with both officers at one desk."""

    backup = forms.FileField(
        "The backup file", description="Take it from where you keep it, not from your downloads folder"
    )
    officer = passphrase_field("the returning officer's key", "The returning officer types it")
    deputy = passphrase_field("the deputy's key", "The deputy types it")
    send = forms.SubmitField("Test the backup")


@preparing.route("/office/ballots/<programme>/prepare", methods=["GET", "POST"])
@allow(AccessRule.STAFF, StaffRole.RETURNING_OFFICER, recent=True)
def prepare_it(programme: str) -> ResponseReturnValue:
    """Copy the files into the database, and make the server's own keys."""
    draft, form = the_draft(programme), Preparing()
    if form.validate_on_submit() and (key := open_key(Role.RETURNING_OFFICER, form.passphrase)) is not None:
        try:
            _prepare(draft, key)
            return redirect(url_for("setting_up.task_list", programme=programme), 303)
        except (Refused, KeyRefused) as fault:
            form.form_errors.append(fault.sentence)
        except ConstitutionError as fault:
            form.form_errors.append(str(fault).replace(f"{draft.folder}/", ""))
        except InvalidRoll as fault:
            form.form_errors.append(str(fault).splitlines()[0])
        except InvalidMessage as fault:
            form.form_errors.append(f"{TRUSTEES} is not as expected: {fault.detail}.")
    said = {"prepared": _row(draft) is not None, "complete": is_complete(draft)}
    return draft_page(draft, "prepare", form=form, **said), 400 if form.errors else 200


def _prepare(draft: Draft, officer: SigningKey) -> None:
    """As `ballot office prepare` does with the files of the folder."""
    config, data = surroundings().config, draft.read(TRUSTEES)
    files = read_folder(draft.folder)
    roll = read_roll(draft, files)
    if roll is None or data is None or files.programme.id != draft.id:
        raise Refused(Refusal.NOT_READY, "Not every set-up task is done. See the task list.")
    parameters = ThresholdParameters.from_json(GROUP, parse_json(as_sent(data)))
    installation = Installation(config.board, config.instance, the_door().storage)
    prepare(the_desk(), installation, draft.folder, roll, parameters, read_public_keys(config.keys), officer)


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
    draft, form = the_draft(programme), Restoring()
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


def _backup_page(draft: Draft, form: Restoring) -> str:
    row = _row(draft)
    tried = None if row is None else row.backup_restored_at
    return draft_page(draft, "backup", form=form, prepared=row is not None, tried=tried)


def _row(draft: Draft) -> ProgrammeRow | None:
    with reading(surroundings().engine) as session:
        return find_programme(session, draft.id)
