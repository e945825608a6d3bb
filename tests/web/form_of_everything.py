"""A form with one field of each kind, for looking at all of them."""

from __future__ import annotations

from wtforms.validators import InputRequired

from ballot.web import forms


class Everything(forms.Form):
    """One of each."""

    name = forms.StringField("Your name", [InputRequired("Enter your name")], description="As on the roll")
    why = forms.TextAreaField("Why?", [InputRequired("Say why")])
    answer = forms.RadioField(
        "Do you <agree>?",
        [InputRequired("Choose an answer")],
        choices=[forms.choice("yes", "Yes & no"), forms.choice("no", "No")],
    )
    several = forms.SelectMultipleField("Which?", choices=[forms.choice("a", "A"), forms.choice("b", "B")])
    listed = forms.SelectField("From the list", choices=[forms.choice("x", "X"), forms.choice("y", "Y")])
    sure = forms.BooleanField("This is right", [InputRequired("Tick the box")])
    number = forms.IntegerField("How many?", [InputRequired("Enter a number")])
    passphrase = forms.PasswordField("Passphrase", [InputRequired("Enter the passphrase")])
    paper = forms.FileField("The minutes")
    closes = forms.MomentField("Closing time", [InputRequired("Enter the closing time")], description="British time")
    send = forms.SubmitField("Continue")
