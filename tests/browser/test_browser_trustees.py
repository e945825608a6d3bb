"""Three trustees, two on the page and one offline, from the keys to the total that they decrypt together."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from ballot.db.ballots import list_ballots
from ballot.db.shares import list_shares
from ballot.office.acts.membership import Strike
from ballot.office.acts.sealing import Seal
from ballot.office.desk import Why
from ballot.office.perform import perform
from ballot.office.setup.draft import TRUSTEES
from ballot.office.setup.prepare import prepare
from ballot.office.staff.accounts import seat_trustee
from ballot.office.staff.roles import StaffRole
from ballot.office.tally import SERVER, to_decrypt
from ballot.protocol.canonical import parse_json
from ballot.protocol.group import element_text
from ballot.protocol.hashing import sha256_hex
from ballot.protocol.trustees import ThresholdParameters
from ballot.record.moves import ReasonCode
from ballot.registrar.keyring import read_public_keys
from tests.browser.barriers import barriers, faults_in_every_window
from tests.browser.conftest import served
from tests.browser.office_site import Office, office_app, sign_in
from tests.browser.watch import Watch
from tests.integration.office.replay import replay
from tests.integration.office.world import OPENS, World, write_folder
from tests.support.simulator import AGAINST, FOR, G
from tests.web.conftest import a_world
from tests.web.staff import a_door, enrolled, staff_client

ROOT = Path(__file__).resolve().parents[2]
PASSPHRASE = "five words nobody would combine"


@dataclass
class Trustee:
    """Somebody at a page of their own, with a folder of their own."""

    number: int
    page: Page
    folder: Path
    base: str
    watch: Watch = field(default_factory=Watch)

    @property
    def key(self) -> Path:
        return self.folder / "my.key"

    def go(self, path: str = "") -> None:
        self.page.goto(f"{self.base}/office/trustee/merger{path}")

    def look(self, name: str) -> None:
        """No barrier, nothing too wide, at a desk and on a phone; a picture of each."""
        assert faults_in_every_window(self.page, f"trustee-{name}") == []

    def open_key(self, passphrase: str = PASSPHRASE) -> None:
        self.page.get_by_label("Your key file").set_input_files(self.key)
        self.page.get_by_label("Its passphrase").fill(passphrase)

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name).click()

    @property
    def fault(self) -> Locator:
        return self.page.locator("form[data-act] [data-fault]")

    def holds(self) -> None:
        expect(self.page.get_by_text("We checked what you handed in, and it is valid.")).to_be_visible()

    def make_key(self) -> None:
        self.page.get_by_label("Choose a passphrase").fill(PASSPHRASE)
        self.page.get_by_label("The same passphrase again").fill(PASSPHRASE)
        with self.page.expect_download() as download:
            self.press("Make my key file and save it")
        assert download.value.suggested_filename == f"trustee-key-merger-{self.number}.json"
        download.value.save_as(self.key)

    def fetch(self, name: str) -> Path:
        """A file of this trustee's, as the page offers it."""
        answer = self.page.request.get(f"{self.base}/office/trustee/merger/files/{name}")
        assert answer.ok
        (self.folder / name).write_bytes(answer.body())
        return self.folder / name

    def offline(self, *arguments: object) -> str:
        """The stand-alone tool, in a process that has none of the server's packages at hand."""
        nobody = subprocess.DEVNULL
        environment = {"PATH": os.environ["PATH"], "BALLOT_PASSPHRASE_TRUSTEE": PASSPHRASE}
        command = [sys.executable, ROOT / "scripts" / "trustee.py", *map(str, arguments)]
        ran = subprocess.run(
            command, env=environment, cwd=self.folder, check=True, capture_output=True, text=True, stdin=nobody
        )
        return ran.stdout

    def hand_in(self, file: str, path: str = "") -> None:
        field = self.page.get_by_label("The file that you made offline")
        if not field.is_visible():
            self.page.get_by_text("I made this offline and have a file").click()
        field.set_input_files(self.folder / file)
        self.press("Hand in the file")


