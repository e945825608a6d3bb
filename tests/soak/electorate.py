"""Who votes in a soak: two made-up programmes of one installation, one under each policy, with made-up practices."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ballot.roll.member import Member, Roll
from scripts.demonstration.rehearsal import Rehearsal, bring_to_seal, rehearse

FINAL, LAST_COUNTS = "final", "last-counts"
CCGS = {FINAL: ("00A", "00B"), LAST_COUNTS: ("00C",)}
"""Two elections, so that two chain heads are locked at once; and one in which practices change their votes."""
DAYS = 10
"""The window of both programmes."""

PROGRAMME = """
programme = "{id}"
name = "A soak, {policy}"
policy = "{policy}"
rehearsal = true

[window]
opens = {opens}
closes = {closes}
zone = "UTC"

{ccgs}

[[question]]
id = "merge"
text = "Do you agree?"
answers = ["For", "Against", "Abstain"]

[secrecy]
at_most = "100%"

[trustees]
threshold = 2
names = ["One", "Two", "Three"]

[outcome]
questions = ["merge"]
require = {{ at_least = 1 }}
otherwise = "proceed-with-those-carried"
"""
CONSTITUTION = """
ccg = "{ccg}"
name = "CCG {ccg}"

[source]
document = "made up"
clause = "1"
wording = "made up"
encoded_by = "nobody"
approved_by = "nobody"

[[test]]
measure = "practices"
of = "for-and-against"
more_than = "1/2"
"""


def programme_id(policy: str) -> str:
    return f"soak-{policy}"


def write_programme(folder: Path, policy: str) -> Path:
    """The programme's files; voting has just opened."""
    (folder / "constitutions").mkdir(parents=True)
    now = datetime.now(UTC).replace(microsecond=0, tzinfo=None)
    ccgs = "\n".join(f'[[ccg]]\nods = "{ccg}"\nname = "NHS {ccg} CCG"\n' for ccg in CCGS[policy])
    text = PROGRAMME.format(
        id=programme_id(policy),
        policy=policy,
        opens=now.isoformat(),
        closes=(now + timedelta(days=DAYS)).isoformat(),
        ccgs=ccgs,
    )
    (folder / "programme.toml").write_text(text, "utf-8")
    for ccg in CCGS[policy]:
        (folder / "constitutions" / f"{ccg}.toml").write_text(CONSTITUTION.format(ccg=ccg), "utf-8")
    return folder


def make_roll(policy: str, practices: int) -> Roll:
    """This many practices; each has its own address, and every third one another address for notices."""
    ccgs = CCGS[policy]
    members = []
    for i in range(practices):
        ccg = ccgs[i % len(ccgs)]
        code = f"{policy[0].upper()}{i:05d}"
        notify = (f"notice-{code.lower()}@example.org",) if i % 3 == 0 else ()
        address = f"{code.lower()}@example.org"
        members.append(Member(ccg, code, f"Practice {code}", 1000, "Dr A", address, i + 2, notify=notify))
    return Roll(ccgs, tuple(sorted(members, key=lambda member: (member.ccg, member.practice))))


def bring_electorate(instance: Path, database: str, practices: dict[str, int]) -> Sequence[Rehearsal]:
    """Both programmes, sealed and open, in one installation."""
    policies = (FINAL, LAST_COUNTS)
    folders = [write_programme(instance / programme_id(policy), policy) for policy in policies]
    rolls = [make_roll(policy, practices[policy]) for policy in policies]
    silent = lambda word, what: None  # noqa: E731
    first = rehearse(instance, folders[0], rolls[0], silent, database)
    return first, bring_to_seal(first, folders[1], rolls[1], silent)
