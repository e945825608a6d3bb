"""What both officers read: an act in words, with every fact that it rests on as it is at this moment.

Made anew when it is approved, under the lock of the act; if one letter differs by then, nothing happens. So no words
here depend on the clock: only on what was decided, stored or changed.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ballot.office.acts.act import Act
from ballot.office.desk import Why
from ballot.office.situation import Situation


def statement(situation: Situation, act: Act[Any], facts: Iterable[str], why: Why) -> str:
    """The title, the programme, the act's own facts and the reason, line by line."""
    programme = situation.rules
    lines = [
        f"Act: {act.title}",
        f"Programme: {programme.name} ({situation.programme.id}){', a rehearsal' if programme.rehearsal else ''}",
        *facts,
        f"Reason, published: {why.code.value}",
    ]
    if why.note is not None:
        lines.append(f"Note, kept private: {why.note}")
    return "\n".join(lines) + "\n"
