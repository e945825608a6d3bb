"""The table of a soak: the faults, the requests, the answers, and the verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.soak.reckoning import Evidence, Finding, repeated, unanswered
from tests.soak.timetable import Done

SHOWN = 5
"""The findings of one name that the terminal shows."""


@dataclass(frozen=True, slots=True)
class Soaked:
    """One run on one database."""

    database: str
    seed: str
    seconds: float
    done: Done
    evidence: Evidence
    findings: Sequence[Finding]

    @property
    def is_clean(self) -> bool:
        """Whether everything planned was done and nothing is wrong."""
        return not self.findings and not self.done.broken


def rows(soaked: Soaked) -> Iterator[tuple[str, str]]:
    """Every figure, by its name."""
    voted, posted, evidence = soaked.evidence.voted, soaked.evidence.posted, soaked.evidence
    words = Counter(f"{answer.status} {answer.word}" for answer in voted.answers)
    in_record = sum(len(counted.ballots) for counted in evidence.counted)
    handed = sum(map(len, voted.handed.values()))
    found = {payload for counted in evidence.counted for payload, _ in counted.ballots}
    yield "seconds of faults", f"{soaked.seconds:.0f} (seed {soaked.seed})"
    yield "faults", f"{soaked.done.faults.total()} of {len(soaked.done.faults)} kinds"
    for name, number in sorted(soaked.done.faults.items()):
        yield f"- {name}", str(number)
    for name in sorted(soaked.done.could_not):
        yield f"- {name}", "NOT RUN here"
    yield "ballots made", str(len(voted.made))
    yield "times a ballot was sent", str(voted.sent.total())
    for word, number in sorted(words.items()):
        yield f"- answered {word}", str(number)
    yield "- no answer", str(voted.silences)
    yield "ballots in the record", str(in_record)
    yield "- of which their voter had no answer", str(len(found - voted.handed.keys()))
    yield "practices counted", str(sum(counted.num_tallied for counted in evidence.counted))
    yield "receipts handed out, all honoured" if soaked.is_clean else "receipts handed out", str(handed)
    yield "e-mails that the mail server took", str(len(posted.took))
    yield "- taken, and the mail server did not say so", str(unanswered(posted))
    yield "- repeated although it had said so", f"{repeated(posted)} ({evidence.crashes} crashes of the mail worker)"
    yield "verdict", "nothing lost, nothing counted twice" if soaked.is_clean else f"{len(soaked.findings)} FINDINGS"


def to_text(soaked: Soaked) -> str:
    """For the terminal; findings below it."""
    lines = [soaked.database, *(f"  {name:<52} {value}" for name, value in rows(soaked))]
    for name, number in Counter(finding.name for finding in soaked.findings).items():
        told = [finding.what for finding in soaked.findings if finding.name == name]
        lines += [f"  FINDING {name}, {number} times, such as", *(f"    {what}" for what in told[:SHOWN])]
    lines += [f"  COULD NOT BE PUT RIGHT {what}" for what in soaked.done.broken]
    return "\n".join(lines)


def to_markdown(runs: Sequence[Soaked]) -> str:
    """For docs/faults.md: one column for each database."""
    tables = [dict(rows(soaked)) for soaked in runs]
    names = list(dict.fromkeys(name for table in tables for name in table))
    lines = [f"| | {' | '.join(soaked.database for soaked in runs)} |", f"|---|{'---|' * len(runs)}"]
    for name in sorted(names, key=lambda name: _place(name, tables)):
        lines.append(f"| {name} | {' | '.join(table.get(name, '-') for table in tables)} |")
    return "\n".join(lines) + "\n"


def _place(name: str, tables: Sequence[dict[str, str]]) -> float:
    """The position of a row: the last one it has in any table."""
    return max([*table].index(name) / len(table) for table in tables if name in table)
