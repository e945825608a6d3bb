"""The ballot as a form: a set of radio buttons for each question, in the election's own words and order.

If the ballot asks who casts it, there is a second form for that. Neither form is ever sent. The page's script reads the
selection, compares every label with the election that it encrypts for, and sends only the encrypted ballot. Who casts
it goes beside the ballot, in a header of the same request.
"""

from __future__ import annotations

from wtforms import Form, RadioField

from ballot.protocol.elections import Election
from ballot.record.authority import Capacity
from ballot.web import forms


def paper_form(election: Election) -> Form:
    """A form with the fields `question-0` and on; the value of an answer is its position."""
    fields: dict[str, RadioField] = {
        f"question-{number}": forms.RadioField(
            question.question,
            choices=[forms.choice(str(place), label) for place, label in enumerate(question.answers)],
            validate_choice=False,
        )
        for number, question in enumerate(election.homomorphic_questions)
    }
    made: Form = type("Paper", (Form,), fields)()
    return made


def authority_form(statement: str, member: str) -> Form:
    """A form for name and capacity of whoever votes, and the sealed statement. `member` is what votes: a practice."""
    capacities = {
        Capacity.REPRESENTATIVE: f"I am the {member}'s representative for this vote",
        Capacity.PROXY: "I vote as proxy for the representative",
    }
    fields = {
        "authority-name": forms.StringField("Your full name"),
        "authority-capacity": forms.RadioField(
            "In what capacity do you vote?",
            choices=[forms.choice(capacity.value, words) for capacity, words in capacities.items()],
            validate_choice=False,
        ),
        "authority-statement": forms.BooleanField(statement),
    }
    made: Form = type("AuthorityForm", (Form,), fields)()
    return made
