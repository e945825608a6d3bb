"""Whether the decryptions bind the totals: every share of every archive with its strong proofs in the record.

The archive's own proofs leave the ciphertext and the factor out of their challenge (protocol/strong_decryption.py). A
record must have the strong ones too; a single archive cannot, and its verdict says so.
"""

from __future__ import annotations

from collections.abc import Mapping

from ballot.audit.catalogue import Stage
from ballot.audit.election_facts import ElectionFacts
from ballot.audit.faults import FaultKind
from ballot.audit.files import RECORD, Files
from ballot.audit.logs import lines_of
from ballot.audit.report import Report
from ballot.protocol.errors import InvalidMessage
from ballot.protocol.strong_decryption import OwnedStrongProofs, check_strong_proofs, parse_owned_strong_proofs
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
        path = decryptions_path(name)
        report.fault(BOUND, RECORD, f"{path}: there is no tallied election of this name", election=name, file=path)
    for name in sorted(set(facts) - tallied):
        if facts[name].closing.shares:
            detail = f"{name}: there are shares of the total, and no result that proofs bind"
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
        detail = f"{path} is missing: nothing shows that the factors open this total"
        report.fault(BOUND, RECORD, detail, FaultKind.MISSING, election=name, file=path)
        return
    if setup is None or closing.tally is None:
        report.skip(BOUND, RECORD, f"{name}: setup and encrypted tally could not both be read")
        return
    given: list[OwnedStrongProofs] = []
    for number, line in enumerate(lines_of(files.read(path), path, BOUND, report), start=1):
        try:
            given.append(parse_owned_strong_proofs(setup.group, line))
        except InvalidMessage as fault:
            where = f"{path}, line {number}"
            report.fault(BOUND, RECORD, fault, where=where, election=name, file=path, line=number)
    owners, expected = [each.owner for each in given], [owned.owner for owned, _ in closing.shares]
    if owners != expected:
        detail = f"{path}: expected the proofs of the trustees {expected}, found {owners[:100]}"
        report.fault(BOUND, RECORD, detail, election=name, file=path)
        return
    keys = public_keys(setup.trustees)
    for each in given:
        owner, share = each.owner, closing.valid_shares.get(each.owner)
        if share is None:
            report.skip(BOUND, RECORD, f"{name}: the share of trustee {owner} does not hold by itself")
            continue
        try:
            check_strong_proofs(setup.group, setup.election, closing.tally, owner, keys[owner - 1], share, each.proofs)
        except InvalidMessage as fault:
            where = f"{name}: the share of trustee {owner}"
            report.fault(BOUND, RECORD, fault, where=where, election=name, file=path)
