"""`ballot secrecy`: before opening, what the planned totals would tell about single votes."""

from __future__ import annotations

import argparse
import json
from fractions import Fraction
from pathlib import Path

from ballot.cli.refusals import Unacceptable
from ballot.cli.roll import add_partners, networks_of, read_roll, say_localities
from ballot.cli.say import check_new, say, table, write_new
from ballot.constitution.words import Noun
from ballot.office.setup.draft import count_roll, read_folder
from ballot.record.elections import election_name, election_title, localities_of
from ballot.record.secrecy import counted_name, planned_weighting
from ballot.secrecy.meter import Fitting, Meter, count_fitting, draw_ballots, run_meter
from ballot.secrecy.model import SeededDraws, VotingModel
from ballot.secrecy.plot import draw_bars, draw_svg
from ballot.secrecy.weighting import alternatives, heads_only
from ballot.secrecy.words import HEADS, as_json, say_model, sentences, table_rows


def secrecy_command(argv: list[str]) -> int:
    """`ballot secrecy PROGRAMME_FOLDER --roll FILE [--lists FILE] [--ballots N] [--seed N] [--json] [--svg FILE]`."""
    options = _parser().parse_args(argv)
    if options.svg is not None:
        check_new(options.svg)
    files = read_folder(options.programme)
    words = files.programme.words
    listed = {ccg.ods for ccg in files.programme.ccgs}
    for code in options.ccg or ():
        if code not in listed:
            raise Unacceptable(f"{code} is not {words.body.a} of this programme: {', '.join(sorted(listed))}.")
    ccgs = [ccg for ccg in files.programme.ccgs if ccg.ods in (options.ccg or listed)]
    codes = [ccg.ods for ccg in files.programme.ccgs]
    columns = files.locality_columns, files.programme.codes, files.weight_columns
    roll = read_roll(options.roll, options.lists, codes, *columns, networks_of(options.partners, files.programme))
    by_ccg = count_roll(files, roll)
    model = VotingModel(options.turnout, options.share_for, options.share_abstaining)
    if not options.json:
        say(say_model(model, words.member.one))
        say(f"The figures are of one question, over {options.ballots} simulated ballots (seed {options.seed}).")
    done: list[tuple[str, str, Meter, Fitting]] = []
    elections = [(ccg, place) for ccg in ccgs for place in localities_of(m.locality for m in by_ccg[ccg.ods][1])]
    for ccg, locality in elections:
        counting, everyone = by_ccg[ccg.ods]
        members = [member for member in everyone if member.locality == locality]
        name, title = election_name(ccg.ods, locality), election_title(ccg.name, locality)
        rule = files.constitutions[ccg.ods][0]
        planned = planned_weighting(rule, counting, [member.weight for member in members])
        sizes = [member.list_size or 0 for member in members]
        others = alternatives(sizes, counted_name(rule)) if any(sizes) else (heads_only(len(sizes)),)
        seed = f"{options.seed}/{name}"
        meter = run_meter(planned, others, model, options.ballots, SeededDraws(seed))
        typical = draw_ballots(len(members), model, 1, SeededDraws(seed))[0]
        done.append((name, title, meter, count_fitting(planned.weights, typical)))
        if not options.json:
            if locality is not None and locality == localities_of(m.locality for m in everyone)[0]:
                say()
                say(f"{ccg.ods} publishes a total for each of its localities: {say_localities(everyone)}.")
            _print_election(*done[-1], words.member)
    if options.svg is not None:
        write_new(options.svg, draw_svg([(f"{name} {title}", meter) for name, title, meter, _ in done]).encode())
    if options.json:
        print(json.dumps({name: _as_json(meter, fitting) for name, _, meter, fitting in done}, indent=2))
    return 0


def _print_election(name: str, title: str, meter: Meter, fitting: Fitting, member: Noun) -> None:
    say()
    say(f"{name} {title}: {member.counted(meter.practices)}")
    for line in table(HEADS, table_rows(meter)):
        say(line)
    say()
    for line in draw_bars(meter):
        say(line)
    say()
    for sentence in sentences(meter, member.one, member.many):
        say(sentence)
    say(f"The totals of the first simulated ballot fit {fitting} of votes.")


def _as_json(meter: Meter, fitting: Fitting) -> dict[str, object]:
    typical = {"patterns": str(fitting.number), "exact": fitting.exact}
    return {**as_json(meter), "first_simulated_ballot": typical}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="ballot secrecy", description="Measure what publishing the totals would tell about single votes."
    )
    parser.add_argument("programme", metavar="PROGRAMME_FOLDER", type=Path, help="programme.toml and constitutions/")
    parser.add_argument("--roll", metavar="FILE", type=Path, required=True, help="the member practices")
    add_partners(parser)
    parser.add_argument("--lists", metavar="FILE", type=Path, help="list sizes: gp-reg-pat-prac-all, .zip or .csv")
    parser.add_argument("--ccg", metavar="CODE", action="append", help="only this CCG; may be repeated")
    parser.add_argument("--ballots", metavar="N", type=_ballots, default=200, help="how many to simulate (200)")
    parser.add_argument("--seed", metavar="N", type=int, default=1, help="the same seed gives the same figures (1)")
    model = VotingModel()
    for name, share in (
        ("turnout", model.turnout),
        ("share-for", model.share_for),
        ("share-abstaining", model.share_abstaining),
    ):
        parser.add_argument(f"--{name}", metavar="SHARE", type=_share, default=share, help=f"such as 3/4 ({share})")
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    parser.add_argument("--svg", metavar="FILE", type=Path, help="write a picture; never over another file")
    return parser


def _ballots(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= 100_000:
        raise argparse.ArgumentTypeError("a whole number from 1 to 100000 is needed")
    return int(text)


def _share(text: str) -> Fraction:
    """A share from 0 to 1, such as 3/4, with at most four digits on either side."""
    over, _, under = text.partition("/")
    if not (over.isascii() and over.isdigit() and len(over) <= 4):
        raise argparse.ArgumentTypeError("a share such as 3/4 is needed")
    if under and not (under.isascii() and under.isdigit() and len(under) <= 4 and int(under)):
        raise argparse.ArgumentTypeError("a share such as 3/4 is needed")
    share = Fraction(int(over), int(under or 1))
    if share > 1:
        raise argparse.ArgumentTypeError("a share is at most 1")
    return share
