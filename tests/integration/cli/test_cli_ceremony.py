"""The trustees' ceremony in plain files, and what a trustee refuses to decrypt."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from ballot.record.keys import Role
from ballot.record.moves import Move, ReasonCode
from ballot.record.programme_events import check_event_signatures, parse_programme_event, sign_event
from ballot.registrar.keyring import open_signing_key
from tests.integration.cli.installation import Installation
from tests.integration.cli.test_cli_refusals import EARLY, refused

VECTORS = Path(__file__).parents[2] / "vectors"
BEGIN = ("--of", 3, "--threshold", 2)


@pytest.fixture
def closed(sealed: Installation) -> Installation:
    sealed.do("office", "close", "--all", *EARLY)
    sealed.do("office", "publish")
    return sealed


def decrypt(here: Installation, published: Path, trustee: int = 1, ccg: str = "00A", out: str = "out") -> list[object]:
    key, dkey = here.trustees / f"{trustee}.key", here.trustees / f"dkey-{trustee}.json"
    command = ["trustee", "decrypt", published, "--key", key, "--dkey", dkey, "--out", here.folder / out]
    return [*command, "--ccg", ccg] if ccg else command


def test_nothing_is_decrypted_before_the_last_ballot_has_closed_or_was_abandoned(empty: Installation) -> None:
    here = empty.begin(count="together")
    here.do("office", "seal")
    for ccg in ("00A", "00B"):
        here.do("office", "close", ccg, *EARLY)
    here.do("office", "publish")

    assert "the ballot of 00C has not closed in this record" in refused(here, *decrypt(here, here.record))
    assert not (here.folder / "out").exists()
    assert "counted together" in refused(here, "office", "server-share", "00A")

    # The officers abandoned a rehearsal with the same keys; it is put into this record.
    forged = here.folder / "forged"
    shutil.copytree(here.record, forged)
    events = forged / "events.jsonl"
    of_another = replace(
        parse_programme_event(events.read_bytes().splitlines()[-1]),
        programme="rehearsal",
        move=Move.ABANDONED,
        ccg="00C",
        data={},
        reason=ReasonCode.REHEARSAL,
        signatures=(),
        proposal=None,
    )
    two = tuple(open_signing_key(here.folder / "keys", role) for role in (Role.RETURNING_OFFICER, Role.DEPUTY))
    line = sign_event(of_another, two).to_bytes()
    check_event_signatures(parse_programme_event(line), {key.role: key.public for key in two})
    events.write_bytes(events.read_bytes() + line + b"\n")
    assert "the ballot of 00C has not closed in this record" in refused(here, *decrypt(here, forged))

    # An archive without an event is not closed, and no traceback.
    archive = forged / "elections" / "00C.bel"
    archive.write_bytes(archive.read_bytes()[:1024])
    assert "Traceback" not in refused(here, *decrypt(here, forged))

    here.do("office", "abandon", "00C", "--reason", "rehearsal")
    here.do("office", "publish")

    here.do("office", "server-share", "00A")
    assert "What is about to be decrypted" in here.do(*decrypt(here, here.record))


def test_only_the_trustee_s_key_is_a_secret_and_it_has_mode_0600(issued: Installation) -> None:
    files = {file.name: file.stat().st_mode & 0o077 for file in issued.trustees.iterdir()}

    assert {name for name, mode in files.items() if mode == 0} == {"1.key", "2.key", "3.key"}


def test_the_same_ceremony_cannot_be_written_over(issued: Installation) -> None:
    there = issued.trustees
    command = ("trustee", "certificate", "--number", 1, *BEGIN, "--key", there / "1.key", "--out", there / "new")

    assert "never overwritten" in refused(issued, *command)
    assert not (there / "new").exists()


@pytest.mark.parametrize(
    ("number", "of", "threshold"),
    [(0, 3, 2), (4, 3, 2), (1, 3, 4), (1, 3, 0), (1, 101, 2)],
    ids=lambda value: str(value),
)
def test_there_is_no_such_trustee(issued: Installation, number: int, of: int, threshold: int) -> None:
    place = ("--number", number, "--of", of, "--threshold", threshold)
    out = ("--key", issued.folder / "new.key", "--out", issued.folder / "new")

    assert "There is no trustee" in refused(issued, "trustee", "certificate", *place, *out)
    assert not (issued.folder / "new.key").exists()


def test_parts_that_are_missing_double_or_of_somebody_else_are_named(issued: Installation) -> None:
    there = issued.trustees
    certs = there / "certs.json"
    parts = [there / f"polynomial-{i}.json" for i in (1, 2, 3)]
    out = ("--out", issued.folder / "out")

    assert "second certificate of trustee 1" in refused(
        issued, "ceremony", "check", there / "cert-1.json", there / "cert-1.json", *out
    )
    assert "ceremony" in refused(issued, "ceremony", "check", there / "cert-1.json", there / "cert-2.json", *out)
    assert "trustee 3 is missing" in refused(issued, "ceremony", "route", certs, *parts[:2], *out)
    assert "second file of trustee 2" in refused(issued, "ceremony", "route", certs, *parts, parts[1], *out)
    assert "cert-1.json is not what was expected" in refused(
        issued, "ceremony", "route", certs, there / "cert-1.json", *out
    )
    changed = issued.folder / "changed.json"
    value = json.loads(parts[0].read_text())
    value["coefexps"] = json.loads(parts[1].read_text())["coefexps"] | {"message": "{}"}
    changed.write_text(json.dumps(value, separators=(",", ":")))
    assert "signed by none of these trustees" in refused(issued, "ceremony", "route", certs, changed, *parts[1:], *out)
    assert not (issued.folder / "out").exists()


def test_a_trustee_stops_at_a_part_that_does_not_hold(issued: Installation) -> None:
    there = issued.trustees
    vinput = json.loads((there / "vinput-1.json").read_text())
    vinput["secrets"][1] = json.loads((there / "vinput-2.json").read_text())["secrets"][1]
    swapped = issued.folder / "vinput.json"
    swapped.write_text(json.dumps(vinput, separators=(",", ":")))
    command = ("trustee", "voutput", there / "certs.json", swapped, "--key", there / "1.key")

    told = refused(issued, *command, "--out", issued.folder / "out")

    assert "must stop here, and begin again: trustee 2" in told
    assert not (issued.folder / "out").exists()


def test_a_trustee_decrypts_from_the_record_or_the_archive_alone(closed: Installation) -> None:
    closed.do(*decrypt(closed, closed.record))
    closed.do(*decrypt(closed, closed.record / "elections" / "00B.bel", ccg="", out="second"))

    remembered = (closed.trustees / "1.key.decrypted").read_text().splitlines()
    assert len(remembered) == 2
    assert "never overwritten" in refused(closed, *decrypt(closed, closed.record))
    closed.do(*decrypt(closed, closed.record, out="the same total again"))


def test_a_trustee_decrypts_all_totals_of_a_record_at_once_and_one_by_name(closed: Installation) -> None:
    said = closed.do(*decrypt(closed, closed.record, ccg=""))
    assert said.count("SHA-256 of the encrypted total:") == 3
    assert "00A, 00B, 00C. Hand it in on your page" in said
    shares = json.loads((closed.folder / "out").read_bytes())
    assert list(shares) == ["00A", "00B", "00C"]
    for ccg, share in shares.items():
        (closed.folder / "one").write_text(share)
        closed.do("office", "server-share", ccg)
        closed.do("office", "share", ccg, "--owner", 2, closed.folder / "one")
    assert "there are: 00A, 00B, 00C" in refused(closed, *decrypt(closed, closed.record, ccg="99Z", out="none"))


def test_nothing_is_decrypted_while_voting_goes_on(sealed: Installation) -> None:
    sealed.do("office", "publish")

    told = refused(sealed, *decrypt(sealed, sealed.record))

    assert "not a closed and consistent one" in told
    assert not (sealed.folder / "out").exists()


def test_nothing_is_decrypted_of_an_archive_with_a_fault(closed: Installation) -> None:
    archive = closed.folder / "spoiled.bel"
    data = bytearray((closed.record / "elections" / "00A.bel").read_bytes())
    data[-600] ^= 1
    archive.write_bytes(data)

    assert "not a closed and consistent one" in refused(closed, *decrypt(closed, archive, ccg=""))
    assert "nowhere" in refused(closed, *decrypt(closed, closed.folder / "nowhere", ccg=""))


@pytest.mark.parametrize(
    ("archive", "why"),
    [
        ("good--share-before-the-result.bel", "shares of its total are in it"),
        ("good--ended-and-not-tallied.bel", "there is no encrypted total yet"),
    ],
)
def test_nothing_is_decrypted_unless_the_total_is_the_last_in_the_archive(
    archive: str, why: str, closed: Installation
) -> None:
    assert why in refused(closed, *decrypt(closed, VECTORS / archive, ccg=""))


def test_a_damaged_zip_is_refused_in_a_sentence(closed: Installation) -> None:
    data = bytearray((closed.record.with_suffix(".zip")).read_bytes())
    at = data.find(b"elections/00A.bel") + 400
    data[at : at + 40] = bytes(40)
    damaged = closed.folder / "damaged.zip"
    damaged.write_bytes(data)

    assert "elections/00A.bel cannot be read" in refused(closed, *decrypt(closed, damaged))


def test_nothing_is_decrypted_with_the_key_of_another_ceremony(closed: Installation) -> None:
    strangers = closed.folder / "strangers"
    shutil.move(closed.trustees, strangers)
    closed.hold_ceremony()

    assert "not one of the keys of the election" in refused(closed, *decrypt(closed, closed.record))
    shutil.copy(strangers / "dkey-1.json", closed.trustees / "dkey-1.json")
    assert "Your key file 1.key does not open dkey-1.json" in refused(closed, *decrypt(closed, closed.record))


def test_a_file_that_is_not_the_trustees_key_is_named_with_what_it_is(issued: Installation) -> None:
    there = issued.trustees
    for name, says in (
        ("dkey-1.json", "dkey-1.json is not your key file: it is a dkey file."),
        ("parameters.json", "parameters.json is not your key file: it is parameters.json, which is public."),
        ("certs.json", "certs.json is not your key file: it is the certificates of a ceremony."),
    ):
        (there / name).chmod(0o600)
        command = decrypt(issued, issued.record)
        command[command.index("--key") + 1] = there / name
        assert says in refused(issued, *command)
    command = decrypt(issued, issued.record)
    command[command.index("--dkey") + 1] = there / "parameters.json"
    assert "parameters.json is not your dkey file: it is parameters.json" in refused(issued, *command)


def test_a_second_total_of_the_same_election_is_not_decrypted(closed: Installation) -> None:
    closed.do(*decrypt(closed, closed.record))
    memory = closed.trustees / "1.key.decrypted"
    uuid, _, tally = memory.read_text().strip().partition(" ")
    memory.write_text(f"{uuid} {tally[::-1]}\n")

    told = refused(closed, *decrypt(closed, closed.record, out="again"))

    assert "this key has already decrypted another total of this election" in told
    assert not (closed.folder / "again").exists()
