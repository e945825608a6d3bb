"""`ballot decide`, `ballot outcome` and `ballot lint`: try a rule without a ballot.

Each prints its answer on standard output and returns 0 whatever the outcome is. For bad input it prints one line on
standard error, `FILE:LINE: sentence`, nothing on standard output, and returns 2. It also names on standard error a
question without a rule of its own, which may be misspelt.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable
from pathlib import Path

from ballot.cli.say import say
from ballot.constitution.codes import DEFAULT_CODES, Codes, read_codes
from ballot.constitution.combine import combine
from ballot.constitution.counts_file import parse_counts
from ballot.constitution.decide import decide
from ballot.constitution.errors import ConstitutionError, InvalidProgramme, UnreadableFile
from ballot.constitution.lint import Oddity, check_constitution, check_outcome_rule
from ballot.constitution.load import load_constitution
from ballot.constitution.outcome_rule import load_outcome_rule
from ballot.constitution.outcomes_file import parse_outcomes
from ballot.constitution.programme import load_programme
from ballot.constitution.reading import read_constitution_aloud, read_outcome_rule_aloud, read_programme_aloud
from ballot.constitution.rule import Constitution
from ballot.constitution.words import DEFAULT_WORDS, Words, read_words
from ballot.strict.toml_tables import LARGEST_FILE, Table, read_toml

_REFUSED = 2


def decide_command(argv: list[str]) -> int:
    """`ballot decide CONSTITUTION.toml COUNTS.json [--question ID]`."""
    parser = argparse.ArgumentParser(prog="ballot decide", description="Apply one CCG's rule to counts.")
    parser.add_argument("constitution", metavar="CONSTITUTION.toml")
    parser.add_argument("counts", metavar="COUNTS.json")
    parser.add_argument("--question", metavar="ID", help="the question's own rule, where the file has one")
    options = parser.parse_args(argv)
    try:
        constitution = read_rule_file(options.constitution)
        rule = constitution.rule_for(options.question)
        counts = parse_counts(
            read_file(options.counts),
            options.counts,
            weighted=constitution.weight is not None,
            options=rule.has_options,
            localities=bool(rule.in_localities),
            weight=constitution.weight,
            casting_vote=rule.casting_vote is not None,
            words=rule.words,
        )
        answer = decide(rule, counts).as_json()
    except ConstitutionError as refusal:
        return refuse(refusal)
    if options.question is not None and not any(own.question == options.question for own in constitution.questions):
        named = ", ".join(own.question for own in constitution.questions) or "none has"
        print(
            f"{options.constitution}: no rule of its own for the question {options.question!r}, so the rule of the "
            f"file applies (with rules of their own: {named})",
            file=sys.stderr,
        )
    print(json.dumps(answer, indent=2))
    return 0


def outcome_command(argv: list[str]) -> int:
    """`ballot outcome PROGRAMME.toml OUTCOMES.json`."""
    parser = argparse.ArgumentParser(prog="ballot outcome", description="Say whether the merger proceeds.")
    parser.add_argument("programme", metavar="PROGRAMME.toml")
    parser.add_argument("outcomes", metavar="OUTCOMES.json")
    options = parser.parse_args(argv)
    try:
        rule = load_outcome_rule(read_file(options.programme), options.programme)
        outcomes = parse_outcomes(read_file(options.outcomes), options.outcomes, rule)
        answer = combine(rule, outcomes).as_json()
    except ConstitutionError as refusal:
        return refuse(refusal)
    print(json.dumps(answer, indent=2))
    return 0


def lint_command(argv: list[str]) -> int:
    """`ballot lint FILE...`: warnings, and each file in plain English. 2 if any is refused."""
    parser = argparse.ArgumentParser(prog="ballot lint", description="Read rule and programme files back.")
    parser.add_argument("files", metavar="FILE", nargs="+")
    options = parser.parse_args(argv)
    status = 0
    for file in options.files:
        try:
            warnings, sentences = _look_at(read_file(file), file)
        except ConstitutionError as refusal:
            status = refuse(refusal)
            continue
        say(f"{file}: read.")
        for sentence in sentences:
            say("  " + " ".join(sentence.split()))
        for warning in warnings:
            say(f"{file}:{warning.line}: warning: {warning.sentence}")
    return status


def _look_at(content: bytes, file: str) -> tuple[Iterable[Oddity], Iterable[str]]:
    """A file with [outcome] is a programme, or an outcome rule if it has nothing else. Others are CCGs' rules."""
    try:
        top = read_toml(content, file, InvalidProgramme)
    except InvalidProgramme:
        top = None  # The loader below reports the same fault
    if top is None or not (top.has("outcome") or top.has("programme")):
        constitution = load_constitution(content, file, words_beside(file))
        return check_constitution(constitution), read_constitution_aloud(constitution)
    if set(top.values) == {"outcome"}:
        rule = load_outcome_rule(content, file)
        return check_outcome_rule(rule), read_outcome_rule_aloud(rule)
    programme = load_programme(content, file)
    oddities = () if programme.outcome is None else check_outcome_rule(programme.outcome)
    return oddities, read_programme_aloud(programme)


def read_rule_file(file: str) -> Constitution:
    """The constitution in a file, with the words of the programme around it. Raises: ConstitutionError."""
    return load_constitution(read_file(file), file, words_beside(file))


def words_beside(file: str | Path) -> Words:
    """The words of the programme whose folder has this rule file in `constitutions/`; the defaults if there is none."""
    root = _programme_beside(file)
    return DEFAULT_WORDS if root is None or not root.has("words") else read_words(root.table("words"))


def codes_beside(file: str | Path) -> Codes:
    """The kinds of code in the programme whose folder has this rule file; the defaults if there is none."""
    root = _programme_beside(file)
    return DEFAULT_CODES if root is None else read_codes(root)


def _programme_beside(file: str | Path) -> Table | None:
    folder = Path(file).absolute().parent
    programme = folder.parent / "programme.toml"
    if folder.name != "constitutions" or not programme.is_file():
        return None
    return read_toml(read_file(str(programme)), str(programme), InvalidProgramme)


def read_file(file: str) -> bytes:
    """The content of a file, up to just over the largest acceptable size."""
    try:
        with open(file, "rb") as source:
            return source.read(LARGEST_FILE + 1)
    except (OSError, ValueError) as refusal:
        reason = refusal.strerror if isinstance(refusal, OSError) and refusal.strerror else "not a file name"
        raise UnreadableFile(file, 1, f"This file cannot be read: {reason}.") from None


def refuse(refusal: ConstitutionError) -> int:
    print(refusal, file=sys.stderr)
    return _REFUSED
