"""Whether the decryptions bind the totals: every share of every archive must have strong proofs in the record.

The challenge of the archive's own proofs omits the ciphertext and the factor (protocol/strong_decryption.py). A record
must have the strong proofs too. A single archive cannot contain them, and its verdict says so.
"""

from __future__ import annotations

from collections.abc import Mapping

from ballot.audit.catalogue import Stage
from ballot.audit.election_facts import ElectionFacts
from ballot.audit.faults import FaultKind, FaultPlace
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
    """Check the strong proofs of every tallied election. Other elections must have neither strong proofs nor shares.

    Anyone could add up shares without a result to open a total, and no strong proof would bind it.
    """
    tallied = {name for name, found in facts.items() if found.stage is Stage.TALLIED}
    present = {election for name in files.names if (election := election_of_decryptions(name)) is not None}
    for name in sorted(present - tallied):
        path = decryptions_path(name)
        report.fault(BOUND, RECORD, f"{path}: there is no tallied election of this name", election=name, file=path)
    for name in sorted(set(facts) - tallied):
        if facts[name].closing.shares:
            detail = f"{name}: there are shares of the total, but no result that proofs bind"
            report.fault(BOUND, RECORD, detail, election=name)
    for name in sorted(tallied):
        _check_election(files, name, facts[name], report)
    if tallied:
        report.ran(BOUND, RECORD, sum(len(facts[name].closing.shares) for name in tallied))
    else:
        report.not_applicable(BOUND, RECORD, "not yet")


def _check_election(files: Files, name: str, found: ElectionFacts, report: Report) -> None:
    path, closing, setup = decryptions_path(name), found.closing, found.setup
    if not files.has(path):
        detail = f"{path} is missing: nothing proves that the factors open this total"
        report.fault(BOUND, RECORD, detail, FaultKind.MISSING, election=name, file=path)
        return
    if setup is None or closing.tally is None:
        report.skip(BOUND, RECORD, f"{name}: setup and encrypted tally could not both be read")
        return
    lines, shares = lines_of(files.read(path), path, BOUND, report), closing.shares
    if len(lines) != len(shares):
        detail = f"{path}: expected a line of proofs for each of {len(shares)} shares, found {len(lines)} lines"
        report.fault(BOUND, RECORD, detail, election=name, file=path)
        return
    keys = public_keys(setup.trustees)
    for number, (line, (owned, _)) in enumerate(zip(lines, shares, strict=True), start=1):
        share = closing.valid_shares.get(owned.owner)
        place: FaultPlace = {"where": f"{path}, line {number}", "election": name, "file": path, "line": number}
        if len(line) > MAX_SHARE:
            report.fault(BOUND, RECORD, "larger than a share can be", **place)
            continue
        try:
            each = parse_owned_strong_proofs(setup.group, line)
        except InvalidMessage as fault:
            report.fault(BOUND, RECORD, fault, **place)
            continue
        if each.owner != owned.owner:
            detail = f"expected the proofs of trustee {owned.owner}, found {each.owner}"
            report.fault(BOUND, RECORD, detail, **place)
        elif share is None:
            report.skip(BOUND, RECORD, f"{name}: the share of trustee {owned.owner} is invalid itself")
        else:
            key, place["where"] = keys[owned.owner - 1], f"{name}: the share of trustee {owned.owner}"
            try:
                check_strong_proofs(setup.group, setup.election, closing.tally, owned.owner, key, share, each.proofs)
            except InvalidMessage as fault:
                report.fault(BOUND, RECORD, fault, **place)
