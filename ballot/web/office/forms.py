"""The forms for signing in, enrolling and recovering."""

from __future__ import annotations

from wtforms import HiddenField
from wtforms.validators import EqualTo, InputRequired, Length

from ballot.office.staff.passwords import LONGEST, SHORTEST
from ballot.web.forms import Form, PasswordField, StringField, SubmitField

_SHORT = Length(max=320, message="This is too long: enter 320 characters or fewer")
_PASSWORD = Length(max=LONGEST, message=f"Password must be {LONGEST} characters or fewer")


class SignIn(Form):
    """Sign in with a password and an authenticator app."""

    login = StringField("E-mail address", [InputRequired("Enter your e-mail address"), _SHORT])
    password = PasswordField("Password", [InputRequired("Enter your password"), _PASSWORD])
    code = StringField(
        "Code from your authenticator app",
        [InputRequired("Enter the 6-digit code"), _SHORT],
        description="6 digits. They change every 30 seconds",
    )
    send = SubmitField("Sign in")


class Confirm(Form):
    """Confirm the identity of the person signed in, so without an e-mail address."""

    password = PasswordField("Password", [InputRequired("Enter your password"), _PASSWORD])
    code = StringField(
        "Code from your authenticator app",
        [InputRequired("Enter the 6-digit code"), _SHORT],
        description="6 digits. They change every 30 seconds, and each code works once",
    )
    send = SubmitField("Continue")


class Recover(Form):
    """Sign in with a recovery code."""

    login = StringField("E-mail address", [InputRequired("Enter your e-mail address"), _SHORT])
    password = PasswordField(
        "Password",
        [_PASSWORD],
        description="Leave this empty if you have no password because you sign in with passkeys",
    )
    code = StringField(
        "Recovery code",
        [InputRequired("Enter one of your recovery codes"), _SHORT],
        description="One of your ten codes, such as 3-K7QW-0M2D-9XRT-4HBN-V8CE-51ZA. Each works once",
    )
    send = SubmitField("Sign in")


class EnrolmentCode(Form):
    """The one-time code only."""

    code = StringField(
        "Enrolment code",
        [InputRequired("Enter your enrolment code"), _SHORT],
        description="20 letters and digits in groups of four. Hyphens and spaces do not matter",
    )
    send = SubmitField("Continue")


class OwnPassword(Form):
    """Set a password and an app."""

    password = PasswordField(
        "Choose a password",
        [InputRequired("Enter a password"), _PASSWORD],
        description=f"{SHORTEST} characters or more. Use three or four words that do not belong together",
    )
    again = PasswordField(
        "The same password again", [EqualTo("password", "The two passwords must be the same"), _PASSWORD]
    )
    code = StringField(
        "Code that the app shows now",
        [InputRequired("Enter the 6-digit code"), _SHORT],
        description="6 digits. They change every 30 seconds",
    )
    send = SubmitField("Set the password and the app")


class NewPassword(OwnPassword):
    """Set a password and an app, with the enrolment code given before."""

    enrolment = HiddenField()


class PasskeyName(Form):
    """The owner's name for a passkey."""

    label = StringField("Name of the passkey", [_SHORT])


class Passkey(Form):
    """The browser's answer, filled in by our script."""

    enrolment = HiddenField()
    credential = HiddenField()
