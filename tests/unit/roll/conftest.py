"""What the tests of the roll share: a small file of each format, and the way to the reference data."""

from __future__ import annotations

from collections.abc import Callable

import pytest

HEADER = "ccg_ods_code,practice_ods_code,practice_name,registered_patients,representative,email"
GOOD = (
    "01E,Z96001,Teacup Surgery,5000,Dr Ada Yarrow,a@example.org",
    "00Q,Z91002,Nutmeg Surgery,,,",
    "00Q,Z91001,Inkwell Surgery,12345,,b@example.org",
)


@pytest.fixture
def simple() -> Callable[..., bytes]:
    """A simple roll of these lines, under the usual header."""

    def make(*lines: str, header: str = HEADER, end: str = "\n") -> bytes:
        return "".join(line + end for line in (header, *(lines or GOOD))).encode()

    return make


@pytest.fixture
def ods_row() -> Callable[..., bytes]:
    """One row of epraccur.csv, an active GP practice of 00Q unless told otherwise."""

    def make(
        code: str = "Z91001",
        name: str = "INKWELL SURGERY",
        status: str = "A",
        commissioner: str = "00Q",
        setting: str = "4",
    ) -> bytes:
        cells = [code, name] + [""] * 25
        cells[12], cells[14], cells[23], cells[25] = status, commissioner, "112", setting
        return (",".join(f'"{cell}"' for cell in cells) + "\r\n").encode()

    return make


@pytest.fixture
def lists() -> Callable[..., bytes]:
    """A list-size file of (code, patients), of either generation."""

    def make(*sizes: tuple[str, str], day: str = "01APR2020", area: str = "CCG", ccg: str = "00Q") -> bytes:
        header = f"PUBLICATION,EXTRACT_DATE,TYPE,{area}_CODE,ONS_{area}_CODE,CODE,POSTCODE,SEX,AGE,NUMBER_OF_PATIENTS"
        rows = [f"GP_PRAC_PAT_LIST,{day},GP,{ccg},E38,{code},BB1 1AA,ALL,ALL,{size}" for code, size in sizes]
        return "\r\n".join([header, *rows, ""]).encode()

    return make
