"""The fixed interface of scripts/verify_tally.py: exit status, options, verdict."""

from __future__ import annotations

import json
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from ballot.audit.command import main
from ballot.protocol.archive import read_header, read_members
from ballot.protocol.events import EventType, parse_event
from ballot.protocol.group import Ed25519
from ballot.protocol.hashing import base64_of_hex
from ballot.protocol.pure import PureEd25519
from ballot.record.keys import Role
from ballot.record.receipts import Receipt, parse_receipt, sign_receipt
from tests.support.record_simulator import CLOSES, RecordSimulator, signing_key
from tests.support.simulator import ABSTAIN, AGAINST, FOR
from tests.support.vectors.tampering import NO, YES, finish, small_election

Printed = pytest.CaptureFixture[str]
SCRIPT = Path(__file__).parents[3] / "scripts" / "verify_tally.py"


def write_folder(record: RecordSimulator, folder: Path) -> Path:
    """The record as a folder."""
    for name, body in record.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
    return folder


def write(path: Path, body: bytes) -> Path:
    path.write_bytes(body)
    return path


@pytest.fixture(scope="module")
def record() -> RecordSimulator:
    return RecordSimulator()


@pytest.fixture(scope="module")
def folder(record: RecordSimulator, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_folder(record, tmp_path_factory.mktemp("record"))


def run(capsys: Printed, *arguments: object) -> tuple[int, str]:
    """Exit status and what was printed."""
    status = main([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    return status, captured.out + captured.err


# -- Inputs and exit status --------------------------------------------------------------------------------------


def test_the_script_verifies_a_folder_and_exits_with_zero(folder: Path) -> None:
    done = subprocess.run([sys.executable, SCRIPT, folder, "--jobs", "1"], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout
    assert "VERIFIED. Keys not compared with a trusted fingerprint" in done.stdout
    assert "Traceback" not in done.stderr


def test_the_script_exits_with_two_where_nothing_can_be_read(tmp_path: Path) -> None:
    path = write(tmp_path / "x.bel", b"nothing")

    done = subprocess.run([sys.executable, SCRIPT, path], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (2, "")
    assert "neither a record nor a .bel archive" in done.stderr


def test_a_zip_and_a_single_archive_verify(record: RecordSimulator, tmp_path: Path, capsys: Printed) -> None:
    packed = write(tmp_path / "record.zip", record.to_zip())
    single = write(tmp_path / "00A.bel", record.files["elections/00A.bel"])

    assert run(capsys, packed)[0] == 0
    assert run(capsys, single)[0] == 0


def test_a_zip_of_a_folder_verifies(record: RecordSimulator, tmp_path: Path, capsys: Printed) -> None:
    import zipfile

    path = tmp_path / "record.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.mkdir("a-small-merger")
        for name, body in record.files.items():
            archive.writestr(f"a-small-merger/{name}", body)

    assert run(capsys, path)[0] == 0


@pytest.mark.parametrize("name", ["absent", "x" * 400, "."])
def test_what_is_not_there_exits_with_two(name: str, tmp_path: Path, capsys: Printed) -> None:
    status, said = run(capsys, tmp_path / name)

    assert status == 2
    assert said.count("\n") == 1


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path, capsys: Printed) -> None:
    import os

    os.mkfifo(tmp_path / "pipe")

    assert run(capsys, tmp_path / "pipe")[0] == 2


def test_a_link_in_a_folder_fails_and_is_not_followed(record: RecordSimulator, tmp_path: Path, capsys: Printed) -> None:
    folder = write_folder(record, tmp_path)
    (folder / "elections" / "00C.bel").symlink_to("/nowhere/at/all")
    (folder / "roll.csv").unlink()
    (folder / "roll.csv").symlink_to(write(tmp_path.parent / "roll.csv", record.files["roll.csv"]))

    status, said = run(capsys, folder)

    assert status == 1
    assert "record: roll.csv is neither a file nor a folder" in said
    assert "record: elections/00C.bel is neither a file nor a folder" in said


def test_a_damaged_member_is_a_failure_and_not_unreadable(
    record: RecordSimulator, tmp_path: Path, capsys: Printed
) -> None:
    folder = write_folder(record, tmp_path)
    write(folder / "elections/00A.bel", record.files["elections/00A.bel"][:-5])

    status, said = run(capsys, folder)

    assert status == 1
    assert "FAIL    archive.whole" in said


def test_a_file_name_of_strange_bytes_prints_on_any_terminal(folder: Path, tmp_path: Path) -> None:
    import os
    import shutil

    copy = shutil.copytree(folder, tmp_path / "copy")
    (copy / os.fsdecode(b"\xff\x1b[31m\n\xc3\xa9.txt")).write_bytes(b"x")
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}

    done = subprocess.run([sys.executable, SCRIPT, copy], capture_output=True, env=environment, check=False)

    assert done.returncode == 1, done.stderr
    assert b"\x1b" not in done.stdout
    assert b"Traceback" not in done.stderr


# -- --json ------------------------------------------------------------------------------------------------------


def test_json_says_the_same_as_the_text(folder: Path, capsys: Printed) -> None:
    status, said = run(capsys, folder, "--json")
    report = json.loads(said)
    _, text = run(capsys, folder)

    assert (status, report["exit_status"]) == (0, 0)
    assert report["verdict"] == text.splitlines()[-1]
    assert text.splitlines()[:2] == [f"Arithmetic: {report['backend']}", ""]
    rows, _, rest = "\n".join(text.splitlines()[2:]).partition("\n\nNot checked:\n")
    assert rest.split("\n\n")[0].splitlines() == [f"- {what}" for what in report["not_checked"]]
    assert [line[:8].strip() for line in rows.splitlines()] == [check["status"] for check in report["checks"]]
    assert {"id", "title", "status", "expected", "found", "faults"} == set(report["checks"][0])


# -- --stage -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", ["setup", "voting", "closed", "tallied"])
def test_each_stage_is_verified_as_itself_only(stage: str, tmp_path: Path, capsys: Printed) -> None:
    packed = write(tmp_path / "record.zip", RecordSimulator(stage=stage).to_zip())

    as_itself = run(capsys, packed, "--stage", stage)
    others = {other: run(capsys, packed, "--stage", other)[0] for other in ("setup", "voting", "closed", "tallied")}

    assert as_itself[0] == 0
    assert "VERIFIED" in as_itself[1].splitlines()[-1]
    also = {"voting"} if stage == "setup" else set()
    assert {other for other, status in others.items() if status == 0} == {stage} | also


def test_without_a_stage_what_is_not_tallied_is_only_consistent(tmp_path: Path, capsys: Printed) -> None:
    sim = small_election()
    sim.vote(0, YES)

    status, said = run(capsys, write(tmp_path / "x.bel", sim.archive))

    assert status == 1
    assert said.splitlines()[-1].startswith("consistent so far, not tallied")


def test_a_wrong_stage_says_which_was_found(folder: Path, capsys: Printed) -> None:
    status, said = run(capsys, folder, "--stage", "closed")

    assert status == 1
    assert "00A: expected closed, found tallied" in said


# -- --trust -----------------------------------------------------------------------------------------------------


def test_a_trusted_fingerprint_takes_the_reservation_away(
    record: RecordSimulator, folder: Path, tmp_path: Path, capsys
) -> None:  # type: ignore[no-untyped-def]
    trusted = write(tmp_path / "trust", f"# the invitation\n{record.fingerprint.upper()}\n".encode())

    status, said = run(capsys, folder, "--trust", trusted)

    assert status == 0
    assert "Keys not compared" not in said


@pytest.mark.parametrize("listed", [b"", b"ab" * 32, b"\xff\xfe", b"a" * 65])
def test_a_fingerprint_that_is_not_on_the_list_fails_or_is_skipped(
    listed: bytes, folder: Path, tmp_path: Path, capsys
) -> None:  # type: ignore[no-untyped-def]
    assert run(capsys, folder, "--trust", write(tmp_path / "trust", listed))[0] == 1


def test_an_absent_list_of_fingerprints_is_not_passed_over(folder: Path, tmp_path: Path, capsys: Printed) -> None:
    assert run(capsys, folder, "--trust", tmp_path / "absent")[0] == 1


# -- --since -----------------------------------------------------------------------------------------------------


def published(**more: Any) -> RecordSimulator:
    """A record whose checkpoints stand in the order in which they were made, so that it only grows."""
    return RecordSimulator(hooks={"checkpoints": lambda entries: sorted(entries, key=lambda e: e[1].time)}, **more)


@pytest.mark.parametrize("stage", ["setup", "voting", "closed", "tallied"])
def test_an_older_copy_is_a_part_of_the_newer(stage: str, tmp_path: Path, capsys: Printed) -> None:
    older = write(tmp_path / "older.zip", published(stage=stage).to_zip())
    newer = write_folder(published(), tmp_path / "newer")

    assert run(capsys, newer, "--since", older)[0] == 0
    assert run(capsys, older, "--since", newer, "--stage", stage)[0] == (0 if stage == "tallied" else 1)


def test_a_single_archive_grows_from_an_older_copy(tmp_path: Path, capsys: Printed) -> None:
    sim = small_election()
    sim.vote(0, YES)
    older = write(tmp_path / "older.bel", sim.archive)
    newer = write(tmp_path / "newer.bel", finish(sim))
    other = small_election()
    other.vote(0, NO)
    rewritten = write(tmp_path / "rewritten.bel", finish(other))

    assert run(capsys, newer, "--since", older)[0] == 0
    assert "was rewritten or cut" in run(capsys, rewritten, "--since", older)[1]
    assert run(capsys, older, "--since", newer, "--stage", "voting")[0] == 1
    assert run(capsys, newer, "--since", write(tmp_path / "empty.bel", b""))[0] == 1


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("returned.csv", None),
        ("returned.csv", b"ccg_ods_code,practice_ods_code,practice_name\n"),
        ("decision.json", b"{}"),
    ],
    ids=["who voted is gone", "who voted is another", "the decision is another"],
)
def test_what_an_older_copy_has_must_still_be_there(
    name: str, body: bytes | None, record: RecordSimulator, folder: Path, tmp_path: Path, capsys
) -> None:  # type: ignore[no-untyped-def]
    newer = write_folder(record, tmp_path)
    (newer / name).unlink()
    if body is not None:
        write(newer / name, body)

    assert "FAIL    since.prefix" in run(capsys, newer, "--since", folder)[1]


@pytest.mark.parametrize("older", ["", "absent", "junk"])
def test_what_is_no_older_copy_is_skipped(older: str, folder: Path, tmp_path: Path, capsys: Printed) -> None:
    write(tmp_path / "junk", b"junk")

    status, said = run(capsys, folder, "--since", tmp_path / older)

    assert status == 1
    assert "SKIPPED since.prefix" in said


def test_an_archive_kept_from_earlier_is_compared_with_that_of_the_record(
    record: RecordSimulator, folder: Path, tmp_path: Path, capsys
) -> None:  # type: ignore[no-untyped-def]
    older = write(tmp_path / "00A.bel", record.files["elections/00A.bel"][:20480])
    other = write(tmp_path / "00B.bel", record.files["elections/00A.bel"][:20480])

    assert run(capsys, folder, "--since", older)[0] == 0
    assert run(capsys, folder, "--since", other)[0] == 1


# -- --receipt ---------------------------------------------------------------------------------------------------


def receipts(record: RecordSimulator, folder: Path) -> list[Path]:
    return [write(folder / f"receipt-{i}.json", receipt) for i, receipt in enumerate(record.receipts)]


def test_every_receipt_is_honoured(record: RecordSimulator, folder: Path, tmp_path: Path, capsys: Printed) -> None:
    given = [part for path in receipts(record, tmp_path) for part in ("--receipt", path)]

    status, said = run(capsys, folder, *given)

    assert status == 0
    honoured = next(line for line in said.splitlines() if "receipt.honoured" in line)
    assert honoured.startswith("PASS")
    assert f"({len(record.receipts)} examined)" in honoured


def test_a_receipt_that_was_saved_again_on_windows_is_honoured(
    record: RecordSimulator, folder: Path, tmp_path: Path, capsys: Printed
) -> None:
    saved = write(tmp_path / "receipt.json", b"\xef\xbb\xbf" + record.receipts[0].strip() + b"\r\n")

    status, said = run(capsys, folder, "--receipt", saved)

    assert status == 0
    assert next(line for line in said.splitlines() if "receipt.honoured" in line).startswith("PASS")


def test_a_superseded_receipt_is_honoured(tmp_path: Path, capsys: Printed) -> None:
    record = RecordSimulator(policy="last-counts", votes={"00A": [(0, FOR), (1, ABSTAIN), (0, AGAINST)], "00B": []})
    first, _, _ = receipts(record, tmp_path)

    status, said = run(capsys, write(tmp_path / "record.zip", record.to_zip()), "--receipt", first)

    assert status == 0
    assert "receipt-0.json is honoured, but a later ballot replaced it at height 3" in said


def changed(receipt: bytes, key: Role = Role.BOARD, seed: int = 0, **values: object) -> bytes:
    """A receipt that says something else, signed by a key."""
    old, _, _ = parse_receipt(receipt)
    fields = {name: getattr(old, name) for name in Receipt.__slots__} | values
    return sign_receipt(Receipt(**fields), signing_key(key, seed))


def test_false_receipts_fail(record: RecordSimulator, folder: Path, tmp_path: Path, capsys: Printed) -> None:
    first, second = record.receipts[0], record.receipts[1]
    false = {
        "signature": [
            changed(first, seed=1),
            changed(first, Role.REGISTRAR),
            first.replace(b'"height":1', b'"height":2'),
            b"",
            b"[" * 9999,
            b"\xff",
            record.to_zip(),
            b"x" * 2**17,
        ],
        "honoured": [
            changed(first, height=2),
            changed(first, height=10**9),
            changed(first, ccg="00B"),
            changed(first, ccg="00Z"),
            changed(first, tracking_number=parse_receipt(second)[0].tracking_number),
            changed(first, tracking_number="é"),
            changed(first, chain_head="ab" * 32),
            changed(first, election_uuid="1" * 14),
            changed(first, programme="another"),
            changed(first, time=CLOSES),
        ],
    }
    for check, bodies in false.items():
        for body in bodies:
            status, said = run(capsys, folder, "--receipt", write(tmp_path / "r", body))
            assert status == 1
            assert f"FAIL    receipt.{check}" in said, body[:300]


def test_no_event_but_a_ballot_honours_a_receipt(
    record: RecordSimulator, folder: Path, tmp_path: Path, capsys: Printed
) -> None:
    stream = BytesIO(record.files["elections/00A.bel"])
    timestamp = read_header(stream)
    events = [parse_event(m.body) for m in read_members(stream, timestamp) if m.kind == "event"]
    others = [event for event in events if event.height and event.type is not EventType.BALLOT]
    assert {event.payload is None for event in others} == {True, False}
    for event in others:
        number = base64_of_hex(event.payload or "00" * 32)
        false = changed(record.receipts[0], height=event.height, chain_head=event.hash, tracking_number=number)
        status, said = run(capsys, folder, "--receipt", write(tmp_path / "r", false))
        assert status == 1
        assert f"the ballot is not at height {event.height}" in said


def test_a_receipt_beside_a_single_archive_is_checked_by_its_own_key(
    record: RecordSimulator, tmp_path: Path, capsys
) -> None:  # type: ignore[no-untyped-def]
    single = write(tmp_path / "00A.bel", record.files["elections/00A.bel"])

    status, said = run(capsys, single, "--receipt", receipts(record, tmp_path)[0])

    assert status == 0
    assert "The board's key was taken from the receipt itself" in said


def test_an_absent_receipt_fails(folder: Path, tmp_path: Path, capsys: Printed) -> None:
    assert run(capsys, folder, "--receipt", tmp_path / "absent")[0] == 1


# -- Skipped, and N/A --------------------------------------------------------------------------------------------


def test_a_check_that_could_not_run_is_never_verified(tmp_path: Path, capsys: Printed) -> None:
    path = Path(__file__).parents[2] / "vectors" / "skipped--belenios-2048.bel"

    status, said = run(capsys, path)

    assert status == 1
    assert said.splitlines()[-1].startswith("NOT VERIFIED: 32 skipped (setup.form, ")


def test_two_backends_that_agree_verify_together_and_the_report_names_both(capsys: Printed, folder: Path) -> None:
    status, text = run(capsys, folder, "--cross-check", "--jobs", 2)
    assert status == 0
    assert "cross-checked by" in text


def test_two_backends_that_differ_verify_nothing(
    capsys: Printed, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PureEd25519, "commitment", lambda self, response, claimed, challenge: self.g)
    monkeypatch.setattr("ballot.protocol.backends.available", lambda: {"pynacl": Ed25519, "pure": PureEd25519})
    status = main([str(folder), "--cross-check", "--jobs", "1"])
    printed = capsys.readouterr()
    assert status == 1
    assert printed.out == ""
    assert "Nothing is verified" in printed.err
    assert "differ in commitment" in printed.err
