"""scripts/check_paper.py: says what a spoilt ballot encrypts, or why that is not shown; exit status 0, 1 or 2."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ballot.audit.spoilt_ballot import main
from ballot.protocol.archive import event_entries, setup_payloads, write_header
from ballot.protocol.events import EventType
from ballot.protocol.questions import HomomorphicQuestion
from tests.support.pdfs import SHAPES, Paper, make_paper

SCRIPT = Path(__file__).parents[3] / "scripts" / "check_paper.py"


@pytest.fixture
def paper(tmp_path: Path) -> Paper:
    """A paper whose election and opening lie in the folder."""
    paper = make_paper("blank-or-some", *SHAPES["blank-or-some"])
    (tmp_path / "election.json").write_bytes(paper.election.to_bytes())
    (tmp_path / "opening.json").write_bytes(paper.open().to_bytes() + b"\n")
    return paper


def test_the_script_says_what_the_paper_encrypts(paper: Paper, tmp_path: Path) -> None:
    command = [sys.executable, str(SCRIPT), str(tmp_path / "election.json"), str(tmp_path / "opening.json")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    assert (done.returncode, done.stderr) == (0, "")
    assert "Or nothing of it?  ->  One, Two\n" in done.stdout
    assert "Do you agree?  ->  Abstain\n" in done.stdout
    assert f"tracking number  {paper.open().tracking_number}\n" in done.stdout


def test_the_election_can_be_taken_from_the_archive(
    paper: Paper, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, entries = event_entries(None, EventType.SETUP, setup_payloads(paper.election.to_bytes(), b"[]", b"[]"))
    archive = write_header(1_590_000_000) + b"".join(entry.to_member(1_590_000_000) for entry in entries)
    (tmp_path / "election.bel").write_bytes(archive)

    assert main([str(tmp_path / "election.bel"), str(tmp_path / "opening.json")]) == 0
    assert "ENCRYPTS" in capsys.readouterr().out


def test_an_opening_that_was_saved_again_on_windows_is_read_as_it_was(
    paper: Paper, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    opening = tmp_path / "opening.json"
    opening.write_bytes(b"\xef\xbb\xbf" + opening.read_bytes().strip() + b"\r\n")

    assert main([str(tmp_path / "election.json"), str(opening)]) == 0
    assert "ENCRYPTS" in capsys.readouterr().out


def test_a_false_opening_is_named_after_its_fault(
    paper: Paper, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = (tmp_path / "opening.json").read_bytes()
    (tmp_path / "opening.json").write_bytes(good.replace(b'"votes":[[0,1,1,0]', b'"votes":[[0,1,0,0]'))

    assert main([str(tmp_path / "election.json"), str(tmp_path / "opening.json")]) == 1
    assert capsys.readouterr().out.startswith("NOT SHOWN   opening: choice 2 of answer 0 does not encrypt 0\n")


@pytest.mark.parametrize("data", [b"", b"\xff", b"{}", b"BELENIOS", b"[" * 5000, b'{"version":1}'])
def test_what_is_no_election_and_no_opening_ends_in_a_sentence(
    paper: Paper, tmp_path: Path, data: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bad").write_bytes(data)

    assert main([str(tmp_path / "bad"), str(tmp_path / "opening.json")]) == 2
    assert main([str(tmp_path / "none"), str(tmp_path / "opening.json")]) == 2
    assert main([str(tmp_path / "election.json"), str(tmp_path / "none")]) == 2
    assert main([str(tmp_path / "election.json"), str(tmp_path / "bad")]) == 1
    assert "Traceback" not in capsys.readouterr().err


def test_a_hostile_name_cannot_write_to_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    question = HomomorphicQuestion(("Yes", "No"), 1, 1, "\x1b[2J\ntracking number  of another paper")
    paper = make_paper("hostile", (question,), ((1, 0),))
    (tmp_path / "election.json").write_bytes(paper.election.to_bytes())
    (tmp_path / "opening.json").write_bytes(paper.open().to_bytes())

    assert main([str(tmp_path / "election.json"), str(tmp_path / "opening.json")]) == 0
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert out.count("\ntracking number") == 1
