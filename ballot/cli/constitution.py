"""`ballot constitution check`, `explain` and `write`: check a rule file, print the text to sign, write a new file.

`write` needs no knowledge of TOML.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from ballot.cli.refusals import Unacceptable
from ballot.cli.rules import codes_beside, read_rule_file, refuse, words_beside
from ballot.cli.say import read_bytes, say, write_new
from ballot.constitution.clauses import usual_clause
from ballot.constitution.codes import DEFAULT_CODES, Codes, code_fault, is_code
from ballot.constitution.effects import MemberVoter
from ballot.constitution.errors import ConstitutionError
from ballot.constitution.lint import check_against_roll, check_constitution
from ballot.constitution.reading import read_constitution_aloud, read_for_signing
from ballot.constitution.rule import Combine, Constitution, Denominator, Outcome, QuorumCounting, Unit
from ballot.constitution.threshold import Comparison
from ballot.constitution.weight import MissingList, Rounding
from ballot.constitution.write import compose_constitution, write_constitution
from ballot.roll.member import Roll
from ballot.roll.read import RollFile, read_files
from ballot.strict.errors import quoted

Table = dict[str, object]
_TEST = "MEASURE OF HOW SHARE"
_TESTS = (
    f"MEASURE: {', '.join(u.value for u in Unit)}; OF: {', '.join(b.value for b in Denominator)}; "
    f"HOW: {', '.join(c.value for c in Comparison)}; SHARE such as 1/2 or 66.67%%, or a number of votes with - as OF"
)


def add_write(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The arguments of `write`."""
    write = commands.add_parser("write", help="write a rule file from what the constitution says")
    write.add_argument("file", metavar="FILE", type=Path, help="never over another")
    write.add_argument("--ccg", metavar="CODE", required=True)
    write.add_argument("--name", metavar="NAME", required=True, help="of the CCG")
    for key, what in (
        ("document", "the constitution, with its version"),
        ("clause", "its number"),
        ("wording", "its words, exactly as they stand there"),
        ("encoded-by", "who filled this in"),
        ("approved-by", "who signed the reading of it"),
    ):
        write.add_argument(f"--{key}", metavar="TEXT", required=True, help=what)
    write.add_argument(
        "--test",
        metavar=tuple(_TEST.split()),
        nargs=4,
        action="append",
        required=True,
        help=f"may be repeated; {_TESTS}",
    )
    write.add_argument(
        "--against", metavar=tuple(_TEST.split()), nargs=4, action="append", default=[], help="a limit on votes against"
    )
    write.add_argument("--casting-vote", metavar="OFFICE", help="who decides a tie (nobody)")
    write.add_argument("--combine", metavar="all|any|N", default=Combine.ALL.value, help="how many tests must hold")
    counting = ", ".join(word.value for word in QuorumCounting)
    write.add_argument(
        "--quorum",
        metavar=("MEASURE", "COUNTING", "HOW", "NEEDED"),
        nargs=4,
        help=f"COUNTING: {counting}; NEEDED: a share, or a whole number",
    )
    write.add_argument("--per", metavar="N", type=int, help="one weighted vote per N registered patients")
    write.add_argument("--column", metavar="NAME", help="the column of the roll that counts, in place of patients")
    nouns = ("ONE", "SEVERAL")
    write.add_argument("--counts", metavar=nouns, nargs=2, help="what that column counts, such as: share shares")
    write.add_argument("--unit", metavar=nouns, nargs=2, help="what a weighted vote is called")
    write.add_argument("--rounding", choices=[word.value for word in Rounding], help="of a part of a band")
    write.add_argument("--minimum", metavar="N", type=int, help="the fewest weighted votes of a practice")
    write.add_argument("--maximum", metavar="N", type=int, help="the most")
    write.add_argument("--snapshot", metavar="DATE", help="the day of the list sizes, such as 2020-04-01")
    write.add_argument("--missing", choices=[word.value for word in MissingList], default=MissingList.REFUSE.value)
    again = [outcome.value for outcome in (Outcome.NOT_CARRIED, Outcome.INQUORATE)]
    write.add_argument(
        "--reballot",
        choices=[*again, "never"],
        action="append",
        help="when members may vote again (inquorate)",
    )


def write_command(options: argparse.Namespace) -> int:
    """Write the file and read it back in English; raises InvalidRule or Unacceptable."""
    fields: Table = {
        "ccg": options.ccg,
        "name": options.name,
        "source": {
            key: getattr(options, key) for key in ("document", "clause", "wording", "encoded_by", "approved_by")
        },
        "test": [
            *(_test(*given) for given in options.test),
            *({"votes": "against", **_test(*given)} for given in options.against),
        ],
    }
    if options.combine != Combine.ALL.value:
        number = options.combine.isascii() and options.combine.isdigit()
        fields["combine"] = {"at_least": int(options.combine[:9])} if number else options.combine
    if options.quorum is not None:
        measure, counting, how, needed = options.quorum
        fields["quorum"] = {"measure": measure, "counting": counting, _comparison(how): _value(needed)}
    if options.casting_vote is not None:
        fields["tie"] = {"casting_vote": options.casting_vote}
    if options.per is not None:
        fields["weight"] = _weight(options)
    if options.reballot is not None:
        fields["reballot"] = [word for word in options.reballot if word != "never"]
    constitution = compose_constitution(fields, str(options.file), words_beside(options.file))
    write_new(options.file, write_constitution(constitution))
    say(f"{options.file} says:")
    for sentence in read_constitution_aloud(constitution):
        say("  " + " ".join(sentence.split()))
    for oddity in check_constitution(constitution):
        say(f"Odd: {oddity.sentence}")
    return 0


