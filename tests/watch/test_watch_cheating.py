"""Boards that really cheat, most with the board's real key: each cheat, and that a watcher sees it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from ballot.audit import chunks, run
from ballot.audit.chunks import Chunk, ChunkFindings
from ballot.audit.workers import Answer, LostWork
from ballot.db.ballots import find_ballot
from ballot.db.engine import connect
from ballot.db.logs import lock_log
from ballot.db.session import transaction
from ballot.db.upgrade import upgrade
from ballot.office.casting.archives import append_event
from ballot.office.on_time import tick
from ballot.protocol.ballots import ballot_faults
from ballot.protocol.events import EventType
from ballot.protocol.hashing import Hash, sha256_hex
from ballot.record.assets import AssetManifest, parse_assets, sign_assets
from ballot.record.checkpoints import checkpoint_line
from ballot.registrar.keyring import init_keys
from ballot.watch.alarms import Alarm
from ballot.watch.keeping import read_seen
from ballot.watch.look import CLOCKS_DIFFER_BY
from ballot.watch.pages import foreign_parts, read_expected
from tests.integration.office.world import SECOND, World
from tests.watch.boards import Shown, fork
from tests.watch.conftest import CCGS, HOUR, Watcher, a_watcher
from tests.web.conftest import make_app

API = "/api/programmes/merger"
STATIC = Path(make_app.__code__.co_filename).parents[2] / "ballot" / "web" / "static"


@dataclass
class Cheat:
    """The board's operator, who has its key: goes back to before the votes, and tells another story."""

    site: Shown
    empty: World
    bodies: list[bytes]
    folder: Path
    stack: ExitStack

    def retell(self, voters: Sequence[int]) -> World:
        """These practices voted, in this order, and nobody else; the board shows that from now on."""
        other = self.stack.enter_context(fork(self.empty, self.folder / f"history-{len(list(self.folder.iterdir()))}"))
        other.clock.now = self.site.world.clock.now
        for voter in voters:
            assert other.cast(other.links()[voter], self.bodies[voter]).status == 200
        self.show(other)
        return other

    def show(self, world: World) -> None:
        self.site.board.face = make_app(world, office=False)


@pytest.fixture
def cheat(site: Shown, empty: World, bodies: list[bytes], tmp_path: Path) -> object:
    with ExitStack() as stack:
        yield Cheat(site, empty, bodies, tmp_path, stack)


# -- Ballots ---------------------------------------------------------------------------------------------------------


def test_a_ballot_that_is_removed_is_missed(cheat: Cheat, watcher: Watcher) -> None:
    cheat.retell([0])
    assert "removed" in watcher.alarms()


def test_a_ballot_that_is_replaced_is_missed(cheat: Cheat, watcher: Watcher) -> None:
    cheat.retell([0, 2])
    assert watcher.alarms() >= {"replaced", "two-faces"}


def test_ballots_that_change_places_are_noticed(cheat: Cheat, watcher: Watcher) -> None:
    cheat.retell([1, 0])
    assert watcher.alarms() >= {"re-ordered", "two-faces"}


def test_a_whole_history_signed_anew_is_seen_by_whoever_kept_a_copy_and_by_nobody_else(
    cheat: Cheat, watcher: Watcher, site: Shown, tmp_path: Path
) -> None:
    cheat.retell([2, 0, 1])
    newcomer = a_watcher(site, tmp_path / "newcomer")
    newcomer.now = watcher.now

    assert newcomer.look() == []
    assert "two-faces" in watcher.alarms()
    evidence = [path.name for path in watcher.kept.folder.rglob("evidence/*/*")]
    assert {"00A-seen-before.note", "00A-now.note", "record.zip"} <= set(evidence)


def test_an_alarm_does_not_go_away_and_the_older_copy_stays(cheat: Cheat, watcher: Watcher) -> None:
    before = watcher.kept.record.read_bytes()
    cheat.retell([0])

    assert "removed" in watcher.alarms()
    assert "removed" in watcher.alarms()
    assert watcher.kept.record.read_bytes() == before


def test_a_ballot_dated_back_before_a_look_that_did_not_find_it_is_noticed(
    cheat: Cheat, watcher: Watcher, world: World, bodies: list[bytes]
) -> None:
    last = watcher.now - HOUR
    world.clock.now = last - CLOCKS_DIFFER_BY - SECOND
    assert world.cast(world.links()[2], bodies[2]).status == 200
    assert watcher.alarms() == {"back-dated"}


def test_clocks_that_differ_a_little_raise_no_alarm(watcher: Watcher, world: World, bodies: list[bytes]) -> None:
    world.clock.now = watcher.now - HOUR - CLOCKS_DIFFER_BY + SECOND
    assert world.cast(world.links()[2], bodies[2]).status == 200
    assert watcher.look() == []


