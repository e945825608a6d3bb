"""The words of the record as pages show them. A word that is missing here is shown as it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ballot.constitution.programme import Policy, Returned
from ballot.constitution.rule import Outcome
from ballot.office.lifecycle import State
from ballot.record.moves import REASON_WORDS, Move
from ballot.web.nouns import said


@dataclass(frozen=True, slots=True)
class Label:
    """A word on a coloured tag; the colour adds no meaning."""

    text: str
    colour: str


STATES = {
    State.DRAFT: Label("Being prepared", "grey"),
    State.SEALED: Label("Sealed, not open yet", "blue"),
    State.OPEN: Label("Voting is open", "green"),
    State.CLOSED: Label("Closed, not counted yet", "yellow"),
    State.TALLIED: Label("Counted", "purple"),
    State.DECLARED: Label("Declared", "purple"),
    State.ABANDONED: Label("Abandoned", "red"),
}
OUTCOMES = {
    Outcome.CARRIED.value: Label("Carried", "green"),
    Outcome.NOT_CARRIED.value: Label("Not carried", "red"),
    Outcome.INQUORATE.value: Label("Inquorate", "orange"),
    Outcome.TIED.value: Label("Tied", "orange"),
}
TEST_HOLDS, TEST_FAILS = Label("Its test holds", "green"), Label("Its test does not hold", "grey")
"""How a test went in a locality, which is no verdict."""
POLICIES = {
    Policy.FINAL: "A vote is final: {a member} can vote only once, and cannot change its vote.",
    Policy.LAST_COUNTS: "{A member} may vote again while voting is open, and its last vote counts.",
}
RETURNED = {
    Returned.AFTER_CLOSING: "After voting closes, the list of {members} that voted is published, but never how they "
    "voted. {A member} can then object to a vote that it did not cast.",
    Returned.NEVER: "The list of {members} that voted is not published.",
}
MOVES = {
    Move.PREPARED: "Programme prepared",
    Move.ISSUED: "Voting links issued",
    Move.SEALED: "Sealed: rules, roll and keys fixed",
    Move.OPENED: "Opened",
    Move.REISSUED: "New voting link sent to {a member}",
    Move.REVOKED: "Voting link revoked",
    Move.STRUCK: "{Member} struck off the roll",
    Move.CONTACT_CHANGED: "Contact of {a member} changed, with a new voting link",
    Move.EXTENDED: "Closing time extended",
    Move.CLOSED: "Closed",
    Move.TALLIED: "Totals opened by the trustees",
    Move.CASTING_VOTE: "Casting vote in a tie recorded",
    Move.DECIDED: "Decided by the constitutions",
    Move.DECLARED: "Declared",
    Move.REBALLOT: "Re-ballot called",
    Move.ABANDONED: "Abandoned",
}
REASONS = REASON_WORDS


def word_of(table: Mapping[Any, str], word: Any) -> str:
    """The word on a page; the word itself if the table lacks it."""
    return said(table.get(word, str(getattr(word, "value", word))))


def label_of(table: Mapping[Any, Label], word: Any) -> Label:
    """The tag for a word; grey with the word itself if the table lacks it."""
    return table.get(word, Label(str(getattr(word, "value", word)), "grey"))
