"""An interrupted audit, or one of a grown archive, resumes; no state file makes a false record pass."""

from __future__ import annotations

import io
import stat
from pathlib import Path

import pytest

from ballot.audit import command
from ballot.audit.catalogue import Stage
from ballot.audit.memory import Memory, UntrustedMemory, read_key, sources_hash
from ballot.audit.report import Report
from ballot.audit.run import Options, audit
from ballot.protocol.archive import read_header, read_members, write_data, write_event, write_header
from ballot.protocol.backends import choose
from tests.support.vectors.tampering import NO, YES, finish, small_election

VECTORS = Path(__file__).resolve().parents[2] / "vectors"
KEY, VERIFIER = bytes(range(32)), "0" * 64


@pytest.fixture(autouse=True)
def _chunks_of_two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ballot.audit.ballots.CHUNK", 2)


@pytest.fixture(scope="module")
def growing() -> list[bytes]:
    """The archive after 0, 1, ... 5 ballots, and whole."""
    sim = small_election()
    pieces = [bytes(sim.archive)]
    for voter, vote in ((0, YES), (1, NO), (2, YES), (0, NO), (1, YES)):
        sim.vote(voter, vote)
        pieces.append(bytes(sim.archive))
    return [*pieces, finish(sim)]


def memory(path: Path, key: bytes = KEY, backend: str = "", verifier: str = VERIFIER) -> Memory:
    return Memory(path, key, backend or choose().backend, verifier=verifier)


def rows(report: Report) -> list[object]:
    return [(row.check.id, row.status, row.found, row.faults) for row in report.rows()]


def test_a_second_run_says_the_same_and_says_what_it_rests_on(growing: list[bytes], tmp_path: Path) -> None:
    path = tmp_path / "x.bel"
    path.write_bytes(growing[-1])
    first = audit(path, Options(memory=memory(tmp_path / "state")))
    second = audit(path, Options(memory=memory(tmp_path / "state")))

    assert (first.earlier, second.earlier) == (0, 5)
    assert rows(first) == rows(second) == rows(audit(path, Options()))
    assert "earlier run" not in first.to_text()
    assert "5 ballots were verified in an earlier run" in second.verdict
    assert any("5 ballots" in what for what in second.not_checked())


def test_a_forged_total_is_found_again_in_a_second_run(tmp_path: Path) -> None:
    forged = VECTORS / "decryption.bound--total-forged-by-the-server.zip"
    runs = [audit(forged, Options(memory=memory(tmp_path / "state"))) for _ in range(2)]

    assert [run.failed() for run in runs] == [["decryption.bound"]] * 2
    assert runs[1].earlier > 0


def test_the_same_on_two_processes(growing: list[bytes], tmp_path: Path) -> None:
    path = tmp_path / "x.bel"
    path.write_bytes(growing[-1])
    runs = [audit(path, Options(jobs=2, memory=memory(tmp_path / "state"))) for _ in range(2)]
    assert [run.earlier for run in runs] == [0, 5]
    assert rows(runs[0]) == rows(runs[1])


def test_a_grown_archive_is_taken_up_where_it_was_left(growing: list[bytes], tmp_path: Path) -> None:
    path, state = tmp_path / "x.bel", tmp_path / "state"
    path.write_bytes(growing[4])
    audit(path, Options(stage=Stage.VOTING, memory=memory(state)))
    path.write_bytes(growing[-1])
    grown = audit(path, Options(memory=memory(state)))
    assert (grown.exit_status, grown.earlier) == (0, 4)


def test_an_interrupted_run_is_taken_up(growing: list[bytes], tmp_path: Path) -> None:
    path, state, read = tmp_path / "x.bel", tmp_path / "state", 0
    path.write_bytes(growing[-1])

    def stop(bytes_read: int) -> None:
        nonlocal read
        read += bytes_read
        if read > len(growing[3]):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        audit(path, Options(progress=stop, memory=memory(state)))
    after = audit(path, Options(memory=memory(state)))
    assert after.exit_status == 0
    assert after.earlier == 2


def test_a_fault_is_found_again_in_every_run(growing: list[bytes], tmp_path: Path) -> None:
    path = VECTORS / "ballots.individual--response-plus-one.bel"
    runs = [audit(path, Options(memory=memory(tmp_path / "state"))) for _ in range(2)]
    assert [run.failed() for run in runs] == [["ballots.individual"]] * 2
    assert rows(runs[0]) == rows(runs[1])


@pytest.mark.parametrize("name", ["good--shuffled-every-kind.bel", "good--lists-weighted.bel"])
def test_ballots_that_are_shuffled_or_of_lists_are_counted_again(name: str, tmp_path: Path) -> None:
    first, again = (audit(VECTORS / name, Options(memory=memory(tmp_path / "state"))) for _ in range(2))
    assert (first.exit_status, again.exit_status) == (0, 0)
    assert (first.earlier, again.earlier) == (0, 3)


RISKY = sorted(path for path in VECTORS.glob("*.bel") if path.name.split(".")[0] in ("chain", "tally"))
RISKY += sorted(
    path for word in ("overall", "signature", "twice", "subgroup") for path in VECTORS.glob(f"ballots.{word}*")
)


@pytest.mark.parametrize("path", RISKY, ids=[path.name for path in RISKY])
def test_what_was_learnt_of_honest_archives_excuses_no_false_one(path: Path, tmp_path: Path) -> None:
    """Each false archive is an honest one changed, so that most of its history is one that is remembered."""
    state = tmp_path / "state"
    for good in ("good--tallied.bel", "good--voting.bel", "good--superseded.bel"):
        audit(VECTORS / good, Options(memory=memory(state)))
    assert rows(audit(path, Options(memory=memory(state)))) == rows(audit(path, Options()))


