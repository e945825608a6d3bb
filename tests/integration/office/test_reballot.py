"""An inquorate CCG votes again: called by two people, cited by every ballot, decided with the rest, both kept."""

from __future__ import annotations

import json
import random
import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from ballot.audit.catalogue import Stage
from ballot.audit.report import Report
from ballot.audit.run import Options, audit
from ballot.constitution.errors import InvalidProgramme
from ballot.db.programmes import ProgrammeRow, find_programme
from ballot.office.acts.counting import CallReballot, Decide, Declare
from ballot.office.acts.sealing import Seal
from ballot.office.board.publish import publish
from ballot.office.desk import Desk
from ballot.office.errors import Refusal, Refused
from ballot.office.on_time import close_on_time
from ballot.office.perform import perform
from ballot.office.setup.prepare import cited_by
from ballot.protocol.hashing import sha256_hex
from ballot.record.decisions import ProgrammeDecision
from ballot.record.reballots import Cited
from ballot.record.terms import terms_description
from tests.integration.office.world import CLOSES, OPENS, WHY, World
from tests.support.simulator import AGAINST, FOR

LATER = timedelta(days=63)
QUORUM = '\n[quorum]\nmeasure = "practices"\ncounting = "returned"\nat_least = "1/2"\n'


class Merger(World):
    """Three CCGs of which all must carry; 00A has a quorum of a half."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.rng = random.Random(self.id).randrange
        self.desk = Desk(self.engine, self.clock, self.rng, self.board)
        self.edit(
            "programme.toml", 'require = { at_least = 1 }\notherwise = "proceed-with-those-carried"', 'require = "all"'
        )
        rule = self.programme_folder / "constitutions" / "00A.toml"
        rule.write_text(rule.read_text().replace("\n[[test]]", QUORUM + "\n[[test]]", 1))

    def edit(self, file: str, old: str, new: str) -> None:
        path = self.programme_folder / file
        assert old in path.read_text()
        path.write_text(path.read_text().replace(old, new))

    def hold(self, votes: dict[str, list[tuple[int, ...]]], later: timedelta = timedelta()) -> ProgrammeDecision:
        """Seal, vote, close, tally, decide and declare."""
        self.clock.now = OPENS + later - timedelta(days=1)
        self.seal()
        return self.hold_from_sealed(votes, later)

    def hold_from_sealed(
        self, votes: dict[str, list[tuple[int, ...]]], later: timedelta = timedelta()
    ) -> ProgrammeDecision:
        """The same of what is sealed already."""
        self.clock.now = OPENS + later
        for ccg, papers in votes.items():
            for link, vote in zip(self.links(ccg), papers, strict=False):
                assert self.cast(link, self.ballot(link, vote)).status == 200
        self.clock.now = CLOSES + later
        for ccg in self.ccgs:
            close_on_time(self.desk, self.id, ccg)
        self.tally()
        decision = perform(self.desk, self.id, Decide())
        perform(self.desk, self.id, Declare(), self.two)
        return decision

    def publish(self) -> Path:
        def check(folder: Path) -> None:
            report = audit(folder, Options())
            assert report.exit_status == 0, report.to_text()

        publish(self.desk, self.id, self.folder / "record", check)
        return self.folder / "record"


def again_of(world: Merger, id: str = "merger-again", of: str | None = None) -> Merger:
    """A programme in which 00A votes again."""
    again = Merger(world.engine, world.folder / id, ccgs=("00A",), id=id, clock=world.clock, keys_of=world.keys)
    file = again.programme_folder / "programme.toml"
    text = file.read_text()
    text = text[: text.index("[outcome]")] + f'[reballot]\nof = "{of or world.id}"\n'
    file.write_text(text.replace("2020-05-11", "2020-07-13").replace("2020-05-29", "2020-07-31"))
    return again


FIRST = {"00A": [FOR], "00B": [FOR, FOR, FOR], "00C": [FOR, FOR, FOR]}


@pytest.fixture
def world(engine: Engine, tmp_path: Path) -> Merger:
    return Merger(engine, tmp_path)


@pytest.fixture
def decided(world: Merger) -> Merger:
    decision = world.hold(FIRST)
    assert decision.outcome is not None
    assert not decision.outcome.proceeds
    return world


@pytest.fixture
def called(decided: Merger) -> Merger:
    perform(decided.desk, decided.id, CallReballot(("00A",), "merger-again"), decided.two, WHY)
    return decided


def test_the_latest_vote_decides_and_the_record_keeps_both(called: Merger) -> None:
    again = again_of(called)

    decision = again.hold({"00A": [FOR, FOR, FOR, AGAINST]}, LATER)

    assert decision.outcome is not None
    assert (decision.outcome.proceeds, decision.outcome.members) == (True, ("00A", "00B", "00C"))
    record = again.publish()
    terms = json.loads((record / "terms.json").read_text())
    assert terms["reballot"]["programme"] == "merger"
    before = json.loads((record / "cited" / "decision.json").read_text())
    assert before["ccgs"]["00A"]["merge"]["outcome"] == "inquorate"
    assert json.loads((record / "decision.json").read_text())["latest"] == {
        ccg: {"merge": "carried"} for ccg in ("00A", "00B", "00C")
    }
    verdict = audit(record, Options()).verdict
    assert verdict.startswith("VERIFIED. ")
    assert "In the cited record of merger: Registrar and server were one" in verdict
    assert audit(called.publish(), Options()).exit_status == 0


def test_a_second_reballot_cites_the_first_and_all_three_records_are_kept(called: Merger) -> None:
    again = again_of(called)
    assert again.hold({"00A": [FOR]}, LATER).outcome.proceeds is False  # type: ignore[union-attr]
    perform(again.desk, again.id, CallReballot(("00A",), "merger-third"), again.two, WHY)
    third = again_of(called, "merger-third", of="merger-again")

    decision = third.hold({"00A": [FOR, FOR]}, LATER)

    assert decision.outcome is not None
    assert decision.outcome.proceeds
    assert (third.publish() / "cited" / "cited" / "programme.toml").is_file()


@pytest.mark.parametrize(
    ("break_it", "failing"),
    [
        pytest.param("decision.json", {"record.cited", "record.manifest"}, id="the earlier decision was rewritten"),
        pytest.param("elections/00B.bel", {"record.cited", "record.manifest"}, id="an earlier archive was cut"),
        pytest.param("", {"record.cited", "record.manifest", "record.decision", "record.outcome"}, id="it is gone"),
    ],
)
def test_a_record_whose_cited_record_does_not_hold_is_not_verified(
    called: Merger, break_it: str, failing: set[str]
) -> None:
    again = again_of(called)
    again.hold({"00A": [FOR, FOR]}, LATER)
    record = again.publish()

    if break_it:
        path = record / "cited" / break_it
        path.write_bytes(
            path.read_bytes().replace(b"carried", b"CARRIED")[:-512]
            if break_it.endswith("bel")
            else path.read_bytes().replace(b"inquorate", b"carried")
        )
    else:
        shutil.rmtree(record / "cited")

    report = audit(record, Options())
    assert report.exit_status == 1
    assert failing <= {*report.failed(), *report.skipped()}


def unchecked(again: Merger, monkeypatch: pytest.MonkeyPatch) -> Report:
    """Hold the re-ballot at an office that asks nothing, and audit what it publishes."""
    monkeypatch.setattr("ballot.office.setup.prepare.check_reballot", lambda *_: iter(()))
    again.hold({"00A": [FOR, FOR, FOR]}, LATER)
    record = again.folder / "record"
    publish(again.desk, again.id, record, lambda _: None)
    return audit(record, Options())


@pytest.mark.parametrize(
    ("file", "old", "new", "fault"),
    [
        pytest.param("programme.toml", "Do you agree?", "Do you really?", "differs from before", id="question"),
        pytest.param(
            "programme.toml",
            "rehearsal = true",
            "rehearsal = false",
            "one of the two programmes is a rehearsal",
            id="rehearsal",
        ),
        pytest.param("constitutions/00A.toml", '"1/2"', '"1/3"', "under another rule than before", id="rule"),
    ],
)
def test_a_reballot_of_something_else_that_an_office_held_all_the_same_is_not_verified(
    called: Merger, file: str, old: str, new: str, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    again = again_of(called)
    again.edit(file, old, new)

    report = unchecked(again, monkeypatch)

    assert report.failed() == ["record.reballot"]
    assert fault in report.to_text()


def test_a_reballot_that_nobody_called_for_is_not_verified(decided: Merger, monkeypatch: pytest.MonkeyPatch) -> None:
    report = unchecked(again_of(decided), monkeypatch)

    assert report.failed() == ["record.reballot"]
    assert "two people called for a re-ballot of none, and this is of 00A" in report.to_text()


def test_of_two_that_are_held_for_one_call_only_the_one_that_it_names_is_verified(
    called: Merger, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = unchecked(again_of(called, "merger-better"), monkeypatch)

    assert report.failed() == ["record.reballot"]
    assert "two people called for the re-ballot merger-again, and this is merger-better" in report.to_text()


def test_a_reballot_on_another_board_is_not_verified(called: Merger, monkeypatch: pytest.MonkeyPatch) -> None:
    again = again_of(called)
    again.installation = replace(again.installation, board="other.example.org")
    report = unchecked(again, monkeypatch)

    assert report.failed() == ["record.reballot"]
    assert "the call was made on the board vote.example.org, and this is on other.example.org" in report.to_text()


@pytest.mark.parametrize("part", ["programme", "fingerprint", "decision"])
def test_terms_that_cite_something_else_are_not_verified(
    called: Merger, part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def other(session: Session, row: ProgrammeRow) -> Cited | None:
        found = cited_by(session, row)
        return found and replace(found, citation=replace(found.citation, **{part: "ab" * 32}))

    monkeypatch.setattr("ballot.office.acts.sealing.cited_by", other)
    report = unchecked(again_of(called), monkeypatch)

    assert "record.reballot" in report.failed()
    assert f"the cited {part}: expected abab" in report.to_text()


def test_a_reballot_whose_terms_cite_nothing_is_not_verified_while_it_is_open_either(
    called: Merger, monkeypatch: pytest.MonkeyPatch
) -> None:
    again = again_of(called)
    monkeypatch.setattr("ballot.office.acts.sealing.cited_by", lambda *_: None)
    again.clock.now = OPENS + LATER - timedelta(days=1)
    again.seal()
    record = again.folder / "record"
    publish(again.desk, again.id, record, lambda _: None)
    shutil.rmtree(record / "cited")

    report = audit(record, Options(stage=Stage.SETUP))

    assert "it is a re-ballot of merger, but its terms cite nothing" in report.to_text()
    assert "record.reballot" in report.failed()


def test_a_reballot_is_called_once_of_what_is_decided_and_open_to_it_by_two_people(decided: Merger) -> None:
    def refusal(*ccgs: str, answer: str = "merger-again", signers: object = decided.two, why: object = WHY) -> Refusal:
        with pytest.raises(Refused) as refused:
            perform(decided.desk, decided.id, CallReballot(ccgs, answer), signers, why)  # type: ignore[arg-type]
        return refused.value.reason

    assert refusal("00B") is Refusal.NOT_INQUORATE
    assert refusal("99Z") is Refusal.NO_SUCH_BALLOT
    assert refusal("00A", signers=(decided.officer,)) is Refusal.WRONG_SIGNERS
    assert refusal("00A", why=None) is Refusal.NO_REASON
    assert refusal("00A", answer="Merger again") is Refusal.FILES_DIFFER
    assert refusal("00A", answer=decided.id) is Refusal.ALREADY_PREPARED
    perform(decided.desk, decided.id, CallReballot(("00A",), "merger-again"), decided.two, WHY)
    assert refusal("00A") is Refusal.ALREADY_CALLED


def test_nothing_is_called_before_the_decision(world: Merger) -> None:
    world.seal()
    with pytest.raises(Refused) as refused:
        perform(world.desk, world.id, CallReballot(("00A",), "merger-again"), world.two, WHY)
    assert refused.value.reason is Refusal.NOT_READY


@pytest.mark.parametrize(
    ("file", "old", "new", "fault"),
    [
        pytest.param("programme.toml", "Do you agree?", "Do you really?", "differs from before", id="question"),
        pytest.param(
            "programme.toml",
            "rehearsal = true",
            "rehearsal = false",
            "one of the two programmes is a rehearsal",
            id="rehearsal",
        ),
        pytest.param("constitutions/00A.toml", '"1/2"', '"1/3"', "under another rule than before", id="rule"),
    ],
)
def test_a_reballot_of_something_else_is_not_prepared(
    called: Merger, file: str, old: str, new: str, fault: str
) -> None:
    again = again_of(called)
    again.edit(file, old, new)

    with pytest.raises(Refused, match=fault) as refused:
        again.prepare()
    assert refused.value.reason is Refusal.REBALLOT_DIFFERS


def test_what_nobody_called_for_is_not_prepared_and_nothing_is_prepared_twice(decided: Merger) -> None:
    with pytest.raises(Refused, match="two people called for a re-ballot of none, and this is of 00A"):
        again_of(decided).prepare()
    perform(decided.desk, decided.id, CallReballot(("00A",), "merger-b"), decided.two, WHY)
    with pytest.raises(Refused, match="two people called for the re-ballot merger-b, and this is merger-a"):
        again_of(decided, "merger-a").prepare()
    again_of(decided, "merger-b").prepare()
    with pytest.raises(Refused, match="merger-b is already the re-ballot of merger"):
        again_of(decided, "merger-c").prepare()


def test_a_reballot_has_no_outcome_rule_of_its_own(called: Merger) -> None:
    again = again_of(called)
    again.edit("programme.toml", "[reballot]", '[outcome]\nquestions = ["merge"]\nrequire = "all"\n\n[reballot]')
    with pytest.raises(InvalidProgramme, match=r"A re-ballot has no \[outcome\]"):
        again.prepare()


def test_sealing_a_reballot_writes_what_it_is_held_for_into_every_election(called: Merger) -> None:
    again = again_of(called)
    again.clock.now = OPENS + LATER - timedelta(days=1)
    again.prepare().make_backup().issue()
    fingerprint = perform(again.desk, again.id, Seal(), again.two)

    with again.reading() as session:
        row, before = find_programme(session, again.id), find_programme(session, called.id)
        assert row is not None
        assert before is not None
        terms, decision = row.terms or b"", before.decision or b""
        assert json.loads(terms)["reballot"] == {
            "programme": called.id,
            "fingerprint": before.fingerprint,
            "decision": sha256_hex(decision),
        }
        assert row.fingerprint == fingerprint
    assert again.election("00A").description == terms_description(terms)