def _test(measure: str, of: str, how: str, share: str) -> Table:
    """One test. A number of votes is out of nothing: its OF is a hyphen."""
    base: Table = {} if of == "-" else {"of": of}
    return {"measure": measure, **base, _comparison(how): _value(share)}


def _value(needed: str) -> object:
    return int(needed) if needed.isascii() and needed.isdigit() and len(needed) < 10 else needed


def _comparison(how: str) -> str:
    if how not in [comparison.value for comparison in Comparison]:
        raise Unacceptable(f'"{how[:40]}" must be at_least or more_than: 8 of 16 is at least half, not more than half.')
    return how


def _weight(options: argparse.Namespace) -> Table:
    try:
        snapshot = dt.date.fromisoformat(options.snapshot or "")
    except ValueError:
        raise Unacceptable("A weight needs --snapshot, the day of the list sizes, such as 2020-04-01.") from None
    found: Table = {"per": options.per, "snapshot": snapshot, "missing": options.missing}
    for key in ("column", "counts", "unit", "rounding", "minimum", "maximum"):
        if getattr(options, key) is not None:
            found[key] = getattr(options, key)
    return found


def constitution_command(argv: list[str]) -> int:
    """`ballot constitution check FILE... [--roll FILE]` and `ballot constitution explain FILE`."""
    parser = argparse.ArgumentParser(prog="ballot constitution", description="Look at CCGs' rule files.")
    commands = parser.add_subparsers(metavar="COMMAND", dest="command", required=True)
    check = commands.add_parser("check", help="name what is allowed in a rule file and looks like a mistake")
    check.add_argument("files", metavar="FILE", nargs="+")
    check.add_argument("--roll", metavar="FILE", type=Path, help="look at the member practices too")
    check.add_argument("--lists", metavar="FILE", type=Path, help="list sizes: gp-reg-pat-prac-all, .zip or .csv")
    explain = commands.add_parser("explain", help="print a rule file in plain English, for a governing body to sign")
    explain.add_argument("file", metavar="FILE")
    add_write(commands)
    options = parser.parse_args(argv)
    if options.command == "write":
        return write_command(options)
    if options.command == "explain":
        return _explain(options.file)
    return _check(options.files, options.roll, options.lists)


def _explain(file: str) -> int:
    try:
        constitution = read_rule_file(file)
    except ConstitutionError as refusal:
        return refuse(refusal)
    for line in read_for_signing(constitution):
        say(line)
    return 0


def _check(files: Sequence[str], roll_file: Path | None, lists: Path | None) -> int:
    """Return 2 if any file is refused, otherwise 0, however many oddities there are."""
    status = 0
    constitutions: list[Constitution] = []
    for file in files:
        try:
            constitutions.append(read_rule_file(file))
        except ConstitutionError as refusal:
            status = refuse(refusal)
    codes = codes_beside(constitutions[0].file) if constitutions else DEFAULT_CODES
    for rule in constitutions if roll_file is not None else ():
        if (fault := code_fault(rule.ccg, codes.body)) is not None:
            beside = "by the programme beside the first of these files"
            sentence = f"The roll cannot be read: {quoted(rule.ccg)} {fault}, {beside}."
            return refuse(ConstitutionError(rule.file, 1, sentence))
    roll = None if roll_file is None else _read_roll(roll_file, lists, constitutions, codes)
    for constitution in constitutions:
        say(f"{constitution.file}: seems to mean: {usual_clause(constitution.rule_for())}.")
        for own in constitution.questions:
            meant = usual_clause(constitution.rule_for(own.question))
            say(f"{constitution.file}: for the question {own.question}, seems to mean: {meant}.")
        oddities = list(check_constitution(constitution))
        if roll is not None:
            members = roll.of(constitution.ccg)
            voters = [MemberVoter(member.practice, member.list_size, member.locality) for member in members]
            oddities += check_against_roll(constitution, voters)
        for oddity in sorted(oddities, key=lambda oddity: oddity.line):
            say(f"{constitution.file}:{oddity.line}: warning: {oddity.sentence}")
        if not oddities:
            say(f"{constitution.file}: nothing odd.")
    return status


def _read_roll(file: Path, lists: Path | None, constitutions: Sequence[Constitution], codes: Codes) -> Roll:
    """The roll for these constitutions; it may include other CCGs. Raises: InvalidRoll."""
    columns = {rule.ccg: rule.locality_column for rule in constitutions if rule.locality_column is not None}
    weights = {rule.ccg: rule.weight_column for rule in constitutions if rule.weight_column is not None}
    ccgs = [rule.ccg for rule in constitutions]
    data = read_bytes(file)
    others = _ccgs_of_simple(data, codes)
    if len(weights) == len(constitutions) > 0:  # Then the roll may have no list sizes, for other CCGs neither
        weights |= dict.fromkeys(set(others) - set(weights), weights[ccgs[0]])
    sizes = None if lists is None else RollFile(str(lists), read_bytes(lists))
    everyone = list(dict.fromkeys([*ccgs, *others]))
    return read_files(RollFile(str(file), data), everyone, sizes, columns, codes, weights)


def _ccgs_of_simple(data: bytes, codes: Codes) -> list[str]:
    """The CCGs named in a simple roll; empty for any other file."""
    try:
        rows = list(csv.DictReader(data.decode("utf-8").splitlines()))
    except (UnicodeDecodeError, csv.Error):
        return []
    return [code for row in rows if is_code(code := str(row.get("ccg_ods_code") or ""), codes.body)]
