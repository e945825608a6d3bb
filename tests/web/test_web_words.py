"""Every page of a programme with other words says them, in every phase and to every role."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pypdf import PdfReader
from sqlalchemy import select

from ballot.audit.run import Options, audit
from ballot.db.outbox import MessageRow
from ballot.db.programmes import find_programme
from ballot.mail.render import render
from ballot.office.acts.counting import Decide, Declare
from ballot.office.acts.window import Extend
from ballot.office.board.publish import publish_verified
from ballot.office.perform import perform
from ballot.office.post.compose import MailContext, compose
from ballot.office.post.letters import letter_pdf
from ballot.office.post.mailings import invite
from ballot.office.post.outbox import Everyone
from ballot.office.proposals.propose import Officer, propose
from ballot.office.sealed import counts_for, read_programme
from ballot.office.staff.accounts import seat_trustee
from ballot.office.staff.roles import StaffRole
from ballot.record.authority import Authority, Capacity
from tests.integration.office.world import CLOSES, OPENS, SECOND, WHY, World
from tests.support.databases import fresh_sqlite
from tests.web.conftest import make_app
from tests.web.staff import a_door, staff_client

USUAL = re.compile(r"\b(?:ccgs?|practices?|mergers?|weighted votes?)\b", re.IGNORECASE)
WORDS = """
[words]
body    = ["PCN", "PCNs"]
member  = ["surgery", "surgeries"]
weight  = ["share", "shares"]
subject = ["agreement", "agreements"]
"""
KEPT = (
    "Member practice voting",  # the name of the service, where no programme is in question
    "member practice voting",
    "GP practices, each with its NHS code",  # a kind of code, and no member of this programme
    "Such as one-ccg",
)
"""What may be said, whatever a programme calls its members."""
SAID = Authority("Dr A", Capacity.REPRESENTATIVE, "I am authorised to cast this surgery's vote").to_bytes()
SKIPPED = ("script", "style", "code", "pre")
"""Elements whose text is data: codes, columns of the record, and commands."""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A programme with words of its own, whose folder lies where the pages look for it."""
    with fresh_sqlite(tmp_path) as engine:
        world = World(engine, tmp_path, id="deal")
        (world.folder / "config").rename(world.folder / world.id)
        (world.folder / "config").mkdir()
        folder = world.programme_folder = (world.folder / world.id).rename(world.folder / "config" / world.id)
        file = folder / "programme.toml"
        file.write_text(file.read_text().replace("A merger", "A deal").replace(" CCG", "") + WORDS)
        for rule in (folder / "constitutions").glob("*.toml"):
            rule.write_text(rule.read_text().replace("CCG 00", "Town 00"))
        yield world


def text_of(page: str) -> str:
    """What a reader sees, or hears: texts, titles of pictures, and labels."""
    for element in SKIPPED:
        page = re.sub(rf"<{element}\b.*?</{element}>", " ", page, flags=re.DOTALL)
    heard = " ".join(re.findall(r'(?:aria-label|title|alt|placeholder)="([^"]*)"', page))
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page) + " " + heard))


def usual_words(text: str) -> list[str]:
    """The places where the usual words are said."""
    text = re.sub(r"Practice \d-\d", "", text)  # the names of members
    for kept in KEPT:
        text = text.replace(kept, "")
    return [text[max(found.start() - 60, 0) : found.end() + 40] for found in USUAL.finditer(text)]


def crawl(client: FlaskClient, world: World, *starts: str) -> dict[str, list[str]]:
    """The usual words on every page of the programme that can be reached from these, by address."""
    found: dict[str, list[str]] = {}
    seen, ahead = set[str](), set(starts)
    while ahead:
        path = ahead.pop()
        seen.add(path)
        with client.get(path) as page:
            shown = page.text if page.status_code == 200 and "text/html" in page.content_type else ""
        if said := usual_words(text_of(shown)):
            found[path] = said
        links = re.findall(r'href="(/[^"#?]*)', shown)
        ahead |= {link for link in links if world.id in link.split("/") and link not in seen}
    assert len(seen) > 1
    return found