@pytest.fixture
def trustees(chromium: Browser, tmp_path: Path) -> Iterator[tuple[World, list[Trustee]]]:
    """An installation with a ballot that is being set up, and three trustees who have signed in."""
    with a_world(tmp_path) as world, served(office_app(world)) as base:
        write_folder(tmp_path / "config" / "merger", "merger", "final", ("00A", "00B"))
        world.programme_folder, world.ccgs = tmp_path / "config" / "merger", ("00A", "00B")
        world.roll = type(world.roll)(("00A", "00B"), tuple(m for m in world.roll.members if m.ccg in ("00A", "00B")))
        office = Office(base.replace("127.0.0.1", "localhost"), world)
        found = []
        for number in (1, 2, 3):
            person = enrolled(world, StaffRole.TRUSTEE, f"trustee{number}@example.org")
            seat_trustee(a_door(world), person.login, "merger", number)
            folder = tmp_path / f"trustee-{number}"
            folder.mkdir()
            page = chromium.new_context(accept_downloads=True).new_page()
            page.set_default_timeout(20_000)
            trustee = Trustee(number, page, folder, office.base)
            trustee.watch.over(page)
            sign_in(page, office, person)
            found.append(trustee)
        yield world, found
        for trustee in found:
            trustee.page.context.close()
            assert trustee.watch.faults() == []


