"""A voting link on paper: QR code and typed code open the link of that practice only, while its token lives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pypdfium2
import pytest
import zxingcpp
from sqlalchemy import Engine, select

from ballot.db.letters import LetterRow, find_letter
from ballot.office.activity import COMMAND_LINE
from ballot.office.acts.membership import ChangeContact, Reissue, Revoke, Strike
from ballot.office.errors import Refusal, Refused
from ballot.office.perform import perform
from ballot.office.post.letters import letter_pdf, make_letter
from ballot.office.post.voting_links import PracticeLink
from ballot.office.sealed import read_programme
from tests.integration.office.world import CLOSES, WHY, World
from tests.support.letters import code_on, keys_of, opened

BASE = "https://vote.example.org"
CODE = "0123456789ABCDEFGHJKMNPQRS"


@pytest.fixture
def world(engine: Engine, tmp_path: Path) -> World:
    return World(engine, tmp_path).seal()


def write(world: World, link: PracticeLink) -> bytes:
    toml = (world.programme_folder / "programme.toml").read_bytes()
    programme = read_programme(toml)
    help_desk, weight = "the help desk, 01772 000000", "one practice and 2,000 registered patients"
    return letter_pdf(programme, link, CODE, BASE, help_desk, "abcd " * 8, weight, CLOSES, world.clock.now)


def codes_and_text(data: bytes) -> tuple[list[str], str]:
    document = pypdfium2.PdfDocument(data)
    try:
        assert len(document) == 1
        page = document[0]
        image = page.render(scale=3).to_pil()
        text = page.get_textpage().get_text_range()
        return [found.text for found in zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormat.QRCode)], " ".join(
            text.split()
        )
    finally:
        document.close()


def test_the_picture_says_the_link_and_the_words_say_a_short_address_and_a_code(world: World) -> None:
    link = world.links()[1]

    codes, text = codes_and_text(write(world, link))

    assert codes == [link.url(BASE)]
    assert " vote.example.org/vote/merger/00A " in text
    assert " 01234-56789-ABCDE-FGHJK-MNPQR-SD " in text
    assert link.token not in text.replace(" ", "").replace("\u0002", "")
    assert "Practice 0-1 (Y00001)" in text
    assert "5pm on Friday 29 May 2020, British Summer Time" in text
    assert "01772 000000" in text
    assert "Your practice's vote counts for one practice and 2,000 registered patients." in text
    assert "REHEARSAL" in text


def test_no_letter_says_anything_of_another_practice(world: World) -> None:
    links = world.links()
    _, text = codes_and_text(write(world, links[0]))
    for other in links[1:]:
        assert other.token not in text
        assert str(other.credential) not in text
        assert other.practice not in text


@pytest.mark.parametrize(
    ("ccg", "words"),
    [
        ("00A", "one vote"),
        ("00B", "one practice and 2,000 registered patients"),
        ("00C", "2,000 registered patients"),
    ],
)
def test_the_letter_of_the_office_says_what_the_roll_says_the_vote_counts_for(
    world: World, ccg: str, words: str
) -> None:
    data = make_letter(world.desk, world.id, world.links(ccg)[1], BASE, "the help desk", COMMAND_LINE)

    assert f"Your practice's vote counts for {words}." in codes_and_text(data)[1]


@pytest.mark.parametrize(
    "name",
    [
        "Meddygfa T\u0177\u2019r \u0174yl",
        "Dr \u0141ukasz \u2019t Hooft",
        "\u0395\u03bb\u03ad\u03bd\u03b7 \u041e\u043b\u044c\u0433\u0430",
    ],
)
def test_a_letter_prints_names_as_they_are_written(world: World, name: str) -> None:
    _, text = codes_and_text(write(world, replace(world.links()[0], name=name, representative=f"Dr A. {name}")))

    assert text.count(name) == 2
    assert "?" not in text.replace("Do you agree?", "")
    assert "font" not in text


def test_a_letter_shows_the_number_of_a_character_that_the_font_lacks_and_says_so(world: World) -> None:
    link = replace(world.links()[0], representative="Dr \u4e2d")
    codes, text = codes_and_text(write(world, link))

    assert codes == [link.url(BASE)]
    assert "Dr [U+4E2D]" in text
    assert "The font of this paper lacks some characters, so it shows their numbers in Unicode: [U+4E2D]." in text


def test_the_longest_names_and_addresses_leave_a_letter_on_one_page(world: World) -> None:
    link = replace(world.links()[0], name="Llanfair" * 40, representative="Dr " + "W" * 200)
    codes, _ = codes_and_text(write(world, link))

    assert codes == [link.url(BASE)]


def make(world: World, number: int = 1) -> str:
    """A letter of the office; its code as printed."""
    return code_on(make_letter(world.desk, world.id, world.links()[number], BASE, "the help desk", COMMAND_LINE))


def sealed_under(world: World, code: str) -> bytes | None:
    with world.reading() as session:
        found = find_letter(session, world.id, keys_of(code)[0])
        return None if found is None else found.sealed


def test_the_code_on_a_letter_opens_the_voting_code_and_stands_in_no_table(world: World) -> None:
    code, link = make(world), world.links()[1]

    sealed = sealed_under(world, code)

    assert sealed is not None
    assert f"{BASE}/vote/merger/00A#{opened(code, sealed)}" == link.url(BASE)
    with world.reading() as session:
        (row,) = session.scalars(select(LetterRow))
        kept = repr((row.practice_id, row.lookup, row.sealed, row.made_at))
    for secret in (code, code.replace("-", ""), link.token, str(link.credential)):
        assert secret not in kept
    assert row.made_at == world.clock.now


def test_a_newer_letter_replaces_the_older_one_of_that_practice_only(world: World) -> None:
    older, other = make(world), make(world, 2)
    newer = make(world)

    assert [sealed_under(world, code) is not None for code in (older, newer, other)] == [False, True, True]


CONTACT = ChangeContact("00A", "Y00001", "Dr New", "new@example.org")


@pytest.mark.parametrize(
    "act",
    [
        pytest.param(lambda w: perform(w.desk, w.id, Strike("00A", "Y00001"), w.two, WHY), id="struck"),
        pytest.param(lambda w: perform(w.desk, w.id, Revoke("00A", "Y00001"), (w.registrar,)), id="revoked"),
        pytest.param(lambda w: perform(w.desk, w.id, Reissue("00A", "Y00001"), (w.registrar,)), id="re-issued"),
        pytest.param(lambda w: perform(w.desk, w.id, CONTACT, w.two, WHY, registrar=w.registrar), id="contact changed"),
    ],
)
def test_a_letter_goes_with_the_link_it_holds_and_no_other_does(world: World, act: Callable[[World], object]) -> None:
    code, other = make(world), make(world, 2)

    act(world)

    assert sealed_under(world, code) is None
    assert sealed_under(world, other) is not None


def test_no_letter_is_kept_of_a_link_that_was_replaced_in_the_meantime(world: World) -> None:
    link = world.links()[1]
    perform(world.desk, world.id, Reissue("00A", link.practice), (world.registrar,))

    with pytest.raises(Refused) as refused:
        make_letter(world.desk, world.id, link, BASE, "the help desk", COMMAND_LINE)

    assert refused.value.reason is Refusal.NO_LIVE_TOKEN
    with world.reading() as session:
        assert session.scalar(select(LetterRow)) is None


def test_a_letter_is_of_its_own_programme_only(world: World) -> None:
    id, _ = keys_of(make(world))

    with world.reading() as session:
        assert find_letter(session, world.id, id) is not None
        assert find_letter(session, "another", id) is None
        assert find_letter(session, world.id, "\x00") is None
