"""What is asked of people at the door of the office."""

from __future__ import annotations

from wtforms.validators import InputRequired, Length

from ballot.office.staff.passwords import LONGEST
from ballot.web.forms import Form, PasswordField, StringField, SubmitField

_SHORT = Length(max=320, message="This is longer than it can be")
_PASSWORD = Length(max=LONGEST, message=f"Password must be {LONGEST} characters or fewer")


class SignIn(Form):
    """With a password and an authenticator app."""

    login = StringField("E-mail address", [InputRequired("Enter your e-mail address"), _SHORT])
    password = PasswordField("Password", [InputRequired("Enter your password"), _PASSWORD])
    code = StringField(
        "Code from your authenticator app",
        [InputRequired("Enter the 6-digit code"), _SHORT],
        description="6 digits; they change every half minute",
    )
    send = SubmitField("Sign in")


class Confirm(Form):
    """The same without the name, which is known."""

    password = PasswordField("Password", [InputRequired("Enter your password"), _PASSWORD])
    code = StringField(
        "Code from your authenticator app",
        [InputRequired("Enter the 6-digit code"), _SHORT],
        description="6 digits; they change every half minute, and each works once",
    )
    send = SubmitField("Continue")


class Empty(Form):
    """A button alone."""
