"""What a vote counts for: the page finds it in the sealed list of credentials, and stops if the roll differs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route

from ballot.constitution.weight import DEFAULT_NOUNS, WeightNouns
from ballot.constitution.words import Noun
from ballot.db.ballots import find_ballot
from ballot.db.practices import list_practices
from ballot.db.session import transaction
from ballot.office.acts.sealing import Seal
from ballot.office.perform import perform
from ballot.record.counting import Counting, CountKind
from ballot.record.public_roll import PublicMember, parse_roll, write_roll
from tests.browser.barriers import faults_in_every_window
from tests.browser.booth_site import Booth, Voter, booth_of
from tests.integration.office.world import OPENS, World
from tests.web.conftest import a_world

COUNTS_FOR = '[data-fill="weight-listed"]:visible'
STOPPED = "Do not vote here: your vote would not count as the roll says"
DOES_NOT_FIT = "Do not vote here: something is wrong"


def exchange_weights(world: World, ccg: str) -> None:
    """Before sealing, the first two practices of a CCG get each other's weight in the database, not on the roll."""
    with transaction(world.engine) as session:
        ballot = find_ballot(session, world.id, ccg)
        assert ballot is not None
        first, second, *_ = list_practices(session, ballot.id)
        first.weight, second.weight = second.weight, first.weight


@pytest.fixture
def unfair(tmp_path: Path) -> Iterator[Booth]:
    """A booth whose office exchanged the weights of two practices in 00B and 00C: as multisets nothing changed."""
    with a_world(tmp_path) as world:
        world.prepare().make_backup().issue()
        for ccg in ("00B", "00C"):
            exchange_weights(world, ccg)
        perform(world.desk, world.id, Seal(), world.two)
        world.clock.now = OPENS
        with booth_of(world) as booth:
            yield booth


@pytest.mark.parametrize(
    ("ccg", "number", "words"),
    [
        ("00A", 0, "one vote"),
        ("00B", 1, "one practice and 2,000 registered patients"),
        ("00C", 3, "4,000 registered patients"),
    ],
)
def test_the_welcome_says_what_the_vote_counts_for_and_what_the_roll_says(
    booth: Booth, voter: Voter, ccg: str, number: int, words: str
) -> None:
    page = voter.open(booth.url(number, ccg)).sees("Vote for your practice").page

    assert page.locator(COUNTS_FOR).inner_text() == words
    assert page.locator('[data-fill="list-size"]:visible').inner_text() == f"{number + 1},000"
    assert faults_in_every_window(page, f"booth-weight-{ccg}") == []


def test_the_receipt_says_it_too(booth: Booth, voter: Voter) -> None:
    page = voter.open(booth.url(1, "00B")).to_paper().cast().sees("Your vote was accepted").page

    assert page.locator(COUNTS_FOR).inner_text() == "one practice and 2,000 registered patients"


@pytest.mark.parametrize(
    ("ccg", "rolled", "listed"),
    [
        ("00B", "one practice and 1,000 registered patients", "one practice and 2,000 votes"),
        ("00C", "1,000 registered patients", "2,000 votes"),
    ],
)
def test_a_practice_whose_weight_was_exchanged_is_told_so_and_cannot_vote(
    unfair: Booth, voter: Voter, ccg: str, rolled: str, listed: str
) -> None:
    page = voter.open(unfair.url(0, ccg)).sees(STOPPED).page

    assert page.locator('[data-fill="weight-rolled"]:visible').inner_text() == rolled
    assert page.locator(COUNTS_FOR).inner_text() == listed
    assert page.get_by_role("button", name="Start").count() == 0
    assert page.locator("main code:visible").inner_text() == "weight-differs"
    assert not [request for request in voter.requests if request.url.endswith("/ballots")]
    assert faults_in_every_window(page, f"booth-trouble-weight-differs-{ccg}") == []


def test_a_practice_whose_weight_was_left_alone_votes(unfair: Booth, voter: Voter) -> None:
    voter.open(unfair.url(2, "00C")).to_paper().cast().sees("Your vote was accepted")


Change = Callable[[str], str | None]


def heavier(text: str) -> str:
    """The second practice's row of the roll, or its credential, with another weight."""
    return text.replace("2000", "9000")


@pytest.mark.parametrize("file", ["credentials_text", "roll_text"])
@pytest.mark.parametrize("change", [heavier, lambda text: text + "\n", lambda _: "", lambda _: "[]", lambda _: None])
def test_a_list_that_the_terms_do_not_name_is_refused(booth: Booth, voter: Voter, file: str, change: Change) -> None:
    def exchange(route: Route) -> None:
        said = route.fetch().json()
        route.fulfill(json={**said, file: change(said[file])})

    voter.page.route("**/entry", exchange)
    voter.open(booth.url(1, "00C")).sees(DOES_NOT_FIT)


