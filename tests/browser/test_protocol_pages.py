"""What the page's scripts may use; and a ballot made in Chromium ends up in the published record."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page

from ballot.audit.run import Options, audit
from ballot.office.acts.counting import Decide
from ballot.office.board.publish import publish
from ballot.office.perform import perform
from ballot.protocol.ballots import check_ballot, parse_ballot
from ballot.record.receipts import check_receipt
from ballot.web.assets import STATIC
from scripts.demonstration.voter import SAID, authority_header
from tests.browser.conftest import served
from tests.integration.office.world import G
from tests.web.conftest import a_world, make_app
from tests.web.script_sections import BEGINNING, code_of, sections

PROTOCOL = sections(STATIC / "protocol.js")
FORBIDDEN = {
    "chance that can be guessed": r"Math\s*\.\s*random|Date\s*\.|performance\s*\.",
    "code made of text": r"\beval\b|\bFunction\s*\(|setTimeout\s*\(\s*['\"`]",
    "anything kept": r"localStorage|sessionStorage|indexedDB|document\s*\.|navigator\s*\.",
    "the network": r"\bfetch\s*\(|XMLHttpRequest|WebSocket|sendBeacon|EventSource|https?://",
    "anything shown": r"console\s*\.|innerHTML|alert\s*\(",
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_the_protocol_uses_no(what: str) -> None:
    found = {name: re.findall(FORBIDDEN[what], code_of(section)) for name, section in PROTOCOL.items()}
    assert {name: matches for name, matches in found.items() if matches} == {}


def test_chance_comes_from_one_place() -> None:
    drawing = [name for name, section in PROTOCOL.items() if "getRandomValues" in code_of(section)]
    assert drawing == ["ballot/protocol/group.py"]
    assert "Math.random" not in (STATIC / "vendor" / "noble-ed25519" / "index.js").read_text()


def test_only_two_sections_know_the_curve() -> None:
    knowing = [name for name, section in PROTOCOL.items() if re.search(r"\bPoint\b", code_of(section))]
    assert knowing == [BEGINNING, "ballot/protocol/group.py", "ballot/record/receipts.py"]


def test_no_script_asks_the_library_whether_a_signature_holds() -> None:
    asking = [path.name for path in STATIC.glob("*.js") if re.search(r"\bverify(Async)?\(", code_of(path.read_text()))]
    assert asking == ["trustee.js"]  # its own function, which verifies a closed archive


VOTE = """
async ([code, vote, place, said]) => {
  const link = protocol.readLink(code);
  const bytes = await (await fetch(`${place}/election.json`)).arrayBuffer();
  const election = await protocol.parseElection(new Uint8Array(bytes));
  const fault = await protocol.linkFault(election, link);
  if (fault !== null) throw new Error(fault);
  const spoilt = await protocol.createBallot(election, link.credential, vote);
  const opened = await protocol.checkOpening(election, protocol.openPaper(election, spoilt));
  const paper = await protocol.createBallot(election, link.credential, vote);
  const headers = { Authorization: `Bearer ${link.token}`, "Content-Type": "application/json", ...said };
  const answer = await fetch(`${place}/ballots`, { method: "POST", body: paper.bytes, headers });
  const receipt = await answer.text();
  return { status: answer.status, receipt, ballot: paper.bytes, opened, spoilt: spoilt.trackingNumber };
}
"""
CHECK = "([receipt, key, ballot]) => protocol.checkReceipt(receipt, key, ballot)"


def test_a_ballot_made_in_chromium_stands_in_the_verified_record(page: Page, tmp_path: Path) -> None:
    with a_world(tmp_path) as world:
        world.open()
        link = world.links()[0]
        with served(make_app(world)) as base:
            page.goto(base)
            page.evaluate("async () => { globalThis.protocol = await import('/static/protocol.js'); }")
            code = f"#{link.token}.{link.credential}"
            made = page.evaluate(VOTE, [code, [[0, 1, 0]], "/api/programmes/merger/00A", authority_header(SAID)])
            assert made["status"] == 200, made["receipt"]
            key = world.board.public.raw.hex()
            page.evaluate(CHECK, [made["receipt"], key, made["ballot"]])
        for other in world.links()[1:3]:
            assert world.cast(other).status == 200

        body = made["ballot"].encode()
        ballot = parse_ballot(G, body)
        check_ballot(G, ballot, world.election(), {ballot.credential})
        receipt = check_receipt(made["receipt"].encode(), world.board.public)
        assert made["opened"]["votes"] == [[0, 1, 0]]
        assert made["spoilt"] != receipt.tracking_number

        world.close()
        world.tally()
        perform(world.desk, "merger", Decide())
        publish(world.desk, "merger", tmp_path / "record", lambda _: None)
    assert body in (tmp_path / "record" / "elections" / "00A.bel").read_bytes()
    (tmp_path / "receipt.json").write_text(made["receipt"])
    report = audit(tmp_path / "record", Options(receipts=[tmp_path / "receipt.json"]))
    assert report.failed() == []
    assert report.exit_status == 0
