"""The trustees' pages on the server's side: who may see what, and whose part is refused."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from ballot.config import Config
from ballot.db.activity import ActivityFilter, list_activity
from ballot.db.notices import list_notices
from ballot.db.staff import find_account
from ballot.mail.settings import MaildirSettings, MailSettings
from ballot.office.next_steps import OfficePlaces, StepKind, progress_of
from ballot.office.post.notices import Due
from ballot.office.setup.ceremony import WORDS, Step, read_ceremony
from ballot.office.setup.draft import Draft
from ballot.office.staff.accounts import seat_trustee
from ballot.office.staff.roles import StaffRole
from ballot.protocol.canonical import write_json
from ballot.web.app import create_app
from ballot.web.stage import AppSurroundings
from tests.integration.office.world import CLOSES, World, write_folder
from tests.support.vectors.ceremonies import ceremony_vector
from tests.web.conftest import a_world, make_app
from tests.web.staff import a_door, staff_client, token_of

HERE = "/office/trustee/merger"
RESTART = "/office/ballots/merger/ceremony/restart"
VECTOR = MappingProxyType(ceremony_vector(2, 3))
PARTS = {Step.CERTIFICATE: "certificates", Step.POLYNOMIAL: "polynomials", Step.VOUTPUT: "voutputs"}


class Site:
    """The trustees' clients, by number, and an officer's."""

    def __init__(self, app: Flask, world: World) -> None:
        self.world = world
        self.draft = Draft(world.folder / "config" / "merger")
        self.trustees: dict[int, FlaskClient] = {}
        for number in (1, 2, 3):
            login = f"trustee{number}@example.org"
            self.trustees[number] = staff_client(app, world, StaffRole.TRUSTEE, login)
            seat_trustee(a_door(world), login, "merger", number)
        self.tokens = {number: token_of(client) for number, client in self.trustees.items()}
        self.stranger = staff_client(app, world, StaffRole.TRUSTEE, "stranger@example.org")
        self.officer = staff_client(app, world, StaffRole.RETURNING_OFFICER)

    def give(self, number: int, step: str, **fields: Any) -> TestResponse:
        sent = {"csrf_token": self.tokens[number], **fields}
        return self.trustees[number].post(f"{HERE}/{step}", data=sent)

    def give_part(self, number: int, step: Step, part: str | None = None, **fields: Any) -> TestResponse:
        written = VECTOR[PARTS[step]][number - 1] if part is None else part
        if step is Step.POLYNOMIAL:
            fields = {"compared": "y", "fingerprint": self.fingerprint, **fields}
        return self.give(number, step.value, part=written, **fields)

    @property
    def fingerprint(self) -> str:
        return str(read_ceremony(self.world.engine, self.draft).fingerprint)

    def hold(self, *steps: Step) -> None:
        for step in steps:
            for number in self.trustees:
                assert self.give_part(number, step).status_code == 303, (step, number)

    def try_keys(self, *numbers: int) -> None:
        for number in numbers:
            assert self.give(number, "practice", part=VECTOR["practices"][number - 1]).status_code == 303


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with a_world(tmp_path) as world:
        write_folder(tmp_path / "config" / "merger", "merger", "final")
        yield Site(make_app(world), world)


WHOLE = (Step.CERTIFICATE, Step.POLYNOMIAL, Step.VOUTPUT)


def test_a_ceremony_in_parts_of_both_ways_leaves_the_key_in_the_folder_and_every_trustee_s_files(site: Site) -> None:
    site.hold(*WHOLE)
    site.try_keys(1, 2, 3)

    assert (site.draft.folder / "trustees.json").read_text().strip() == VECTOR["parameters"]
    for name, text in (
        ("certificates.json", f"[{','.join(VECTOR['certificates'])}]"),
        ("vinput-2.json", VECTOR["vinputs"][1]),
        ("dkey-2.json", json.dumps(json.loads(VECTOR["voutputs"][1])["private_key"])),
        ("parameters.json", VECTOR["parameters"]),
    ):
        answer = site.trustees[2].get(f"{HERE}/files/{name}")
        assert answer.text == text, name
    assert site.trustees[2].get(f"{HERE}/files/dkey-1.json").status_code == 404
    assert "Nothing to do now" in site.trustees[2].get(HERE).text
    page = site.officer.get("/office/ballots/merger/ceremony").text
    assert page.count("Done, ") == 12
    with site.world.reading() as session:
        told = [
            row
            for row in list_activity(session, ActivityFilter(act="uploaded"), 99)
            if row.actor.startswith("trustee2")
        ]
    kinds = [json.loads(row.details)["kind"] for row in told]
    assert sorted(kinds) == [f"ceremony-{step}" for step in ("certificate", "polynomial", "practice", "voutput")]


def test_who_has_no_seat_is_let_nowhere(site: Site) -> None:
    for path in (HERE, f"{HERE}/files/certificates.json", f"{HERE}/count/00A", "/office/trustee/other"):
        assert site.stranger.get(path).status_code == 404
    sent = {"csrf_token": token_of(site.stranger), "part": VECTOR["certificates"][0]}
    assert site.stranger.post(f"{HERE}/certificate", data=sent).status_code == 404
    assert site.officer.get(HERE).status_code == 403
    assert "not a trustee of any ballot" in site.stranger.get("/office/trustee").text
    assert HERE in site.trustees[1].get("/office/trustee").text
    assert site.give(1, "unknown").status_code == 404


def changed(written: str, *path: Any, value: Any) -> str:
    whole = json.loads(written)
    at = whole
    for name in path[:-1]:
        at = at[name]
    at[path[-1]] = value
    return write_json(whole).decode()


OF_ANOTHER = {
    Step.CERTIFICATE: VECTOR["certificates"][2],
    Step.POLYNOMIAL: VECTOR["polynomials"][2],
    Step.VOUTPUT: VECTOR["voutputs"][2],
}
NUDGED = {
    Step.CERTIFICATE: changed(VECTOR["certificates"][1], "signature", "response", value="1"),
    Step.POLYNOMIAL: changed(VECTOR["polynomials"][1], "signature", "response", value="1"),
    Step.VOUTPUT: changed(VECTOR["voutputs"][1], "public_key", "pok", "response", value="1"),
}


@pytest.mark.parametrize("step", WHOLE)
def test_a_trustee_who_cheats_is_named_and_nothing_is_kept(site: Site, step: Step) -> None:
    site.hold(*WHOLE[: WHOLE.index(step)])
    site.give_part(1, step)
    name = WORDS[step]
    for part in (OF_ANOTHER[step], NUDGED[step], "{}", "not json", f" {NUDGED[step]} "):
        answer = site.give_part(2, step, part)
        assert answer.status_code == 400
        assert f"The {name} of Two is not valid" in answer.text, part
    assert not read_ceremony(site.world.engine, site.draft).has(step, 2)
    assert site.give_part(2, step).status_code == 303
    assert site.give_part(2, step).status_code == 303, "the same again is not an error"
    answer = site.give_part(2, step, OF_ANOTHER[step])
    assert (answer.status_code, f"Two has already handed in a {name}" in answer.text) == (400, True)


SAVED_AGAIN = {
    "a byte order mark and a line end of Windows": ("\ufeff", "\r\n"),
    "blanks and empty lines": (" \n", " \t\r\n\r\n"),
}


@pytest.mark.parametrize("around", SAVED_AGAIN.values(), ids=SAVED_AGAIN.keys())
@pytest.mark.parametrize("way", ["a file", "the page's field"])
def test_a_part_that_was_saved_again_on_its_way_is_kept_as_it_was_made(
    site: Site, around: tuple[str, str], way: str
) -> None:
    before, after = around
    for step in (*WHOLE, Step.TRIAL_DECRYPTION):
        for number in site.trustees:
            made = VECTOR["practices" if step is Step.TRIAL_DECRYPTION else PARTS[step]][number - 1]
            saved = f"{before}{made}{after}"
            for time in ("once", "the same again"):
                sent = {"compared": "y", "fingerprint": site.fingerprint} if step is Step.POLYNOMIAL else {}
                sent |= {"file": (io.BytesIO(saved.encode()), "part.json")} if way == "a file" else {"part": saved}
                assert site.give(number, step.value, **sent).status_code == 303, (step, number, time)

    kept = read_ceremony(site.world.engine, site.draft).parts
    assert {row.body.decode() for row in kept.values()} >= {*VECTOR["certificates"], *VECTOR["polynomials"]}
    assert (site.draft.folder / "trustees.json").read_text().strip() == VECTOR["parameters"]


def test_a_part_that_cannot_be_mended_is_refused_with_what_to_do(site: Site) -> None:
    made = VECTOR["certificates"][0]
    for saved, told in ((made.encode("utf-16"), "saved as UTF-16"), (made[:70].encode() + b"\r\n", "is not valid")):
        answer = site.give(1, "certificate", file=(io.BytesIO(saved), "part.json"))
        assert (answer.status_code, told in answer.text) == (400, True)
    broken = site.give(1, "certificate", part=f"{made[:70]}\r\n{made[70:]}")
    assert (broken.status_code, "broken into lines" in broken.text) == (400, True)


def test_a_step_waits_for_everybody_and_the_fingerprint_must_be_compared(site: Site) -> None:
    site.give_part(1, Step.CERTIFICATE)
    early = site.give(1, "polynomial", part=VECTOR["polynomials"][0], compared="y", fingerprint="x")
    assert "not the next step" in early.text
    site.give_part(2, Step.CERTIFICATE)
    site.give_part(3, Step.CERTIFICATE)
    unticked = site.give(1, "polynomial", part=VECTOR["polynomials"][0], fingerprint=site.fingerprint)
    assert (unticked.status_code, "tick the box" in unticked.text) == (400, True)
    other = site.give_part(1, Step.POLYNOMIAL, fingerprint="0" * 64)
    assert (other.status_code, "who sees which certificates" in other.text) == (400, True)
    for empty in ("", " ", "x" * (2**21 + 1)):
        assert "Nothing was handed in" in site.give_part(1, Step.POLYNOMIAL, empty).text or empty == " "
    assert site.give_part(1, Step.POLYNOMIAL).status_code == 303
    assert "the other trustees have done theirs" in site.trustees[1].get(HERE).text


def test_a_complaint_names_both_stops_everybody_and_is_ended_by_beginning_again(site: Site) -> None:
    site.hold(Step.CERTIFICATE, Step.POLYNOMIAL)
    site.give_part(3, Step.VOUTPUT)
    assert site.give(1, "complaint", about="1", word="secret").status_code == 400, "about oneself"
    assert site.give(1, "complaint", about="2", word="<b>").status_code == 400
    assert site.give(1, "complaint", about="2", word="secret").status_code == 303

    for client, path in ((site.trustees[3], HERE), (site.officer, "/office/ballots/merger/ceremony")):
        told = client.get(path).text
        assert "One could not use the part that Two sent" in told
    assert "must begin again" in site.give_part(2, Step.VOUTPUT).text
    again = {"csrf_token": token_of(site.officer)}
    assert site.officer.post("/office/ballots/merger/ceremony/restart", data=again).status_code == 303
    assert not read_ceremony(site.world.engine, site.draft).parts
    site.hold(*WHOLE)


def test_beginning_again_asks_first_and_says_what_is_lost_and_whom_nobody_tells(site: Site) -> None:
    site.give_part(1, Step.CERTIFICATE)
    page = site.officer.get(RESTART).text
    assert "Everything that One handed in is deleted." in page
    assert "Tell them yourself: 1. One, 2. Two, 3. Three." in page
    assert read_ceremony(site.world.engine, site.draft).parts


def test_trustees_whose_key_is_thrown_away_are_told_by_e_mail(tmp_path: Path) -> None:
    with a_world(tmp_path) as world:
        write_folder(tmp_path / "config" / "merger", "merger", "final")
        mail = MailSettings(
            "b@example.org", "", "h@example.org", "b@example.org", None, 60, MaildirSettings(tmp_path / "mail")
        )
        config = Config("", world.instance, "vote.example.org", tmp_path / "config", world.keys, mail=mail)
        app = create_app(AppSurroundings(config, world.engine, world.clock, world.board, a_door(world)))
        site = Site(app, world)
        site.hold(*WHOLE)
        page = site.officer.get(RESTART).text
        assert "We tell these trustees by e-mail: trustee1@example.org, trustee2@example.org" in page
        assert "The key that the trustees made is deleted." in page

        assert site.officer.post(RESTART, data={"csrf_token": token_of(site.officer)}).status_code == 303

        sent = [message.read_text() for message in (tmp_path / "mail" / "new").iterdir()]
        assert len(sent) == 3
        assert all("Subject: [Rehearsal] Make your trustee's key again: A merger" in message for message in sent)
        assert all("https://vote.example.org/office/trustee/merger" in message for message in sent)

        # No notice follows that says the same again.
        places = OfficePlaces(world.engine, tmp_path / "config", tmp_path / "records")
        progress = progress_of(places, "merger", world.clock(), sees_who_voted=False)
        waiting = [step for step in progress.steps if step.kind is StepKind.CEREMONY]
        with world.reading() as session:
            told = {row.name: row.state for row in list_notices(session, ["merger"])}
            accounts = [find_account(session, f"trustee{number}@example.org") for number in (1, 2, 3)]
        due = [
            Due(account.id, "", "", progress, step) for account, step in zip(accounts, waiting, strict=True) if account
        ]
        assert told == {each.key: "sent" for each in due}
        assert len(told) == 3


def test_a_practice_is_one_s_own_and_of_this_key(site: Site) -> None:
    assert "The trustees have no key yet" in site.give(1, "practice", part=VECTOR["practices"][0]).text
    site.hold(*WHOLE)
    for part in (
        VECTOR["practices"][1],
        changed(VECTOR["practices"][0], "proof", "response", value="1"),
        changed(VECTOR["practices"][0], "practice", value=4),
        changed(VECTOR["practices"][0], "factor", value=json.loads(VECTOR["practices"][1])["factor"]),
    ):
        assert site.give(1, "practice", part=part).status_code == 400
    site.try_keys(1)
    assert "Nothing to do now" in site.trustees[1].get(HERE).text
    assert "Trial decryption: show" in site.trustees[2].get(HERE).text


def test_who_the_trustees_are_stays_once_they_have_begun(site: Site) -> None:
    part, token = "/office/ballots/merger/trustees", token_of(site.officer)

    def change(threshold: str) -> TestResponse:
        return site.officer.post(part, data={"csrf_token": token, "names": "One\nTwo\nThree", "threshold": threshold})

    assert change("3").status_code == 303
    assert change("2").status_code == 303
    site.give_part(1, Step.CERTIFICATE)
    assert change("2").status_code == 303, "as it was"
    answer = change("3")
    assert (answer.status_code, "begun their ceremony" in answer.text) == (400, True)


def test_a_key_made_by_files_alone_is_tried_and_not_made_twice(site: Site) -> None:
    (site.draft.folder / "trustees.json").write_text(VECTOR["parameters"])
    page = site.trustees[1].get(HERE).text
    assert ("Trial decryption: show" in page, "Step 1" in page, "Your dkey file" in page) == (True, False, True)
    assert "already made their key" in site.give_part(1, Step.CERTIFICATE).text
    site.try_keys(1)
    token = {"csrf_token": token_of(site.officer)}
    assert "Begin the ceremony again" in site.officer.get("/office/ballots/merger/ceremony").text
    assert site.officer.post("/office/ballots/merger/ceremony/restart", data=token).status_code == 303
    assert site.give_part(1, Step.CERTIFICATE).status_code == 303


def test_once_prepared_nobody_begins_again(site: Site) -> None:
    site.world.programme_folder = site.draft.folder
    site.world.prepare()
    again = {"csrf_token": token_of(site.officer)}
    assert site.officer.post("/office/ballots/merger/ceremony/restart", data=again).status_code == 409
    assert "Begin the ceremony again" not in site.officer.get("/office/ballots/merger/ceremony").text


def test_a_trustee_reads_that_a_closing_is_not_recorded_yet(tmp_path: Path) -> None:
    with a_world(tmp_path) as world:
        write_folder(tmp_path / "config" / "merger", "merger", "final")
        world.open()
        login = "trustee1@example.org"
        world.clock.now = CLOSES
        client = staff_client(make_app(world), world, StaffRole.TRUSTEE, login)
        seat_trustee(a_door(world), login, "merger", 1)
        assert "The closing is not recorded yet for NHS 00A CCG" in client.get(HERE).text
        world.close()
        assert "not recorded yet" not in client.get(HERE).text
