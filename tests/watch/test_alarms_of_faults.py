"""Which alarm an auditor's fault raises: by its fields, never by its words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ballot.audit.catalogue import CHECKS
from ballot.audit.faults import Fault, FaultKind
from ballot.watch import records
from ballot.watch.alarms import Alarm
from ballot.watch.records import alarm_of

GONE, OTHER = FaultKind.REMOVED, FaultKind.REWRITTEN
TRAPS = ["", "roll.csv is gone", "keys/board.pub was changed", "options: elections/00A.bel is gone", "signature: x"]
OLDER = [
    ("roll.csv", OTHER, Alarm.CHANGED_ROLL),
    ("roll.csv", GONE, Alarm.CHANGED_ROLL),
    ("programme.toml", OTHER, Alarm.CHANGED_RULE),
    ("terms.json", OTHER, Alarm.CHANGED_RULE),
    ("constitutions/00A.toml", OTHER, Alarm.CHANGED_RULE),
    ("keys/board.pub", GONE, Alarm.CHANGED_KEY),
    ("elections/00A.bel", GONE, Alarm.REMOVED),
    ("elections/00A.bel", OTHER, None),
    ("cited/elections/00A.bel", OTHER, None),
    ("events.jsonl", OTHER, Alarm.REWRITTEN),
    ("returned.csv", GONE, Alarm.REMOVED),
    ("decision.json", GONE, Alarm.REMOVED),
    ("a name with a space is gone", OTHER, Alarm.REWRITTEN),
    ("keys.txt", OTHER, Alarm.REWRITTEN),
    ("roll.csv is gone", GONE, Alarm.REMOVED),
    (None, OTHER, Alarm.REWRITTEN),
]


@pytest.mark.parametrize("words", TRAPS)
@pytest.mark.parametrize(("file", "kind", "alarm"), OLDER)
def test_what_became_of_a_file_of_the_older_copy_is_told_by_kind_and_file(
    file: str | None, kind: FaultKind, alarm: Alarm | None, words: str
) -> None:
    fault = Fault("since.prefix", "options", words, kind, file=file)

    assert alarm_of(fault) is alarm
    assert alarm_of(replace(fault, where=words)) is alarm


@pytest.mark.parametrize("words", TRAPS)
def test_every_other_fault_is_told_by_its_check(words: str) -> None:
    for check in CHECKS:
        if check.id != "since.prefix":
            assert alarm_of(Fault(check.id, "record", words)) is records._OF_CHECK.get(check.id, Alarm.INVALID)
    assert alarm_of(Fault("events.signatures", "record", words)) is Alarm.SIGNATURE
    assert alarm_of(Fault("ballots.signature", "00A", words)) is Alarm.INVALID


def test_every_check_that_is_an_alarm_of_its_own_is_a_check() -> None:
    assert set(records._OF_CHECK) <= {check.id for check in CHECKS}