def _said(found: dict[str, list[str]]) -> str:
    return "\n".join(f"{path}: {place}" for path, places in sorted(found.items()) for place in places)


def test_what_is_found_is_said_on_a_page_and_what_a_programme_names_is_not() -> None:
    page = '<p title="One CCG">Two <b>practices</b> merge</p><code>ccg</code><script>merger</script>'

    assert [place.strip() for place in usual_words(text_of(page))] == ["Two practices merge One CCG"] * 2
    assert usual_words("Member practice voting: Practice 0-1 of the PCN") == []


def everybody(app: Flask, world: World) -> dict[str, list[str]]:
    """The usual words on all pages, of the public and of the office."""
    office, board = f"/office/ballots/{world.id}", f"/board/{world.id}"
    found = crawl(app.test_client(), world, board, f"{board}/00A", f"/vote/{world.id}/00A", f"/vote/{world.id}/00B")
    for role in (StaffRole.RETURNING_OFFICER, StaffRole.REGISTRAR):
        found |= crawl(staff_client(app, world, role), world, office)
    return found


def test_every_page_of_a_ballot_in_other_words_says_them_in_every_phase(world: World) -> None:
    app = make_app(world)
    assert _said(everybody(app, world)) == ""
    world.open()
    invite(world.engine, world.clock, world.id, Everyone())
    propose(world.desk, world.id, Extend("00A", CLOSES + SECOND), WHY, Officer("officer", world.officer))
    for ccg in ("00A", "00B"):
        answer = world.cast(world.links(ccg)[0], said=SAID)
        assert answer.status == 200
    assert _said(everybody(app, world)) == ""
    world.close()
    trustee = staff_client(app, world, StaffRole.TRUSTEE)
    seat_trustee(a_door(world), "trustee@example.org", world.id, 2)
    assert _said(crawl(trustee, world, f"/office/trustee/{world.id}")) == ""
    world.tally()
    perform(world.desk, world.id, Decide())
    perform(world.desk, world.id, Declare(), world.two, WHY)
    (world.instance / "records").mkdir()
    publish_verified(world.desk, world.id, world.instance / "records")
    assert _said(everybody(app, world)) == ""


def said_in(data: bytes) -> str:
    """The text of a PDF."""
    return " ".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages)


def test_every_pdf_and_e_mail_of_a_programme_in_other_words_says_them(world: World) -> None:
    world.open()
    invite(world.engine, world.clock, world.id, Everyone())
    for ccg in ("00A", "00B", "00C"):
        assert world.cast(world.links(ccg)[0], said=SAID).status == 200
    link, zone = world.links("00B")[1], OPENS
    with world.reading() as session:
        row = find_programme(session, world.id)
        assert row is not None
        programme, weighs = read_programme(row.toml), counts_for(row, world.row("00B"), link.practice)
        context = MailContext(session, row, "help@example.org", "https://vote.example.org/board", CLOSES, preview=True)
        for message in session.scalars(select(MessageRow)):
            mail = render(compose(context, message, lambda practice: link.url("https://vote.example.org")))
            assert usual_words(f"{mail.subject} {mail.text} {text_of(mail.html)}") == [], message.kind
    assert "surgery" in weighs or weighs.endswith("registered patients")
    letter = letter_pdf(
        programme, link, "0" * 26, "https://vote.example.org", "help@example.org", "ab" * 32, weighs, CLOSES, zone
    )
    assert usual_words(said_in(letter)) == []
    world.close()
    world.tally()
    perform(world.desk, world.id, Decide())
    perform(world.desk, world.id, Declare(), world.two, WHY)
    (world.instance / "records").mkdir()
    publish_verified(world.desk, world.id, world.instance / "records")
    declaration = (world.instance / "records" / f"{world.id}.declaration.pdf").read_bytes()
    client = make_app(world).test_client()
    decision = client.get(f"/board/{world.id}/decision.pdf").data
    for pdf in (declaration, decision):
        assert usual_words(said_in(pdf)) == []
    audited = audit(world.instance / "records" / f"{world.id}.zip", Options())
    assert audited.exit_status == 0
    assert usual_words(" ".join(audited.notes)) == []