def test_two_trustees_in_the_page_and_one_offline_decrypt_a_total_together(
    trustees: tuple[World, list[Trustee]],
) -> None:
    world, (one, two, three) = trustees

    # Step 1. A wrong passphrase is told, and nothing is sent; the third works offline and hands in a file.
    for trustee in (one, two):
        if trustee is one:
            one.page.goto(f"{one.base}/office/trustee")
            one.look("programmes")
        trustee.go()
        if trustee is one:
            trustee.look("certificate")
            one.page.get_by_label("Choose a passphrase").fill("short")
            one.press("Make my key file and save it")
            expect(one.page.locator("[data-make] [data-fault]")).to_contain_text("15 characters")
        trustee.make_key()
        trustee.open_key("another passphrase")
        trustee.press("hand in my certificate")
        expect(trustee.fault).to_contain_text("The passphrase does not open")
        trustee.open_key()
        trustee.press("hand in my certificate")
        trustee.holds()
    place = ("--number", 3, "--of", 3, "--threshold", 2)
    three.offline("certificate", *place, "--key", three.key, "--out", "certificate.json")
    three.go()
    three.watch.expect("status of 400")
    (three.folder / "spoilt.json").write_text((three.folder / "certificate.json").read_text().replace("3", "4", 1))
    three.hand_in("spoilt.json")
    expect(three.page.get_by_role("alert").first).to_contain_text("The certificate of Three is not valid")
    three.hand_in("certificate.json")
    three.holds()

    # Step 2. Nobody goes on without having compared the fingerprint.
    for trustee in (one, two):
        trustee.go()
        trustee.open_key()
        trustee.press("send the others their parts")
        expect(trustee.fault).to_contain_text("Compare the fingerprint")
        if trustee is one:
            trustee.look("polynomial")
            wrong_files_are_named(one, two)
        trustee.page.get_by_label("Every other trustee read out").check()
        trustee.open_key()
        trustee.press("send the others their parts")
        trustee.holds()
    three.go()
    told = three.page.locator(".app-fingerprint").first.inner_text()
    certificates = three.fetch("certificates.json")
    three.offline("polynomial", certificates, "--key", three.key, "--fingerprint", told, "--out", "polynomial.json")
    three.page.get_by_label("Every other trustee read out").check()
    three.hand_in("polynomial.json")
    three.holds()

    # Step 3.
    for trustee in (one, two):
        trustee.go()
        trustee.open_key()
        if trustee is one:
            trustee.look("public-key")
            a_part_that_does_not_hold(one)
        trustee.press("check the parts")
        trustee.holds()
    vinput = three.fetch("vinput-3.json")
    three.offline("voutput", certificates, vinput, "--key", three.key, "--out", "voutput.json")
    three.go()
    three.hand_in("voutput.json")
    three.holds()

    # The officer sees how far everybody is.
    officer = Trustee(0, one.page.context.browser.new_context().new_page(), one.folder, one.base)  # type: ignore[union-attr]
    officer.watch.over(officer.page)
    sign_in(officer.page, Office(one.base, world), enrolled(world, StaffRole.RETURNING_OFFICER))
    officer.page.goto(f"{one.base}/office/ballots/merger/ceremony")
    officer.look("progress")
    officer.page.context.close()
    assert officer.watch.faults() == []

    # Practice, without which nothing is sealed.
    for trustee in (one, two):
        trustee.go()
        if trustee is one:
            trustee.look("practice")
        trustee.open_key()
        trustee.press("make the trial decryption")
        trustee.holds()
    parameters, dkey = three.fetch("parameters.json"), three.fetch("dkey-3.json")
    three.offline("practice", parameters, "--key", three.key, "--dkey", dkey, "--out", "practice.json")
    three.go()
    three.hand_in("practice.json")
    three.holds()

    # The ballot, with the key that they made.
    made = parse_json((world.programme_folder / TRUSTEES).read_bytes().strip())
    keys = read_public_keys(world.keys)
    roll, parts = world.roll, ThresholdParameters.from_json(G, made)
    prepare(world.desk, world.installation, world.programme_folder, roll, parts, keys, world.officer)
    world.make_backup().issue()
    perform(world.desk, "merger", Seal(), world.two)
    world.clock.now = OPENS
    for link, vote in zip(world.links(), (FOR, FOR, AGAINST), strict=False):
        assert world.cast(link, world.ballot(link, vote)).status == 200
    struck = world.links()[3].practice
    perform(world.desk, "merger", Strike("00A", struck), world.two, Why(ReasonCode.PRACTICE_CLOSED))
    for ccg in world.ccgs:
        world.close(ccg)
        world.give(ccg, SERVER)

    # The count: one in the page, which recomputes both totals; a share that does not hold; then the third, offline.
    office = Office(one.base, world)
    for trustee, path in ((one, "/count"), (three, "/count/00A")):
        sign_in_again(trustee, office)
        trustee.go(path)
    one.open_key()
    one.press("Download and check the ballots")
    expect(one.page.get_by_text("3 of 3 that could be cast")).to_be_visible()
    expect(one.page.get_by_text("1 of the 4 practices on the list")).to_be_visible()
    expect(one.page.locator("[data-rows] dl").first).not_to_contain_text("count for")
    expect(one.page.locator("[data-rows] dl").last).to_contain_text("0 practices and 0 weighted votes")
    one.press("Decrypt these totals")
    expect(one.fault).to_contain_text("Compare every SHA-256 with the other trustees first")
    one.look("count")
    one.page.get_by_label("For every total, the other trustees read out the same").check()
    one.press("Decrypt these totals")
    one.holds()
    one.look("own")
    share = one.page.evaluate("() => localStorage.getItem('ballot-trustee-decrypted')")
    totals = [sha256_hex(to_decrypt(world.desk, "merger", ccg).encrypted_tally) for ccg in world.ccgs]
    assert list(json.loads(share).values()) == totals
    with world.reading() as session:
        ballots = list_ballots(session, "merger")
        given = [(ballot.ccg, [share.owner for share in list_shares(session, ballot.id)]) for ballot in ballots]
    assert given == [("00A", [SERVER, 2]), ("00B", [SERVER, 2])]

    # The second decrypted another total of this election before, with this key and in this browser: no second one.
    sign_in_again(two, office)
    two.go("/count/00A")
    X = parts.verification_keys[1].public_key
    memory = {f"{world.election().uuid} {element_text(X)}": "0" * 64}
    two.page.evaluate("(kept) => localStorage.setItem('ballot-trustee-decrypted', kept)", json.dumps(memory))
    two.open_key()
    two.press("Download and check the ballots")
    expect(two.fault).to_contain_text("this browser has already decrypted another total of NHS 00A CCG")
    expect(two.page.get_by_role("button", name="Decrypt this total")).to_be_hidden()

    archive = three.folder / "00A.bel"
    archive.write_bytes(three.page.request.get(f"{three.base}/api/programmes/merger/00A/election.bel").body())
    said = three.offline("decrypt", archive, "--key", three.key, "--dkey", dkey, "--out", "share.json")
    assert "Ballots in the total: 3 of 4 that could be cast" in said
    value = json.loads((three.folder / "share.json").read_text())
    value["partial_decryption"]["decryption_factors"][0].reverse()
    (three.folder / "bad.json").write_text(json.dumps(value, separators=(",", ":")))
    three.watch.expect("status of 400")
    three.hand_in("bad.json")
    expect(three.page.get_by_role("alert").first).to_contain_text("The share of Three is not valid")
    three.look("count-refused")
    three.hand_in("share.json")
    three.holds()
    assert replay(world.archive()).result == ((2, 1, 0),)


