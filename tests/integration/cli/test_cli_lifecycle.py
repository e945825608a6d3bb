"""From nothing to a declared and published record through the command line, with votes cast over HTTP."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

from ballot.registrar.trustee_key import open_trustee_key
from tests.integration.cli.installation import CCGS, ID, Installation, Link, Voter, serving
from tests.support.simulator import ABSTAIN, AGAINST, FOR


def vote(voter: Voter, links: Sequence[Link], folder: Path) -> list[Path]:
    """Three practices of four vote in each CCG; their receipts."""
    receipts = []
    for ccg in CCGS:
        mine = [link for link in links if link.place == f"{ID}/{ccg}"]
        for number, (link, choice) in enumerate(
            zip(mine, (FOR, AGAINST if ccg == "00C" else FOR, ABSTAIN), strict=False)
        ):
            body = voter.ballot(link, choice)
            status, receipt = voter.cast(link, body)
            assert status == 200, receipt
            assert voter.cast(link, body) == (200, receipt)
            receipts.append(folder / f"receipt-{ccg}-{number}.json")
            receipts[-1].write_bytes(receipt)
    return receipts


def decrypt_all(here: Installation, record: Path) -> None:
    """Trustees 1 and 3 verify the record on their machines, and hand their shares to the server."""
    for ccg in CCGS:
        for i in (1, 3):
            key, dkey = here.trustees / f"{i}.key", here.trustees / f"dkey-{i}.json"
            out = here.trustees / f"share-{ccg}-{i}.json"
            said = here.do("trustee", "decrypt", record, "--ccg", ccg, "--key", key, "--dkey", dkey, "--out", out)
            told = said.strip().splitlines()[-1].partition("ballot office share ")[2]
            assert told == f"{ccg} --owner {i + 1} {out}"
            here.do("office", "share", ccg, "--owner", i + 1, out)


def test_a_whole_programme_runs_from_the_command_line_and_verifies(empty: Installation) -> None:
    here = empty.begin()
    assert "draft" in here.do("office", "status")
    sealed = here.do("office", "seal")
    fingerprint = re.findall(r"\b[0-9a-f]{64}\b", sealed)[0]
    here.do("office", "publish")
    links = here.links()
    assert len(links) == 12

    with serving(here) as (address, log):
        voter = Voter(address)
        receipts = vote(voter, links, here.folder)
        assert "consistent so far" in here.do("office", "publish")
        last = {ccg: [link for link in links if link.place == f"{ID}/{ccg}"][-1] for ccg in CCGS}
        struck, revoked, reissued = (last[ccg] for ccg in CCGS)
        here.do("office", "strike", "00A", "Y00003", "--reason", "practice-closed", "--note", "a private note")
        here.do("registrar", "revoke", "00B", "Y10003", "--reason", "mail-exposed")
        here.do("registrar", "reissue", "00C", "Y20003")
        words = [json.loads(voter.cast(link, voter.ballot(link))[1])["word"] for link in (struck, revoked, reissued)]
        assert words == ["practice-struck", "token-revoked", "token-superseded"]
        again = Link.of(here.do("registrar", "links", "--practice", "Y20003").strip())
        here.printed.pop(-2)  # the link just printed is the one secret that a person asked to see
        body = voter.ballot(again)
        assert voter.cast(again, body)[0] == 200
        here.do("office", "extend", "00A", "--closes", "2999-01-01T00:00", "--reason", "technical-failure")
        here.do("office", "close", "--all", "--early", "--reason", "rehearsal", "--note", "no time to wait")
        assert voter.cast(again, body)[0] == 200
        here.do("office", "publish")
        status, packed = voter.get(f"/api/programmes/{ID}/record.zip")
        assert status == 200
        downloaded = here.folder / "downloaded.zip"
        downloaded.write_bytes(packed)
        here.do("office", "server-share", "--all")
        decrypt_all(here, downloaded)
        decided = here.do("office", "decide")
        assert "00A merge: carried" in decided
        assert "not declared yet" in decided
        here.do("office", "declare")
        here.do("office", "publish")
        voter.close()
    verified = here.run("verify", here.record, "--since", downloaded, *[x for r in receipts for x in ("--receipt", r)])
    assert verified.status == 0, verified.out
    assert "declared" in here.do("office", "status")
    assert fingerprint in here.do("office", "status")
    check_nothing_secret(here, [*links, again], log.read_text())


def check_nothing_secret(here: Installation, links: Sequence[Link], log: str) -> None:
    """Neither token nor credential, nor any private key, in what was printed, logged or published."""
    assert log.count("cast") >= 12
    private = [file.read_text().splitlines()[1] for file in (here.folder / "keys" / "private").iterdir()]
    passphrase = here.passphrase.read_text().strip()
    seeds = [open_trustee_key((here.trustees / f"{i}.key").read_bytes(), passphrase) for i in (1, 2, 3)]
    secrets = [part for link in links for part in (link.token, link.credential)] + private + seeds
    published = b"".join(file.read_bytes() for file in here.record.rglob("*") if file.is_file())
    told = "\n".join([*here.printed, log])
    assert not [secret for secret in secrets if secret in told or secret.encode() in published]
    assert "a private note" not in published.decode("utf-8", "replace")
    assert "@example.org" not in published.decode("utf-8", "replace")
