"""A voting link on paper: its code is the link of that practice only."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pypdfium2
import pytest
import zxingcpp
from sqlalchemy import Engine

from ballot.office.activity import COMMAND_LINE
from ballot.office.post.voting_links import PracticeLink, letter_pdf, make_letter
from ballot.office.sealed import read_programme
from tests.integration.office.world import CLOSES, World

BASE = "https://vote.example.org"


@pytest.fixture
def world(engine: Engine, tmp_path: Path) -> World:
    return World(engine, tmp_path).seal()


def write(world: World, link: PracticeLink) -> bytes:
    toml = (world.programme_folder / "programme.toml").read_bytes()
    programme = read_programme(toml)
    help_desk, weight = "the help desk, 01772 000000", "one practice and 2,000 registered patients"
    return letter_pdf(programme, link, BASE, help_desk, "abcd " * 8, weight, CLOSES, world.clock.now)


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


def test_the_code_and_the_letters_say_the_link(world: World) -> None:
    link = world.links()[1]

    codes, text = codes_and_text(write(world, link))

    assert codes == [link.url(BASE)]
    assert link.url(BASE) in text.replace(" ", "").replace("\u0002", "")
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
    _, text = codes_and_text(write(world, replace(world.links()[0], name=name, representative=name)))

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