def test_a_ballot_whose_proofs_do_not_hold_is_noticed_though_the_board_signed_it(
    watcher: Watcher, world: World, bodies: list[bytes]
) -> None:
    ballot = json.loads(bodies[2])
    proof = ballot["answers"][0]["overall_proof"][0]
    proof["response"] = str(int(proof["response"]) ^ 1)
    body = json.dumps(ballot, separators=(",", ":")).encode()
    world.clock.now = watcher.now
    with transaction(world.engine) as session:
        log, row = lock_log(session, "merger", "00A"), find_ballot(session, "merger", "00A")
        assert log is not None
        assert row is not None
        append_event(session, row, log, EventType.BALLOT, [body], watcher.now, "vote.example.org", world.board)
    found = [str(finding) for finding in watcher.look()]
    assert any("ballots.signature" in finding or "ballots.overall" in finding for finding in found)
    assert all("ALARM" in finding for finding in found)


# -- Two faces -------------------------------------------------------------------------------------------------------


def test_two_watchers_who_were_shown_two_faces_find_out_when_they_compare(
    cheat: Cheat, watcher: Watcher, site: Shown, tmp_path: Path
) -> None:
    """Each alone sees nothing wrong; the longer of the two stories needs no help of the board to be told apart."""
    honest = site.board.face
    cheat.retell([0, 2, 3])
    other = a_watcher(site, tmp_path / "other")
    other.now = watcher.now
    assert other.look() == []
    site.board.face = honest
    assert watcher.look() == []

    theirs = (("other", read_seen(other.kept.folder / "seen.jsonl")),)
    ours = (("us", read_seen(watcher.kept.folder / "seen.jsonl")),)
    assert watcher.alarms(others=theirs) == {"two-faces"}
    cheat.retell([0, 2, 3])
    assert other.alarms(others=ours) == {"two-faces"}


def test_a_comparison_with_somebody_who_made_up_checkpoints_accuses_nobody_of_two_faces(
    watcher: Watcher, tmp_path: Path
) -> None:
    log, note = read_seen(watcher.kept.folder / "seen.jsonl")[0]
    forged = tmp_path / "seen.jsonl"
    forged.write_bytes(checkpoint_line(log, note.replace("head ", "head 0")) + checkpoint_line("00Z", note))
    assert watcher.alarms(others=(("liar", read_seen(forged)),)) <= {"signature", "unreadable"}


OF_THE_RECORD = {
    r"/00A/board": "two-faces",
    r"/00A/election\.bel": "two-faces",
    r"/events\.jsonl": "two-faces",
    r"/checkpoints\.jsonl": "two-faces",
    r"/files/roll\.csv": "changed-roll",
    r"/files/constitutions/00A\.toml": "changed-rule",
    r"/files/programme\.toml": "changed-rule",
    r"/files/keys/registrar\.pub": "changed-key",
}


