"""The registrar's own page: unlock the worker, so that it sends voting links; and back up the vault and its keys."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ballot.db.session import transaction
from ballot.office.activity import Activity, Downloaded, KeyRefusedOnPage, WorkerLockChanged, note_act
from ballot.office.post.unlocking import WorkerState, lock_worker, unlock_worker, worker_state
from ballot.office.staff.roles import StaffRole
from ballot.protocol.hashing import sha256_hex
from ballot.record.keys import Role
from ballot.registrar.errors import KeyRefused
from ballot.registrar.files import read_private
from ballot.registrar.keyring import VAULT, has_passphrase, private_path
from ballot.web.access import AccessRule, allow
from ballot.web.forms import Form, SubmitField
from ballot.web.office.keys import passphrase_field, who
from ballot.web.stage import surroundings

vault = Blueprint("vault", __name__)


class Unlocking(Form):
    """Both of the registrar's passphrases."""

    registrar = passphrase_field(
        "the registrar's key", "It signs each link. The worker keeps the key until you lock it"
    )
    vault = passphrase_field("the vault", "The vault holds the credential that each link carries")
    send = SubmitField("Unlock")


@vault.get("/office/vault")
@allow(AccessRule.STAFF, StaffRole.REGISTRAR)
def page() -> ResponseReturnValue:
    """Whether voting links are being sent, and the files to back up."""
    return _page(Unlocking(formdata=None))


@vault.post("/office/vault/unlock")
@allow(AccessRule.STAFF, StaffRole.REGISTRAR, recent=True)
def unlock() -> ResponseReturnValue:
    """Hand the passphrases to the worker, which opens the keys."""
    form = Unlocking()
    if form.validate_on_submit():
        try:
            state = unlock_worker(surroundings().config.instance, form.registrar.data or "", form.vault.data or "")
            if state is WorkerState.UNLOCKED:
                _note(WorkerLockChanged("unlocked"))
                return redirect(url_for(".page"), 303)
            form.form_errors.append("No worker answered. Ask the person who runs the server to start it")
        except KeyRefused as refusal:
            _note(KeyRefusedOnPage(VAULT))
            form.form_errors.append(refusal.sentence)
    return _page(form), 400


@vault.post("/office/vault/lock")
@allow(AccessRule.STAFF, StaffRole.REGISTRAR)
def lock() -> ResponseReturnValue:
    """Make the worker forget the voting links."""
    lock_worker(surroundings().config.instance)
    _note(WorkerLockChanged("locked"))
    return redirect(url_for(".page"), 303)


@vault.post("/office/vault/download")
@allow(AccessRule.STAFF, StaffRole.REGISTRAR, recent=True)
def download() -> ResponseReturnValue:
    """One of the files, encrypted as it is on the disk."""
    path = _files().get(request.form.get("what", "")) or abort(404)
    data = read_private(path)
    _note(Downloaded(request.form["what"]))
    named = {"Content-Disposition": f'attachment; filename="{path.name}"'}
    return Response(data, mimetype="application/octet-stream", headers=named)


def _files() -> dict[str, Path]:
    """What can be downloaded. A key without a passphrase cannot: the file alone would open everything."""
    config = surroundings().config
    found = {"vault": config.instance / "registrar.vault"}
    found |= {f"{name} key": private_path(config.keys, name) for name in (VAULT, Role.REGISTRAR.value)}
    return {
        what: path
        for what, path in found.items()
        if path.exists() and (what == "vault" or has_passphrase(config.keys, path.stem))
    }


def _page(form: Unlocking) -> str:
    files = {what: (path.name, sha256_hex(read_private(path))) for what, path in _files().items()}
    state = worker_state(surroundings().config.instance)
    return render_template("office/registrar/vault.html", form=form, state=state.value, files=files)


def _note(what: Activity) -> None:
    here = surroundings()
    with transaction(here.engine) as session:
        note_act(session, here.clock(), who(), what)
