"""The ballot as a form: a set of radio buttons for each question, in the election's own words and order.

The form is never sent. The page's script reads the selection, compares every label with the election that it encrypts
for, and sends only the encrypted ballot.
"""

from __future__ import annotations

from wtforms import Form, RadioField

from ballot.protocol.elections import Election
from ballot.web import forms


def paper_form(election: Election) -> Form:
    """A form with the fields `question-0` and on; the value of an answer is its position."""
    fields: dict[str, RadioField] = {
        f"question-{number}": forms.RadioField(
            question.question,
            choices=[forms.choice(str(place), label) for place, label in enumerate(question.answers)],
            validate_choice=False,
        )
        for number, question in enumerate(election.questions)
    }
    made: Form = type("Paper", (Form,), fields)()
    return made
