"""A moment entered as day, month, year, hour and minute of British wall time.

It is read as an aware UTC datetime. A wall time that a clock change skips or repeats is refused in words.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from wtforms import Field

from ballot.constitution.window import NoMoment, NotOneMoment, the_moment
from ballot.record.times import LONDON
from ballot.web.widgets import Widget, error_of, text_of, title_of

PARTS = ("day", "month", "year", "hour", "minute")
_LABELS = {"day": "Day", "month": "Month", "year": "Year", "hour": "Hour (24-hour clock)", "minute": "Minute"}
_NO_MOMENT = {
    NoMoment.SKIPPED: "The clocks go forward in that hour, so there is no such time. Choose another",
    NoMoment.TWICE: "The clocks go back in that hour, so there are two such times. Choose another",
    NoMoment.OUTSIDE: "There is no such day in that month. Choose another",
}
_RANGES = {"day": (1, 31), "month": (1, 12), "year": (1, 9999), "hour": (0, 23), "minute": (0, 59)}


class MomentInput(Widget):
    """Five small inputs in one fieldset; wrong ones are marked."""

    component = "date-input"

    def params(self, field: Field, heading: str | None) -> dict[str, Any]:
        assert isinstance(field, MomentField)
        return {
            "id": field.id,
            "hint": text_of(field.description),
            "errorMessage": text_of(error_of(field)),
            "fieldset": {"legend": title_of(field, heading)},
            "items": [self._item(field, part) for part in PARTS],
        }

    def _item(self, field: MomentField, part: str) -> dict[str, Any]:
        wrong = bool(field.errors) and (part in field.wrong or not field.wrong)
        return {
            "id": f"{field.id}-{part}",
            "name": f"{field.name}-{part}",
            "label": _LABELS[part],
            "value": field.written.get(part, ""),
            "width": 4 if part == "year" else 2,
            "error": wrong,
        }


class MomentField(Field):
    """The moment in `data`, or None; `written` is what was typed and `wrong` the parts that are not valid."""

    widget = MomentInput()

    def __init__(self, label: str, validators: Any = None, **given: Any) -> None:
        super().__init__(label, validators, **given)
        self.written: dict[str, str] = {}
        self.wrong: tuple[str, ...] = ()

    @property
    def first_wrong_id(self) -> str:
        """The id to which the error summary links."""
        return f"{self.id}-{self.wrong[0] if self.wrong else PARTS[0]}"

    def process_data(self, value: datetime | None) -> None:
        self.data = value
        if value is not None:
            wall = value.astimezone(LONDON)
            self.written = {part: str(getattr(wall, part)) for part in PARTS[:3]}
            self.written |= {part: f"{getattr(wall, part):02}" for part in PARTS[3:]}

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        """Read the five parts instead of one value."""
        self.process_errors = []
        self.object_data = data if isinstance(data, datetime) else self.default
        self.process_data(self.object_data)
        if formdata is None or not any(f"{self.name}-{part}" in formdata for part in PARTS):
            return
        self.written = {part: formdata.get(f"{self.name}-{part}", "").strip() for part in PARTS}
        self.raw_data = ["".join(self.written.values())]  # InputRequired checks this
        try:
            self.data = self._read()
        except ValueError as fault:
            self.data = None
            self.process_errors.append(str(fault))

    def _read(self) -> datetime | None:
        if not any(self.written.values()):
            return None
        self.wrong = tuple(part for part in PARTS if not self.written[part])
        if self.wrong:
            raise ValueError(f"{self.label.text} must include {_listed([_article(part) for part in self.wrong])}")
        self.wrong = tuple(part for part in PARTS if not self._is_number(part))
        if self.wrong:
            raise ValueError(f"Enter {_listed([_expected(part) for part in self.wrong])}")
        try:
            day, month, year, hour, minute = (int(self.written[part]) for part in PARTS)
            wall = datetime(year, month, day, hour, minute)  # noqa: DTZ001  (a wall time; which moment it is comes next)
            return the_moment(wall, LONDON)
        except NotOneMoment as fault:
            self.wrong = ("day",) if fault.why is NoMoment.OUTSIDE else ("hour",)
            raise ValueError(_NO_MOMENT[fault.why]) from None
        except ValueError:
            self.wrong = ("day",)
            raise ValueError(_NO_MOMENT[NoMoment.OUTSIDE]) from None

    def _is_number(self, part: str) -> bool:
        written = self.written[part]
        least, most = _RANGES[part]
        return written.isascii() and written.isdigit() and least <= int(written[:9]) <= most


def _article(part: str) -> str:
    return f"an {part}" if part == "hour" else f"a {part}"


def _listed(parts: Sequence[str]) -> str:
    *first, last = parts
    return f"{', '.join(first)} and {last}" if first else last


def _expected(part: str) -> str:
    if part == "year":
        return "a year with four digits, such as 2020"
    return f"{_article(part)} from {' to '.join(map(str, _RANGES[part]))}"