def test_an_old_ballot_exchanged_under_events_that_are_remembered_is_checked(
    growing: list[bytes], tmp_path: Path
) -> None:
    path, state = tmp_path / "x.bel", tmp_path / "state"
    path.write_bytes(growing[5])
    audit(path, Options(memory=memory(state)))
    members = split(growing[5])
    data = [i for i, (kind, body) in enumerate(members) if kind == "data" and b'"signature"' in body]
    members[data[0]] = ("data", members[data[0]][1].replace(b'"response":"', b'"response":"1', 1))
    path.write_bytes(join(members))

    report = audit(path, Options(stage=Stage.VOTING, memory=memory(state)))
    assert report.earlier == 0
    assert report.exit_status == 1
    assert rows(report) == rows(audit(path, Options(stage=Stage.VOTING)))


def split(archive: bytes) -> list[tuple[str, bytes]]:
    stream = io.BytesIO(archive)
    return [(member.kind, member.body) for member in read_members(stream, read_header(stream))]


def join(members: list[tuple[str, bytes]]) -> bytes:
    at = small_election().timestamp
    pieces = [write_data(body, at) if kind == "data" else write_event(body, at) for kind, body in members]
    return write_header(at) + b"".join(pieces)


# -- The file ----------------------------------------------------------------------------------------------------


@pytest.fixture
def state(growing: list[bytes], tmp_path: Path) -> Path:
    path = tmp_path / "x.bel"
    path.write_bytes(growing[-1])
    audit(path, Options(memory=memory(tmp_path / "state")))
    return tmp_path / "state"


def test_a_state_file_of_somebody_else_is_refused(state: Path) -> None:
    with pytest.raises(UntrustedMemory, match="it is not used"):
        memory(state, key=bytes(32))


@pytest.mark.parametrize("at", [0, 30, 70, 120, 250, -2], ids=str)
def test_a_state_file_with_one_bit_changed_is_refused(state: Path, at: int) -> None:
    data = bytearray(state.read_bytes())
    data[at] ^= 1
    state.write_bytes(bytes(data))
    with pytest.raises(UntrustedMemory):
        memory(state)


@pytest.mark.parametrize("data", [b"", b"\n", b"\0" * 5000, b"ballot resume v1\n", b"00\n" * 100])
def test_rubbish_is_refused_and_left_as_it_is(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "state").write_bytes(data)
    with pytest.raises(UntrustedMemory):
        memory(tmp_path / "state")
    assert (tmp_path / "state").read_bytes() == data


@pytest.mark.parametrize("path", ["/dev/zero", "."], ids=["a device without end", "a folder"])
def test_what_is_not_a_file_is_refused(path: str) -> None:
    with pytest.raises(UntrustedMemory, match="is not a file"):
        memory(Path(path))


@pytest.mark.parametrize("other", [{"verifier": "1" * 64}, {"backend": "an abacus"}], ids=["version", "arithmetic"])
def test_another_version_or_arithmetic_verifies_anew_and_says_so(state: Path, other: dict[str, str]) -> None:
    report = audit(state.with_name("x.bel"), Options(memory=memory(state, **other)))
    assert (report.exit_status, report.earlier) == (0, 0)
    assert "everything was verified again" in report.verdict


def test_what_cannot_be_written_down_is_said_and_fails_nothing(growing: list[bytes], tmp_path: Path) -> None:
    path = tmp_path / "x.bel"
    path.write_bytes(growing[-1])
    report = audit(path, Options(memory=memory(tmp_path / "missing" / "state")))
    assert report.exit_status == 0
    assert "could not be written" in report.verdict


def test_the_key_is_made_once_and_is_the_users_alone(tmp_path: Path) -> None:
    key = read_key(tmp_path / "home")
    assert key == read_key(tmp_path / "home") != read_key(tmp_path / "another")
    assert stat.S_IMODE((tmp_path / "home" / "resume.key").stat().st_mode) == 0o600
    (tmp_path / "home" / "resume.key").write_bytes(b"")
    with pytest.raises(OSError, match="32 bytes"):
        read_key(tmp_path / "home")


def test_the_version_is_that_of_the_sources_themselves() -> None:
    assert sources_hash() == sources_hash()
    assert len(sources_hash()) == 64


# -- The command -------------------------------------------------------------------------------------------------


def test_the_command_goes_on_and_refuses_a_foreign_file(
    growing: list[bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "home"))
    path, state = tmp_path / "x.bel", tmp_path / "state"
    path.write_bytes(growing[-1])
    words = [str(path), "--jobs", "1", "--resume", str(state)]
    assert [command.main(words), command.main(words)] == [0, 0]
    assert "5 ballots were verified in an earlier run" in capsys.readouterr().out.splitlines()[-1]

    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "another"))
    with pytest.raises(SystemExit) as caught:
        command.main(words)
    assert caught.value.code == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "it is not used" in said.err


def test_interrupted_it_says_so_and_verifies_nothing(
    growing: list[bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("ballot.audit.command.ProgressBar.update", interrupt)
    path = tmp_path / "x.bel"
    path.write_bytes(growing[-1])
    assert command.main([str(path), "--jobs", "1", "--resume", str(tmp_path / "state")]) == 130
    said = capsys.readouterr()
    assert (said.out, "nothing is verified" in said.err) == ("", True)
