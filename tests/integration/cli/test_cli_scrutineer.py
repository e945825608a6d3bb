"""`ballot scrutineer`: a key, the office's figures, a report, and checking it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ballot.declaration.office_figures import parse_figures_file
from ballot.record.keys import PublicKey
from tests.integration.cli.installation import Installation
from tests.support import record_simulator
from tests.support.record_simulator import RecordSimulator

NAMED = '[scrutineer]\nname = "A. Watcher"\n\n[secrecy]'


@pytest.fixture
def here(tmp_path: Path) -> Installation:
    return Installation(tmp_path)


def passphrase(here: Installation) -> tuple[str, str]:
    return "--passphrase-file", f"scrutineer={here.passphrase}"


def made_key(here: Installation) -> tuple[Path, PublicKey]:
    file = here.folder / "watcher.json"
    here.do("scrutineer", "key", "--out", file, *passphrase(here))
    return file, PublicKey.from_pem(file.with_name("watcher.json.pub").read_bytes())


@pytest.fixture
def record(here: Installation, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """A record whose terms name the key, and the key file."""
    file, public = made_key(here)
    monkeypatch.setattr(record_simulator, "SCRUTINEER", public)
    simulated = RecordSimulator(hooks={"programme.toml": lambda text: text.replace("[secrecy]", NAMED, 1)})
    path = here.folder / "record.zip"
    path.write_bytes(simulated.to_zip())
    return path, file


def test_a_report_is_a_draft_until_it_is_signed_and_then_anyone_can_check_it(
    here: Installation, record: tuple[Path, Path]
) -> None:
    path, key = record
    assert here.do("scrutineer", "report", path).startswith("Draft of the scrutineer's report: Two CCGs become one")
    assert json.loads(here.do("scrutineer", "report", path, "--json"))["statements"] == []
    out, pdf, again = (here.folder / name for name in ("report.json", "report.pdf", "again.pdf"))
    signing = ("--sign", key, "--out", out, "--pdf", pdf, *passphrase(here))
    here.do("scrutineer", "report", path, *signing, "--not-satisfied", "opportunity=One letter  was late")
    checked = here.run("scrutineer", "check", out, path, "--pdf", again)
    assert checked.status == 0
    assert "The signature holds, made with the key in the terms." in checked.out
    assert "NOT satisfied with opportunity." in checked.out
    assert pdf.read_bytes() == again.read_bytes()
    assert json.loads(out.read_bytes())["report"]["statements"][3]["why"] == "One letter was late"


def test_a_report_that_was_altered_has_the_exit_status_1(here: Installation, record: tuple[Path, Path]) -> None:
    path, key = record
    out, other = here.folder / "report.json", here.folder / "altered.json"
    here.do("scrutineer", "report", path, "--sign", key, "--out", out, *passphrase(here))
    other.write_bytes(out.read_bytes().replace(b'"satisfied":true,"why":""', b'"satisfied":true,"why":"!"', 1))
    ran = here.run("scrutineer", "check", other, path)
    assert (ran.status, ran.out) == (1, "")
    assert "The scrutineer's signature does not hold" in ran.err


def test_a_programme_without_a_scrutineer_needs_the_key_to_check(here: Installation) -> None:
    key, _ = made_key(here)
    path, out = here.folder / "record.zip", here.folder / "report.json"
    path.write_bytes(RecordSimulator().to_zip())
    ran = here.run("scrutineer", "report", path, "--sign", key, "--out", out, *passphrase(here))
    assert ran.status == 0
    assert "whoever checks the report needs your public key (--key)" in ran.err
    assert here.run("scrutineer", "check", out, path).status == 1
    assert here.run("scrutineer", "check", out, path, "--key", key.with_name("watcher.json.pub")).status == 0


def test_another_s_key_does_not_sign_where_the_terms_name_one(here: Installation, record: tuple[Path, Path]) -> None:
    other = here.folder / "other.json"
    here.do("scrutineer", "key", "--out", other, *passphrase(here))
    out = here.folder / "report.json"
    ran = here.run("scrutineer", "report", record[0], "--sign", other, "--out", out, *passphrase(here))
    assert ran.status == 2
    assert "The terms name the key" in ran.err
    assert not out.exists()


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (("--out", "x.json"), "--sign KEYFILE and --out FILE.json belong together."),
        (("--sign", "KEY", "--out", "x.json", "--not-satisfied", "weather=rain"), 'There is no statement "weather"'),
        (("--sign", "KEY", "--out", "x.json", "--not-satisfied", "secrecy"), "say why you are not satisfied: secrecy"),
        (("--figures", "RECORD"), "is not what was expected"),
    ],
)
def test_a_wrong_argument_is_refused_in_a_sentence(
    here: Installation, record: tuple[Path, Path], given: tuple[str, ...], sentence: str
) -> None:
    known = {"KEY": record[1], "RECORD": record[0], "x.json": here.folder / "x.json"}
    ran = here.run("scrutineer", "report", record[0], *(known.get(each, each) for each in given), *passphrase(here))
    assert ran.status == 2
    assert sentence in ran.err


def test_the_scrutineer_s_fingerprint_is_shown_with_the_others(here: Installation) -> None:
    here.do("keys", "init")
    _, public = made_key(here)
    assert "scrutineer" not in here.do("keys", "show")
    (here.folder / "keys" / "scrutineer.pub").write_bytes(public.to_pem())
    assert f"scrutineer         {public.fingerprint}" in here.do("keys", "show")


def test_figures_of_another_ballot_are_refused(here: Installation, record: tuple[Path, Path]) -> None:
    here.begin()
    file = here.folder / "figures.json"
    ran = here.run("scrutineer", "figures", "--out", file)
    assert ran.status == 0, ran
    assert parse_figures_file(file.read_bytes()).incidents == ()
    refused = here.run("scrutineer", "report", record[0], "--figures", file)
    assert refused.status == 2
    assert "and the record of a-small-merger" in refused.err
