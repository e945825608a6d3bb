"""Made-up NHS files shaped like the real ones: epraccur, list sizes of three years, rolls, similar files.

The practices are those of the demonstration's roll, and some more in other CCGs; none of them exists.
"""

from __future__ import annotations

import csv
import gzip
import io
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

ROLL = Path(__file__).resolve().parents[2] / "config" / "lancashire-south-cumbria-2020" / "roll.csv"
ELSEWHERE = tuple(f"9{letter}{digit}" for letter in "ABC" for digit in range(1, 5))
LEFT_OUT = 3
"""The last practices in the roll of August, missing by November."""
ROLL_HEADER = [
    "ccg_ods_code",
    "ccg_name",
    "practice_ods_code",
    "practice_name",
    "postcode",
    "registered_patients",
    "pcn_code",
    "pcn_name",
    "registered_patients_date",
    "registered_patients_source",
    "ods_status_2019_11",
    "ods_prescribing_setting",
    "ods_commissioner_join_date",
    "avg_registered_patients_2019_20",
    "registered_patients_2021_01_01",
    "ods_status_2019_08",
    "ods_status_2021_11",
    "note",
]
LISTS_HEADER = "PUBLICATION,EXTRACT_DATE,TYPE,{0}_CODE,ONS_{0}_CODE,CODE,POSTCODE,SEX,AGE,NUMBER_OF_PATIENTS"


@dataclass(frozen=True, slots=True)
class Practice:
    ccg: str
    code: str
    name: str
    patients: int


@dataclass(frozen=True, slots=True)
class Expected:
    """What the readers must find in a folder of these files."""

    members: int
    dormant: str
    without_list: tuple[str, ...]
    """One practice of the first CCG in `stumbles`, one of the second; in the third every practice has a list."""
    stumbles: tuple[str, str, str]
    strangers: tuple[str, ...]
    in_august: int
    england: tuple[int, int, int]
    lists: tuple[int, int, int]


def write_nhs_files(folder: Path) -> Expected:
    """Write everything into the folder, whose `nhs-samples` are NHS files; return what must be found in them."""
    samples = folder / "nhs-samples"
    samples.mkdir(parents=True)
    august = _of_the_roll()
    november = [practice for place, practice in enumerate(august) if place < len(august) - LEFT_OUT]
    gone = august[-LEFT_OUT:]
    bare = [next(practice for practice in november if practice.ccg == ccg) for ccg in ("00R", "00X")]
    far = [
        Practice(ccg, f"Z90{place:02}{n}", f"PLACE {ccg} {n}", 3_000 + 7 * n)
        for place, ccg in enumerate(ELSEWHERE)
        for n in range(5)
    ]
    strangers = (
        Practice("01A", "Z99901", "", 163),
        Practice("00R", "Z99902", "", 1),
        Practice("00R", "Z99903", "", 221),
    )

    epraccur = [_epraccur(p) for p in (*november, *far)]
    epraccur += [_epraccur(gone[0], status="D"), *(_epraccur(p, status="C") for p in gone[1:])]
    epraccur += [_epraccur(Practice("00Q", "Z99801", "A WALK-IN CENTRE", 0), setting="1")]
    _write(samples / "epraccur_2019-11.csv.gz", gzip.compress(_csv(epraccur, csv.QUOTE_ALL), mtime=0))
    _write(samples / "epraccur_2019-11_sample.csv", _csv(epraccur[:20], csv.QUOTE_ALL))

    listed = [practice for practice in november if practice not in bare]
    _write(
        samples / "gp-reg-pat-prac-all_2020-04_lsc_reconstructed.csv", _lists((*listed, *strangers), "01APR2020", "CCG")
    )
    _write(samples / "gp-reg-pat-prac-all_2021-01_sample.csv", _lists(listed[:199], "01JAN2021", "CCG"))
    _write(
        samples / "gp-reg-pat-prac-all_2026-04_sub_icb_sample.csv",
        _lists(listed[:10], "2026-04-01", "SUB_ICB_LOCATION"),
    )
    _write(samples / "eccg_2018-11_sample.csv", _csv([_eccg(ccg) for ccg in ELSEWHERE], csv.QUOTE_ALL))
    epcmem = [[p.code, p.ccg, "W", "20130401", "", "0"] for p in november[:9]]
    _write(samples / "epcmem_2019-08_sample.csv", _csv(epcmem, csv.QUOTE_ALL))

    without = {practice.code for practice in bare}
    _write(folder / "practices_lsc_2019_08.csv", _csv([ROLL_HEADER, *(_roll_row(p, set()) for p in august)]))
    _write(folder / "practices_lsc_2020.csv", _csv([ROLL_HEADER, *(_roll_row(p, without) for p in november)]))
    england = [*november, *far]
    rows = [_roll_row(p, without)[:9] for p in england]
    _write(folder / "practices_england_2019_11_list_2020_04.csv", _csv([ROLL_HEADER[:9], *rows]))
    _write(folder / "ccg_comparison.csv", _comparison(august, november, without))
    return Expected(
        members=len(november),
        dormant=gone[0].code,
        without_list=tuple(practice.code for practice in bare),
        stumbles=("00R", "00X", "01K"),
        strangers=tuple(f"{p.code} ({p.patients} patient{'' if p.patients == 1 else 's'}, {p.ccg})" for p in strangers),
        in_august=len(august),
        england=(
            len({practice.ccg for practice in england}),
            len(england),
            sum(practice.patients for practice in england if practice.code not in without),
        ),
        lists=(len(listed) + len(strangers), 199, 10),
    )


