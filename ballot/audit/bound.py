"""Whether the decryptions bind the totals: every share of every archive with its strong proofs in the record.

The archive's own proofs leave the ciphertext and the factor out of their challenge (protocol/strong_decryption.py). A
record must have the strong ones too; a single archive cannot, and its verdict says so.
"""

from __future__ import annotations

from collections.abc import Mapping

from ballot.audit.catalogue import Stage
from ballot.audit.election_facts import ElectionFacts
from ballot.audit.files import RECORD, Files
from ballot.audit.logs import lines_of
from ballot.audit.report import Report
from ballot.audit.tallies import MAX_SHARE
from ballot.protocol.errors import InvalidMessage
from ballot.protocol.strong_decryption import check_strong_proofs, parse_owned_strong_proofs
from ballot.protocol.trustees import public_keys
from ballot.record.decryptions import decryptions_path, election_of_decryptions

BOUND = "decryption.bound"


def check_bound(files: Files, facts: Mapping[str, ElectionFacts], report: Report) -> None:
    """Check the strong proofs of every election that is tallied; one that is not may have none, and no shares.

    Shares without a result would open a total for whoever adds them up, and no strong proof would bind it.
    """
    tallied = {name for name, found in facts.items() if found.stage is Stage.TALLIED}
    present = {election for name in files.names if (election := election_of_decryptions(name)) is not None}
    for name in sorted(present - tallied):
        report.fault(BOUND, RECORD, f"{decryptions_path(name)}: there is no tallied election of this name")
    for name in sorted(set(facts) - tallied):
        if facts[name].closing.shares:
            report.fault(BOUND, RECORD, f"{name}: there are shares of the total, and no result that proofs bind")
    for name in sorted(tallied):
        _check_election(files, name, facts[name], report)
    if tallied:
        report.ran(BOUND, RECORD, sum(len(facts[name].closing.shares) for name in tallied))
    else:
        report.not_applicable(BOUND, RECORD, "not yet")


def _check_election(files: Files, name: str, found: ElectionFacts, report: Report) -> None:
    path, closing, setup = decryptions_path(name), found.closing, found.setup
    if not files.has(path):
        report.fault(BOUND, RECORD, f"{path} is missing: nothing shows that the factors open this total")
        return
    if setup is None or closing.tally is None:
        report.skip(BOUND, RECORD, f"{name}: setup and encrypted tally could not both be read")
        return
    lines, shares = lines_of(files.read(path), path, BOUND, report), closing.shares
    if len(lines) != len(shares):
        expected = f"expected the proofs of {len(shares)} shares, one a line, found {len(lines)} lines"
        report.fault(BOUND, RECORD, f"{path}: {expected}")
        return
    keys = public_keys(setup.trustees)
    for number, (line, (owned, _)) in enumerate(zip(lines, shares, strict=True), start=1):
        where, share = f"{path}, line {number}", closing.valid_shares.get(owned.owner)
        if len(line) > MAX_SHARE:
            report.fault(BOUND, RECORD, f"{where}: larger than a share can be")
            continue
        try:
            each = parse_owned_strong_proofs(setup.group, line)
        except InvalidMessage as fault:
            report.fault(BOUND, RECORD, f"{where}: {fault}")
            continue
        if each.owner != owned.owner:
            report.fault(BOUND, RECORD, f"{where}: expected the proofs of trustee {owned.owner}, found {each.owner}")
        elif share is None:
            report.skip(BOUND, RECORD, f"{name}: the share of trustee {owned.owner} does not hold by itself")
        else:
            key = keys[owned.owner - 1]
            try:
                check_strong_proofs(setup.group, setup.election, closing.tally, owned.owner, key, share, each.proofs)
            except InvalidMessage as fault:
                report.fault(BOUND, RECORD, f"{name}: the share of trustee {owned.owner}: {fault}")
