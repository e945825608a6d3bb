"""A made-up England: as many CCGs and practices as there were in November 2019, as one programme in a folder.

Only the two numbers are real. Sizes of CCGs and lists are drawn from a seed, in whole numbers, the same on every
machine; names and codes are invented (ZA0 to ZT0, which no CCG has). The rules are the demonstration's, in turn.
"""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import NamedTuple

from ballot.constitution.programme import Programme, load_programme
from scripts.make_demo_roll import FIRST_NAMES, LAST_NAMES, PLACES, Draw

ROOT = Path(__file__).resolve().parents[1]
DEMONSTRATION = ROOT / "config" / "lancashire-south-cumbria-2020"
CCGS, PRACTICES = 191, 6_830
SMALLEST_CCG, SMALLEST_LIST, MOST_EXTRA = 7, 1_500, 24_000
PLACES_OF_A_CCG = 20
"""The letters of the codes, A to T, each with ten digits."""
COLUMNS = ("ccg_ods_code", "practice_ods_code", "practice_name", "registered_patients", "representative", "email")


class England(NamedTuple):
    """The folder with programme.toml and constitutions/, and the roll."""

    folder: Path
    roll: bytes


def write_england(folder: Path, ccgs: int = CCGS, practices: int = PRACTICES, even: bool = False) -> England:
    """Write the programme, always the same bytes; return it with its roll. `even` gives all CCGs one size and rule."""
    if not 1 <= ccgs <= 10 * PLACES_OF_A_CCG or practices < SMALLEST_CCG * ccgs:
        raise ValueError("that many CCGs have no codes, or too few practices")
    draw = Draw("england")
    sizes = [practices // ccgs] * ccgs if even else sizes_of_ccgs(ccgs, practices, draw)
    names = [f"NHS {place} and {other} CCG" for place, other in _pairs(ccgs, draw)]
    codes = [f"Z{chr(ord('A') + number // 10)}{number % 10}" for number in range(ccgs)]
    (folder / "constitutions").mkdir(parents=True)
    (folder / "programme.toml").write_text(programme_toml(list(zip(codes, names, strict=True))), "utf-8")
    rules = rules_of_the_demonstration()[:1] if even else rules_of_the_demonstration()
    for number, (code, name) in enumerate(zip(codes, names, strict=True)):
        rule = rules[number % len(rules)]
        text = re.sub(r"(?m)^ccg( *)=.*$", rf'ccg\1= "{code}"', rule)
        (folder / "constitutions" / f"{code}.toml").write_text(
            re.sub(r"(?m)^name( *)=.*$", rf'name\1= "{name}"', text), "utf-8"
        )
    return England(folder, _roll(list(zip(codes, sizes, strict=True)), draw))


def sizes_of_ccgs(ccgs: int, practices: int, draw: Draw) -> list[int]:
    """One size for each CCG, adding up to the practices: most near the mean, a few several times as large."""
    shares = [1 + draw.below(1000) * draw.below(1000) for _ in range(ccgs)]
    spare = practices - SMALLEST_CCG * ccgs
    sizes = [SMALLEST_CCG + share * spare // sum(shares) for share in shares]
    for number in range(practices - sum(sizes)):
        sizes[number % ccgs] += 1
    return sizes


def rules_of_the_demonstration() -> list[str]:
    """The demonstration's constitutions that fit a CCG of any size: without a quorum as a number of practices."""
    texts = [path.read_text("utf-8") for path in sorted((DEMONSTRATION / "constitutions").glob("*.toml"))]
    return [text for text in texts if not re.search(r"(?m)^at_least *= *[0-9]+ *(#.*)?$", text)]


def programme_toml(ccgs: list[tuple[str, str]]) -> str:
    """The demonstration's programme file with other CCGs."""
    text = (DEMONSTRATION / "programme.toml").read_text("utf-8")
    begins, ends = text.index("[[ccg]]"), text.index("[[question]]")
    listed = "".join(f'[[ccg]]\nods  = "{code}"\nname = "{name}"\n\n' for code, name in ccgs)
    text = text[:begins] + listed + text[ends:]
    for key, value in (
        ("programme", '"england"'),
        ("name", '"One body for England"'),
        ("text", '"Do you support replacing the CCGs of England by a single one?"'),
        ("require", f"{{ at_least = {len(ccgs) // 2 + 1} }}"),
    ):
        text = re.sub(rf"(?m)^{key}( *)=.*$", rf"{key}\1= {value}", text, count=1)
    return text


def read_england(england: England) -> Programme:
    """The programme as the office reads it."""
    return load_programme((england.folder / "programme.toml").read_bytes(), "programme.toml")


def _pairs(number: int, draw: Draw) -> list[tuple[str, str]]:
    """This many pairs of letters, without repeats, in alphabetical order."""
    places = PLACES.split()
    every = [f"{place} {other}" for place in places for other in places if place < other]
    chosen = sorted(draw.shuffled(every)[:number])
    return [(pair.split()[0], pair.split()[1]) for pair in chosen]


def _roll(ccgs: list[tuple[str, int]], draw: Draw) -> bytes:
    places, first, last = PLACES.split(), FIRST_NAMES.split(), LAST_NAMES.split()
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for code, size in ccgs:
        for number in range(1, size + 1):
            practice = f"{code}{number:03}"
            name = f"{places[draw.below(len(places))]} {places[draw.below(len(places))]} Surgery"
            list_size = SMALLEST_LIST + draw.below(1000) * draw.below(MOST_EXTRA) // 1000
            who = f"Dr {first[draw.below(len(first))]} {last[draw.below(len(last))]}"
            writer.writerow((code, practice, name, list_size, who, f"{practice.lower()}@example.org"))
    return out.getvalue().encode("ascii")