def wrong_files_are_named(one: Trustee, two: Trustee) -> None:
    """Another trustee's key file, and a file that is no key file: the page says which it is, and which is expected."""
    one.page.get_by_label("Every other trustee read out").check()
    public = one.fetch("certificates.json")
    for file, says in (
        (two.key, f"{two.key.name} is the key file of trustee 2. Choose yours, trustee-key-merger-1.json."),
        (public, "certificates.json is not your key file, trustee-key-merger-1.json: it is the certificates"),
    ):
        one.page.get_by_label("Your key file").set_input_files(file)
        one.page.get_by_label("Its passphrase").fill(PASSPHRASE)
        one.press("send the others their parts")
        expect(one.fault).to_contain_text(says)


def a_part_that_does_not_hold(one: Trustee) -> None:
    """The server hands on something else than the second trustee sealed to this one: its page names that trustee."""
    address = f"{one.base}/office/trustee/merger/files/vinput-1.json"
    vinput = one.page.request.get(address).json()
    vinput["secrets"][1] = vinput["secrets"][2]
    one.page.route(address, lambda route: route.fulfill(body=json.dumps(vinput, separators=(",", ":"))))
    one.press("check the parts")
    expect(one.fault).to_contain_text("Trustee 2: a message is not signed by the trustee it should come from")
    expect(one.page.get_by_label("Whose part is not valid")).to_have_value("2")
    expect(one.page.get_by_role("button", name="Stop the ceremony")).to_be_visible()
    assert barriers(one.page) == []
    one.page.unroute(address)


def sign_in_again(trustee: Trustee, office: Office) -> None:
    """Eighteen days later."""
    app = office_app(office.world)
    client = staff_client(app, office.world, StaffRole.TRUSTEE, f"trustee{trustee.number}@example.org")
    name = app.config["STAFF_COOKIE_NAME"]
    cookie = client.get_cookie(name, "localhost")
    assert cookie is not None
    trustee.page.context.add_cookies([{"name": name, "value": cookie.value, "url": trustee.base}])


@pytest.mark.parametrize("missing", ["delete HTMLScriptElement.prototype.noModule", "delete Object.hasOwn"])
def test_a_trustee_s_browser_that_is_too_old_is_told_so_and_shown_the_way_offline(
    trustees: tuple[World, list[Trustee]], missing: str
) -> None:
    first = trustees[1][0]
    first.page.add_init_script(missing)
    first.go()

    first.page.get_by_role("heading", name="This browser is too old").wait_for()
    assert not first.page.get_by_label("Choose a passphrase").is_visible()
    assert first.page.get_by_text("I made this offline and have a file").is_visible()
    assert "scripts/trustee.py" in first.page.locator("[data-unable='old']").inner_text()
    first.look("browser-old")
