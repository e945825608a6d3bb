"""Make the demonstration roll: 215 invented practices of the eight CCGs of Lancashire and South Cumbria.

    python3 scripts/make_demo_roll.py [FILE]

The CCGs, how many practices each has and how many patients in all are those of the vote of 2020. Everything else is
invented: names, codes, the size of each list, representatives and addresses (@example.org, which nobody owns).

Codes run from Z91001 to Z98999: Z9, the place of the CCG (1 to 8), a number. This range is fictional: no code in
epraccur.csv, which lists every GP practice of England, begins with Z, and new ones begin with Y.

The same bytes come out on every machine: the choices are drawn from SHA-256 of a fixed seed and the arithmetic is in
whole numbers. A test runs this again and compares.
"""

from __future__ import annotations

import csv
import hashlib
import io
import sys
from pathlib import Path
from typing import NamedTuple

SEED = "lancashire-south-cumbria-2020"
OUTPUT = Path(__file__).parent.parent / "config" / SEED / "roll.csv"
COLUMNS = (
    "ccg_ods_code",
    "practice_ods_code",
    "practice_name",
    "registered_patients",
    "representative",
    "email",
    "locality",
)
LOCALITIES = {"01K": ("bay", "furness", "lakes")}
"""For the CCGs whose demonstration rule has a test for each locality."""
PARTNERSHIP = ("00R", 4, "partnership@example.org")
"""One in this many practices of this CCG belongs to a partnership, with one vote for each practice and one mailbox."""
SMALLEST, LARGEST = 1_500, 25_000
GIANT = 66_160  # One member of Morecambe Bay has 19 % of its patients, as one had in 2020


class Ccg(NamedTuple):
    code: str
    practices: int
    patients: int
    giant: int = 0


CCGS = (
    Ccg("00Q", 23, 177_841),  # Blackburn with Darwen
    Ccg("00R", 20, 175_012),  # Blackpool
    Ccg("00X", 30, 186_154),  # Chorley and South Ribble
    Ccg("01A", 50, 387_324),  # East Lancashire
    Ccg("02M", 19, 178_682),  # Fylde and Wyre
    Ccg("01E", 23, 210_857),  # Greater Preston
    Ccg("01K", 35, 348_208, GIANT),  # Morecambe Bay
    Ccg("02G", 15, 113_532),  # West Lancashire
)

PLACES = (
    "Acornbury Applewick Bramblecombe Buttonbeck Candlewick Clovermere Cobblestead Copperbeck Cricklefold "
    "Daisythwaite Dandelby Dapplewood Duckpool Fennelthorpe Fiddlebrook Gingerfold Gooseberry Hazelwhistle "
    "Heronshaw Honeybarrow Inkwell Jackdaw Kettlesby Lanternby Larkspindle Marmalade Marzipan Merrymeet "
    "Mistlewick Mossytarn Nutmeg Otterbeck Owlerby Peppercorn Pipistrelle Plumbottle Puddingthorpe Quillerby "
    "Rhubarb Sixpencewood Snowdrop Tadpole Teacup Thimblerigg Thistlemere Treacle Tumbledown Umbrella Velvetmoss "
    "Wagtail Whimbrel Widdershaw Wobblestone"
)
KINDS = ("Surgery", "Medical Centre", "Health Centre", "Family Practice", "Group Practice", "Lane Surgery")
NAMESAKE = ("01E", "01K", "Teacup Park Surgery")  # Names are not unique: two CCGs have a practice with the same name
FIRST_NAMES = (
    "Ada Amrit Beatrix Bola Cecily Dev Edith Esme Farid Flora Gwen Hari Imogen Iris Jasper Kezia Leila Mabel "
    "Nadia Oscar Priya Quentin Rafi Rosa Silas Tamsin Una Violet Winifred Yusuf"
)
LAST_NAMES = (
    "Appletree Birdwhistle Brightwater Cobbleday Dovetail Evergreen Featherstone Goodweather Hollyoake Inglenook "
    "Jollyboat Kindlysides Lightfoot Merryweather Nightingale Oatcake Pennyfeather Quickstep Rainbird Silverspoon "
    "Turnpenny Underhill Valentine Wildgoose Yarrow"
)


class Draw:
    """Whole numbers from a seed, the same everywhere and always."""

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._count = 0

    def below(self, limit: int) -> int:
        self._count += 1
        digest = hashlib.sha256(f"{self._seed}:{self._count}".encode()).digest()
        return int.from_bytes(digest, "big") % limit

    def shuffled(self, items: list[str]) -> list[str]:
        left, out = list(items), []
        while left:
            out.append(left.pop(self.below(len(left))))
        return out


def list_sizes(ccg: Ccg, draw: Draw) -> list[int]:
    """One size for each practice, adding up to the patients: many small, some large, at most one giant."""
    count = ccg.practices - (1 if ccg.giant else 0)
    patients = ccg.patients - ccg.giant
    spare = patients - count * SMALLEST
    while True:
        # The product of two even draws tends to be small, as lists do
        shares = [1 + draw.below(1000) * draw.below(1000) for _ in range(count)]
        sizes = [SMALLEST + share * spare // sum(shares) for share in shares]
        sizes[0] += patients - sum(sizes)
        if max(sizes) <= LARGEST:
            break
    if ccg.giant:
        sizes.insert(draw.below(len(sizes) + 1), ccg.giant)
    return sizes


def rows() -> list[tuple[str, ...]]:
    """The practices in order of CCG and code."""
    draw = Draw(SEED)
    names = iter(draw.shuffled([f"{place} {kind}" for place in PLACES.split() for kind in KINDS]))
    people = iter(draw.shuffled([f"{first} {last}" for first in FIRST_NAMES.split() for last in LAST_NAMES.split()]))
    out: list[tuple[str, ...]] = []
    for place, ccg in enumerate(CCGS, start=1):
        namesake = draw.below(ccg.practices)
        for number, size in enumerate(list_sizes(ccg, draw)):
            code = f"Z9{place}{number + 1:03}"
            name = NAMESAKE[2] if ccg.code in NAMESAKE and number == namesake else next(names)
            title = "Dr " if draw.below(4) else ""  # A practice may send its manager
            places = LOCALITIES.get(ccg.code, ("",))
            mailbox = f"{code.lower()}@example.org"
            if ccg.code == PARTNERSHIP[0] and number % PARTNERSHIP[1] == 0:
                mailbox = PARTNERSHIP[2]
            out.append((ccg.code, code, name, str(size), title + next(people), mailbox, places[number % len(places)]))
    return out


def demo_roll() -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(rows())
    return out.getvalue().encode("ascii")


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else OUTPUT
    target.write_bytes(demo_roll())
    print(f"{target.name}: {len(rows())} practices, {sum(ccg.patients for ccg in CCGS)} patients")