def test_another_practice_than_the_link_names_is_refused(booth: Booth, voter: Voter) -> None:
    def exchange(route: Route) -> None:
        said = route.fetch().json()
        route.fulfill(json={**said, "practice": {**said["practice"], "code": "Y20002"}})

    voter.page.route("**/entry", exchange)
    voter.open(booth.url(1, "00C")).sees(DOES_NOT_FIT)


SIZES = (None, 0, 1, 999, 1000, 12_345, 10_000_000)
WEIGHTS = (None, 0, 1, 13, 999, 1000, 12_345, 10**6 + 12_345, 2 * 10**6 + 1, 10**11)


SHARES = WeightNouns(Noun("share", "shares"), Noun("share", "shares", "a"))
GPS = WeightNouns(DEFAULT_NOUNS.unit, Noun("whole-time GP", "whole-time GPs"), Noun("surgery", "surgeries"))
COUNTINGS = [
    Counting(CountKind.HEADS),
    Counting(CountKind.PATIENTS),
    Counting(CountKind.PACKED, 10**6),
    Counting(CountKind.PATIENTS, None, SHARES),
    Counting(CountKind.PACKED, 10**6, GPS),
]


@pytest.mark.parametrize("counting", COUNTINGS, ids=str)
def test_page_and_office_say_a_weight_in_the_same_words(protocol: Page, counting: Counting) -> None:
    pairs = [[weight, size] for weight in WEIGHTS for size in SIZES]
    named: dict[str, object] = {"count": counting.kind.value, "heads": counting.heads}
    if counting.nouns != DEFAULT_NOUNS:
        nouns = counting.nouns
        named["nouns"] = {key: getattr(nouns, key).texts for key in ("unit", "counts", "member")}

    said = protocol.evaluate(
        "([named, pairs]) => pairs.map(([w, s]) => protocol.sayWeight(named, w, s))", [named, pairs]
    )

    assert said == [counting.say_weight(weight, size) for weight, size in pairs]


ODD = (
    PublicMember("00A", "Y00001", 'The "Old" Surgery, Ash', 4000, None),
    PublicMember("00A", "Y00002", "Plain", None, 0, "u-13"),
    PublicMember("00A", "Y00003", '"', 0, 10**11, "U11"),
    PublicMember("00A", "Y00004", "Two\nlines, and ümlauts", 1, 1),
)


def test_the_page_reads_the_rows_that_python_writes(protocol: Page) -> None:
    written = write_roll(ODD).decode()

    read = protocol.evaluate("(data) => protocol.parseRoll(data)", written)

    assert [
        PublicMember(row["ccg"], row["practice"], row["name"], row["listSize"], row["weight"], row["locality"] or None)
        for row in read
    ] == parse_roll(written.encode())


@pytest.mark.parametrize(
    "data",
    [
        "",
        "\n",
        "ccg_ods_code\n",
        write_roll(ODD[:1]).decode() + "00A",
        write_roll(ODD[:1]).decode() + "00A,Y,n,1,1\n",
        write_roll(ODD[:1]).decode() + '00A,Y,"n,1,1,\n',
        write_roll(ODD[:1]).decode() + "00A,Y,n,01,1,\n",
        write_roll(ODD[:1]).decode() + "00A,Y,n,1e3,1,\n",
        write_roll(ODD[:1]).decode() + '00A,Y,n"o,1,1,\n',
    ],
)
def test_what_is_no_roll_is_refused(protocol: Page, data: str) -> None:
    script = "(data) => { try { protocol.parseRoll(data); return null; } catch (fault) { return fault.reason; } }"

    assert protocol.evaluate(script, data) == "wrong-shape"


@pytest.mark.parametrize(
    ("entries", "reason"),
    [
        (["ab" * 32, "cd" * 32], None),
        (["ab" * 32 + ",5", "ab" * 32 + ",6"], "wrong-shape"),
        (["AB" * 32], "wrong-shape"),
        (["ab" * 32 + ",05"], "wrong-shape"),
        (["ab" * 32 + ",9999999999999999999"], "number-range"),
        ([5], "wrong-type"),
    ],
)
def test_a_list_of_credentials_is_read_strictly(protocol: Page, entries: list[object], reason: str | None) -> None:
    script = """(entries) => {
      try { protocol.publicCredentialsFromJson(entries); return null; } catch (fault) { return fault.reason; }
    }"""

    assert protocol.evaluate(script, entries) == reason