def test_every_address_that_tells_another_story_than_the_record_is_noticed(site: Shown, watcher: Watcher) -> None:
    def another(body: bytes) -> bytes:
        if body.startswith(b"["):
            return json.dumps(json.loads(body)[1:]).encode()
        return body[: len(body) // 2] + bytes([body[len(body) // 2] ^ 1]) + body[len(body) // 2 + 1 :]

    site.board.answers |= {API + path: another for path in OF_THE_RECORD}
    found = watcher.look()
    for path, word in OF_THE_RECORD.items():
        address = API + path.replace("\\", "")
        assert [f.kind.value for f in found if f.detail.startswith(f"{address} ")] == [word]
    assert len(found) == len(OF_THE_RECORD)


# -- Roll, rules, keys -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("what", "words"), [("rules", {"changed-roll", "changed-rule"}), ("key", {"changed-key"})])
def test_a_programme_sealed_anew_with_another_roll_rule_or_key_is_noticed(
    cheat: Cheat, watcher: Watcher, world: World, tmp_path: Path, what: str, words: set[str]
) -> None:
    """With the board's own key, wherever that is not what was changed."""
    engine = connect(f"sqlite:///{tmp_path / 'again.db'}")
    upgrade(engine)
    same = what == "rules"
    keys = world.keys if same else tmp_path / "others"
    if not same:
        init_keys(keys)
    again = World(engine, tmp_path / "again", ccgs=CCGS, practices=5 if same else 4, keys_of=keys)
    if same:
        rule = again.programme_folder / "constitutions" / "00A.toml"
        rule.write_text(rule.read_text().replace("1/2", "1/3"))
    again.open()
    tick(again.desk)
    cheat.show(again)

    assert watcher.alarms() >= words
    engine.dispose()


def test_a_board_without_the_trusted_fingerprint_is_noticed_at_the_first_look(site: Shown, tmp_path: Path) -> None:
    trust = tmp_path / "trusted.txt"
    trust.write_text("ab" * 32)
    assert a_watcher(site, tmp_path / "new").alarms(trust=trust) == {"untrusted"}


class LostWorkers:
    """Workers of whom none answers."""

    room = 3

    def submit(self, chunk: Chunk) -> Answer:
        def wait() -> ChunkFindings:
            raise LostWork("a worker process died before it answered")

        return wait

    def close(self) -> None:
        """There is nothing to close."""


def test_what_was_not_checked_is_an_alarm_and_is_not_compared_with_later(
    world: World, bodies: list[bytes], watcher: Watcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, checked = watcher.kept.record.read_bytes(), []
    world.clock.now = watcher.now
    assert world.cast(world.links()[2], bodies[2]).status == 200
    with monkeypatch.context() as lost:
        lost.setattr(run, "local_workers", lambda *_: LostWorkers())

        found = watcher.look()

    assert [finding.kind for finding in found] == [Alarm.UNCHECKED]
    assert "ballots.signature" in found[0].detail
    assert "a worker process died" in found[0].detail
    assert watcher.kept.record.read_bytes() == before
    monkeypatch.setattr(chunks, "ballot_faults", lambda *given: checked.append(given) or ballot_faults(*given))
    assert watcher.look() == []
    assert len(checked) == 1
    assert watcher.kept.record.read_bytes() != before


def test_a_list_of_fingerprints_that_cannot_be_read_is_an_alarm(site: Shown, tmp_path: Path) -> None:
    assert a_watcher(site, tmp_path / "new").alarms(trust=tmp_path / "gone.txt") == {"unchecked"}


def test_a_programme_that_is_gone_is_noticed(site: Shown, watcher: Watcher) -> None:
    site.board.face.view_functions["board.terms"] = lambda programme: ("gone", 404)
    assert watcher.alarms() == {"removed"}


# -- Scripts and pages -----------------------------------------------------------------------------------------------


def evil(body: bytes) -> bytes:
    return body + b"\nfetch('/static/x?' + location.hash);\n"


def test_a_script_that_differs_from_the_signed_list_is_noticed(site: Shown, watcher: Watcher) -> None:
    site.board.answers[r"/static/[0-9a-f]+/booth\.js"] = evil
    assert watcher.alarms() == {"changed-script"}


def lying(world: World) -> dict[str, object]:
    """A board that changes a script and signs a list of it."""

    def relist(body: bytes) -> bytes:
        manifest = parse_assets(body)
        files = {**manifest.files, "booth.js": sha256_hex(evil((STATIC / "booth.js").read_bytes()))}
        return sign_assets(AssetManifest(manifest.programme, files, {}), world.board).to_bytes()

    return {rf"{API}/assets\.json": relist, r"/static/[0-9a-f]+/booth\.js": evil}


def test_a_board_that_signs_a_list_of_its_changed_script_is_seen_by_whoever_kept_the_older_list(
    site: Shown, watcher: Watcher, world: World
) -> None:
    site.board.answers |= lying(world)  # type: ignore[arg-type]
    assert {"changed-script", "changed-page"} <= watcher.alarms()


def test_and_at_the_first_look_by_whoever_brought_a_list_from_elsewhere(
    site: Shown, world: World, tmp_path: Path
) -> None:
    listed = tmp_path / "release.sha256"
    files = sorted(path for path in STATIC.rglob("*") if path.is_file() and " " not in path.name)
    listed.write_text("".join(f"{sha256_hex(p.read_bytes())}  ./{p.relative_to(STATIC).as_posix()}\n" for p in files))
    expected = read_expected(listed)
    assert a_watcher(site, tmp_path / "honest").look(expected=expected) == []

    site.board.answers |= lying(world)  # type: ignore[arg-type]
    found = a_watcher(site, tmp_path / "new").look(expected=expected)
    assert {finding.kind.value for finding in found} >= {"changed-script"}
    assert any("booth.js" in finding.detail and "in the list given" in finding.detail for finding in found)


BEYOND = (
    "<script>steal()</script>",
    '<script src="https://elsewhere.example.org/x.js"></script>',
    '<script src="/static/x.js"></script>',
    '<img src="/x" onerror="steal()">',
    '<form action="https://elsewhere.example.org/"></form>',
    '<base href="https://elsewhere.example.org/">',
    '<meta http-equiv="refresh" content="0; url=https://elsewhere.example.org/">',
    '<a href="javascript:steal()">x</a>',
    '<iframe src="/"></iframe>',
    '<link rel="stylesheet" href="//elsewhere.example.org/x.css">',
)


def test_whatever_a_page_runs_or_loads_beyond_the_list_is_told(origin: World) -> None:
    client = make_app(origin, office=False).test_client()
    manifest = parse_assets(client.get(f"{API}/assets.json").data)
    for address in ("/vote/merger/00A", "/board/merger", "/board/merger/checkpoints", "/how-to-check"):
        page = client.get(address).text
        assert foreign_parts(page, "http://localhost", manifest) == []
        for more in BEYOND:
            assert foreign_parts(page.replace("</main>", f"{more}</main>"), "http://localhost", manifest) != [], more


def test_a_booth_that_differs_from_what_the_board_signed_is_noticed(site: Shown, watcher: Watcher) -> None:
    site.board.answers["/vote/merger/00A"] = lambda body: body.replace(b"</main>", b"<script>steal()</script></main>")
    assert watcher.alarms() == {"changed-page", "foreign-script"}


def test_a_list_that_the_board_did_not_sign_is_noticed(site: Shown, watcher: Watcher) -> None:
    site.board.answers[rf"{API}/assets\.json"] = lambda body: body.replace(
        Hash(json.loads(body)["pages"]["/vote/merger/00A"]).encode(), b"ab" * 32
    )
    assert watcher.alarms() == {"signature"}
