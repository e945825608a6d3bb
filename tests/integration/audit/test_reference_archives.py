"""Archives that the reference tool accepts and this software does not: each refusal is a true sentence."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ballot.audit.catalogue import Stage
from ballot.audit.faults import sentence
from ballot.audit.report import Report
from ballot.audit.run import Options, audit
from ballot.audit.source import Unreadable
from ballot.protocol.events import EventType
from tests.support.beside import FOLDER
from tests.support.record_simulator import RecordSimulator
from tests.support.vectors import tampered_kinds as kinds
from tests.support.vectors.tampered_archives import ended_and_not_tallied
from tests.support.vectors.tampered_counts import closed_with, with_result
from tests.support.vectors.tampered_shuffles import of_two_out_of_three, shuffled_by
from tests.support.vectors.tampering import chained, small_election, steps_of

ODD = FOLDER / "interop" / "odd"
TALLY = ("tally.form", "tally.ciphertexts", "tally.count", "tally.weight")


def report_of(body: bytes, folder: Path, stage: Stage | None = None) -> Report:
    (folder / "x.bel").write_bytes(body)
    return audit(folder / "x.bel", Options(stage=stage))


def faults(report: Report) -> list[str]:
    """Every fault, without the name of the file."""
    return [sentence(fault).partition(": ")[2] for fault in report.faults]


def reasons(report: Report) -> set[str]:
    """Why checks were skipped."""
    return {row.found for row in report.rows() if row.check.id in report.skipped()}


# -- Not supported -------------------------------------------------------------------------------------------------

LONG = "the group '" + "x" * 40 + "' is not supported, only Ed25519"
NOT_SUPPORTED: dict[str, tuple[Callable[[], bytes], str]] = {
    "BELENIOS-2048": (
        lambda: kinds.of_residues("BELENIOS-2048"),
        "the group BELENIOS-2048 is not supported, only Ed25519",
    ),
    "RFC-3526-2048": (
        lambda: kinds.of_residues("RFC-3526-2048"),
        "the group RFC-3526-2048 is not supported, only Ed25519",
    ),
    "another spelling": (kinds.election_with(group="ed25519"), "the group ed25519 is not supported, only Ed25519"),
    "no name at all": (kinds.election_with(group=""), "the group '' is not supported, only Ed25519"),
    "a name that draws": (
        kinds.election_with(group="\x1b[2J"),
        "the group '\\x1b[2J' is not supported, only Ed25519",
    ),
    "a long name": (kinds.election_with(group="x" * 2**20), LONG),
    "version 0": (kinds.election_with(version=0), "protocol version 0 is not supported, only version 1"),
    "version 2": (kinds.election_with(version=2), "protocol version 2 is not supported, only version 1"),
    "version 3": (kinds.election_with(version=3), "protocol version 3 is not supported, only version 1"),
    "a negative version": (kinds.election_with(version=-1), "protocol version -1 is not supported, only version 1"),
    "both": (
        kinds.election_with(version=2, group="BELENIOS-2048"),
        "protocol version 2 is not supported, only version 1",
    ),
    "a weight of 20 digits": (
        kinds.weight("9" * 20),
        "weights of more than 19 digits are not supported, found one of 20",
    ),
    "a weight of a million digits": (
        kinds.weight("9" * 10**6),
        "weights of more than 19 digits are not supported, found one of 1000000",
    ),
}


@pytest.mark.parametrize(("make", "sentence"), NOT_SUPPORTED.values(), ids=NOT_SUPPORTED.keys())
def test_what_is_not_supported_is_the_reason_for_every_check_of_the_contents(
    make: Callable[[], bytes], sentence: str, tmp_path: Path
) -> None:
    report = report_of(make(), tmp_path)

    assert (report.failed(), reasons(report), report.exit_status) == ([], {sentence}, 1)
    assert {"setup.trustees", "setup.credentials", "ballots.signature"} <= set(report.skipped())
    assert sentence in report.verdict


def test_bytes_and_chain_of_another_group_are_checked_all_the_same(tmp_path: Path) -> None:
    report = report_of(kinds.of_residues("BELENIOS-2048")[:-1], tmp_path)

    assert report.failed() == ["archive.whole"]


def test_an_election_of_another_group_in_a_record_is_told_the_same(tmp_path: Path) -> None:
    record = RecordSimulator(stage="setup", hooks={"archive 00A": lambda _: kinds.of_residues("BELENIOS-2048")})
    (tmp_path / "x.zip").write_bytes(record.to_zip())

    report = audit(tmp_path / "x.zip", Options(stage=Stage.SETUP))

    assert "the group BELENIOS-2048 is not supported, only Ed25519" in reasons(report)
    assert not [id for id in report.failed() if id.startswith(("setup.", "ballots."))]


# -- Not of that form ----------------------------------------------------------------------------------------------

OF_FORM: dict[str, tuple[Callable[[], bytes], str]] = {
    "version in quotes": (
        kinds.election_with(version="1"),
        "wrong-type: protocol version: expected a whole number, found a string",
    ),
    "true for version": (
        kinds.election_with(version=True),
        "wrong-type: protocol version: expected a whole number, found a boolean",
    ),
    "no version": (kinds.election_with(version=None), "wrong-fields: missing version"),
    "a group that is a number": (
        kinds.election_with(group=25519),
        "wrong-type: group: expected a string, found a number",
    ),
    "no group": (kinds.election_with(group=None), "wrong-fields: missing group"),
    "a version of 101 digits": (
        kinds.election_with(version=10**100),
        "number-range: expected numbers of at most 100 digits, found one of 101",
    ),
    "a leading zero": (
        kinds.weight("01"),
        "number-range: expected a weight: a whole number without leading zero",
    ),
    "a long leading zero": (
        kinds.weight("0" * 20),
        "number-range: expected a weight: a whole number without leading zero",
    ),
}


@pytest.mark.parametrize(("make", "sentence"), OF_FORM.values(), ids=OF_FORM.keys())
def test_an_election_of_no_form_is_a_fault_of_form(make: Callable[[], bytes], sentence: str, tmp_path: Path) -> None:
    report = report_of(make(), tmp_path, Stage.SETUP)

    assert (report.failed(), faults(report)) == (["setup.form"], [sentence])


HEADERS: dict[str, tuple[Callable[[], bytes], str]] = {
    "the successor's": (kinds.of_the_successor, "protocol version 2 is not supported, only version 1"),
    "its successor's": (
        lambda: kinds.of_the_successor(version=3),
        "protocol version 3 is not supported, only version 1",
    ),
    "archive version 2": (
        kinds.header(b'{"version":2,"timestamp":"1589184000"}'),
        "archive version 2 is not supported, only version 1",
    ),
    "archive version 0": (
        kinds.header(b'{"version":0,"created":"2020"}'),
        "archive version 0 is not supported, only version 1",
    ),
    "a version in quotes": (
        kinds.header(b'{"version":"1","timestamp":"1589184000"}'),
        "archive version: expected a whole number, found a string",
    ),
    "no version": (kinds.header(b'{"timestamp":"1589184000"}'), "missing version"),
    "no timestamp": (kinds.header(b'{"version":1}'), "missing timestamp"),
    "a timestamp that is a number": (
        kinds.header(b'{"version":1,"timestamp":1589184000}'),
        "expected the timestamp as a string, found a number",
    ),
    "a timestamp that is a number, and nothing else": (
        lambda: kinds.header(b'{"version":1,"timestamp":1589184000}')()[:1024],
        "expected the timestamp as a string, found a number",
    ),
    "a timestamp that is true": (kinds.header(b'{"version":1,"timestamp":true}'), "expected a string, found a boolean"),
}


@pytest.mark.parametrize(("make", "sentence"), HEADERS.values(), ids=HEADERS.keys())
def test_a_header_that_cannot_be_read_is_told_in_a_sentence(
    make: Callable[[], bytes], sentence: str, tmp_path: Path
) -> None:
    with pytest.raises(Unreadable, match=rf"(bel: |archive-header: ){sentence}$") as refused:
        report_of(make(), tmp_path)

    assert ("nor a .bel archive" in str(refused.value)) == ("not supported" not in sentence)


def test_an_archive_of_version_two_in_a_record_is_skipped(tmp_path: Path) -> None:
    record = RecordSimulator(stage="setup", hooks={"archive 00A": lambda _: kinds.of_the_successor()})
    (tmp_path / "x.zip").write_bytes(record.to_zip())

    report = audit(tmp_path / "x.zip", Options(stage=Stage.SETUP))

    assert "archive.header" in report.skipped()
    assert "protocol version 2 is not supported, only version 1" in reasons(report)


# -- Numbers -------------------------------------------------------------------------------------------------------


def total(text: str) -> Callable[[], bytes]:
    """A tally whose total weight is written so."""
    return closed_with(sized=lambda body: body.replace(b'"total_weight":2', f'"total_weight":{text}'.encode()))


def result(text: str) -> Callable[[], bytes]:
    return with_result(b'{"result":[[%s,0]]}' % text.encode())


OF_NUMBERS = {
    "41 digits": ('"%s"' % ("9" * 41), "number-range: expected a total of at most 40 digits, found one of 41"),
    "ten million digits in quotes": (
        '"%s"' % ("9" * 10**7),
        "number-range: expected a total of at most 40 digits, found one of 10000000",
    ),
    "ten million digits": (
        "9" * 10**7,
        "number-range: expected numbers of at most 100 digits, found one of 10000000",
    ),
    "minus 200 digits": (
        "-" + "9" * 200,
        "number-range: expected numbers of at most 100 digits, found one of 200",
    ),
    "a large number without quotes": ("1073741824", "number-range: expected a number above 1073741823 in quotes"),
    "a small number in quotes": ('"2"', "number-range: expected a number up to 1073741823 without quotes"),
    "a leading zero": ('"02"', "number-range: expected a whole number in base 10, without leading zero"),
    "other digits": ('"٢"', "number-range: expected a whole number in base 10, without leading zero"),
}


@pytest.mark.parametrize("where", [total, result], ids=["total weight", "result"])
@pytest.mark.parametrize(("text", "sentence"), OF_NUMBERS.values(), ids=OF_NUMBERS.keys())
def test_a_number_is_refused_for_what_is_wrong_with_it(
    where: Callable[[str], Callable[[], bytes]], text: str, sentence: str, tmp_path: Path
) -> None:
    body = where(text)()
    started = time.monotonic()
    report = report_of(body, tmp_path)

    assert time.monotonic() - started < 20
    (fault,) = [fault for fault in faults(report) if not fault.startswith("there is no")]
    assert fault.endswith(sentence)


def test_a_total_of_forty_digits_is_only_another_total(tmp_path: Path) -> None:
    report = report_of(total('"%s"' % ("9" * 40))(), tmp_path, Stage.CLOSED)

    assert report.failed() == ["tally.weight"]


@pytest.mark.parametrize("digits", ["0", "7", "1073741823", "1073741824", "9" * 19])
def test_a_weight_of_up_to_nineteen_digits_is_a_weight(digits: str, tmp_path: Path) -> None:
    report = report_of(kinds.weight(digits)(), tmp_path, Stage.SETUP)

    assert report.exit_status == 0


# -- Ended, and not tallied ----------------------------------------------------------------------------------------


def test_a_single_archive_that_was_ended_and_not_tallied_is_consistent(tmp_path: Path) -> None:
    report = report_of(ended_and_not_tallied(), tmp_path, Stage.CLOSED)

    assert report.exit_status == 0
    assert "Voting has ended, and there is no encrypted tally yet" in report.verdict
    assert {row.found for row in report.rows() if row.check.id in TALLY} == {
        "voting has ended, and there is no encrypted tally yet"
    }


@pytest.mark.parametrize("stage", [None, Stage.VOTING, Stage.TALLIED])
def test_it_is_verified_for_no_other_stage(stage: Stage | None, tmp_path: Path) -> None:
    assert report_of(ended_and_not_tallied(), tmp_path, stage).exit_status == 1


@pytest.mark.parametrize(
    "left_out",
    [{EventType.ENCRYPTED_TALLY}, {EventType.ENCRYPTED_TALLY, EventType.PARTIAL_DECRYPTION}],
    ids=["the tally", "the tally and the shares"],
)
def test_shares_or_a_result_without_a_tally_are_no_such_archive(left_out: set[EventType], tmp_path: Path) -> None:
    steps = [step for step in steps_of(kinds.tallied()) if step.type not in left_out]

    assert "tally.form" in report_of(chained(steps), tmp_path).failed()


def test_an_archive_that_only_says_that_it_was_tallied_is_no_such_archive(tmp_path: Path) -> None:
    sim = small_election()
    sim.append(EventType.END_BALLOTS, [])
    sim.append(EventType.ENCRYPTED_TALLY, [b"[]", b"{}"])

    assert "tally.form" in report_of(sim.archive, tmp_path, Stage.CLOSED).failed()


# -- Shuffled by few ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("owners", "whom"), [((1,), "1"), ((3, 1), "1 and 3"), ((2, 3), "2 and 3"), ((1, 2, 3), None), ((1, 3, 4), None)]
)
def test_fewer_who_shuffled_than_decrypted_are_named_in_the_verdict(
    owners: tuple[int, ...], whom: str | None, tmp_path: Path
) -> None:
    report = report_of(shuffled_by(*owners, sim=of_two_out_of_three, keys=(1, 2, 3))(), tmp_path)

    assert report.exit_status == 0
    few = f"Fewer trustees shuffled the votes of x.bel than are needed to decrypt (only {whom})"
    sentence = f"{few}, so they could tell together who voted how"
    assert [note for note in report.notes if "shuffled" in note] == ([sentence] if whom else [])


def test_a_shuffle_larger_than_its_ballots_need_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("ballot.audit.elections.MAX_SHARE", 1000)
    body = shuffled_by(1)()

    monkeypatch.setattr("ballot.audit.elections.OF_A_BALLOT", 600)
    assert report_of(body, tmp_path).exit_status == 0
    monkeypatch.setattr("ballot.audit.elections.OF_A_BALLOT", 200)
    report = report_of(body, tmp_path)
    assert report.failed() == ["shuffles.form"]
    assert faults(report) == ["shuffle 1: it is not before its event, or larger than a shuffle can be"]


# -- The reference tool's own --------------------------------------------------------------------------------------

OWN = {
    "20-ended-no-tally": (Stage.CLOSED, [], set()),
    "23-BELENIOS-2048": (None, [], {"the group BELENIOS-2048 is not supported, only Ed25519"}),
    "29-one-share-invalid-enough-valid": (None, ["decryption.proofs"], set()),
}


@pytest.mark.shared
@pytest.mark.parametrize("name", OWN)
def test_the_reference_tools_own_are_told_in_a_sentence(name: str) -> None:
    stage, fails, sentences = OWN[name]
    report = audit(ODD / f"{name}.bel", Options(stage=stage))

    assert (report.failed(), reasons(report)) == (fails, sentences)
    assert (report.exit_status == 0) == (not fails and not sentences)


@pytest.mark.shared
@pytest.mark.parametrize(("name", "shuffles"), [("nonhomomorphic", "PASS"), ("lists", "N/A")])
def test_the_reference_tools_own_of_other_kinds_verify(name: str, shuffles: str) -> None:
    report = audit(FOLDER / "interop" / "mixnet" / f"{name}.bel", Options())

    assert (report.failed(), report.skipped(), report.exit_status) == ([], [], 0)
    assert {row.status.value for row in report.rows() if row.check.id.startswith("shuffles.")} == {shuffles}
    assert "its decryption proofs do not bind the total" in report.verdict


@pytest.mark.shared
def test_its_successors_own_is_of_version_two() -> None:
    with pytest.raises(Unreadable, match=r"30-version-2-1\.bel: protocol version 2 is not supported, only version 1$"):
        audit(ODD / "30-version-2-1.bel", Options())