def _of_the_roll() -> list[Practice]:
    with ROLL.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [
        Practice(
            row["ccg_ods_code"], row["practice_ods_code"], row["practice_name"].upper(), int(row["registered_patients"])
        )
        for row in rows
    ]


def _epraccur(practice: Practice, status: str = "A", setting: str = "4") -> list[str]:
    """A row of 27 cells, most of them empty."""
    row = [practice.code, practice.name.encode("ascii", "replace").decode(), "Y62", "Q84", *[""] * 23]
    row[9], row[10], row[12], row[13], row[14], row[15] = "ZZ9 9ZZ", "19740401", status, "B", practice.ccg, "20130401"
    row[21], row[23], row[25] = "0", practice.ccg, setting
    return row


def _eccg(ccg: str) -> list[str]:
    return [
        ccg,
        f"NHS {ccg} CCG",
        "Y54",
        "Q84",
        *[""] * 5,
        "ZZ9 9ZZ",
        "20130401",
        "",
        "",
        "C",
        *[""] * 7,
        "0",
        *[""] * 5,
    ]


def _lists(practices: Iterable[Practice], day: str, area: str) -> bytes:
    rows = [
        ["GP_PRAC_PAT_LIST", day, "GP", p.ccg, "E38000000", p.code, "ZZ9 9ZZ", "ALL", "ALL", str(p.patients)]
        for p in practices
    ]
    return _csv([LISTS_HEADER.format(area).split(","), *rows])


def _roll_row(practice: Practice, without: set[str]) -> list[str]:
    patients = "" if practice.code in without else str(practice.patients)
    made_up = ["2020-04-01", "made up", "A", "4", "20130401", patients, patients, "A", "A", ""]
    name = f"NHS {practice.ccg} CCG"
    return [practice.ccg, name, practice.code, practice.name, "ZZ9 9ZZ", patients, "U00000", "SOME PCN", *made_up]


def _comparison(august: Sequence[Practice], november: Sequence[Practice], without: set[str]) -> bytes:
    header = ["ccg_ods_code", "epraccur_active_gp_2019_08", "epraccur_active_gp_2019_11", "list_2020_04_01_active_gp"]
    then, now = Counter(p.ccg for p in august), Counter(p.ccg for p in november)
    patients: Counter[str] = Counter()
    for practice in november:
        patients[practice.ccg] += 0 if practice.code in without else practice.patients
    figures = [[ccg, str(then[ccg]), str(now[ccg]), str(patients[ccg])] for ccg in then]
    return _csv([header, *figures, ["", str(len(august)), str(len(november)), str(patients.total())]])


def _csv(rows: Iterable[Sequence[str]], quoting: int = csv.QUOTE_MINIMAL) -> bytes:
    text = io.StringIO(newline="")
    end = "\r\n" if quoting == csv.QUOTE_ALL else "\n"
    csv.writer(text, quoting=quoting, lineterminator=end).writerows(rows)  # type: ignore[arg-type]  # one of csv's own constants
    return text.getvalue().encode()


def _write(path: Path, body: bytes) -> None:
    path.write_bytes(body)
