"""Forms: WTForms fields that look and behave as the NHS design system requires, with Flask-WTF's protection (CSRF).

class Reason(Form):
    code = RadioField("Why?", choices=[choice("a", "A")], validators=[InputRequired("Choose a reason")])
    send = SubmitField("Continue")

A template begins with `{{ form.summary() }}`: empty, or every error with a link to its field. The page's title then
begins with "Error:", and the NHS's script moves the focus there. Only the server reports errors (the form is
`novalidate`), in the same words for everyone. FlaskForm refuses to work without the app's SECRET_KEY.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask_wtf import FlaskForm  # type: ignore[import-untyped]
from flask_wtf.file import FileField as _FileField  # type: ignore[import-untyped]
from markupsafe import Markup
from wtforms import Field, FieldList, FormField, fields
from wtforms import Form as _PlainForm
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # the stubs are of 3.2
from wtforms.validators import StopValidation, ValidationError

from ballot.web.entries import leaves
from ballot.web.moment_field import MomentField
from ballot.web.nouns import said
from ballot.web.templating import render
from ballot.web.widgets import (
    Button,
    Checkboxes,
    FileUpload,
    PasswordInput,
    Radios,
    Select,
    TextArea,
    TextInput,
    Tick,
    error_of,
)

__all__ = [
    "BooleanField",
    "FileField",
    "FormEntry",
    "FieldList",
    "Form",
    "FormField",
    "HiddenField",
    "IntegerField",
    "ListIf",
    "MomentField",
    "NeededIf",
    "PasswordField",
    "RadioField",
    "SelectField",
    "SelectMultipleField",
    "StringField",
    "SubmitField",
    "TextAreaField",
    "ValidationError",
    "choice",
]


class Form(FlaskForm):  # type: ignore[misc]
    """The base of every form."""

    @property
    def errors(self) -> dict[str | None, Sequence[Any]]:
        """The errors of every control, also of those in lists; those of the whole form under None."""
        found: dict[str | None, Sequence[Any]] = {field.name: field.errors for field in leaves(self) if field.errors}
        return {**found, None: self.form_errors} if self.form_errors else found

    def mark(self, field: Field | None, sentence: str) -> None:
        """Report an error at a field; for None, at the whole form."""
        if field is None:
            self.form_errors.append(sentence)
        else:
            field.errors = [*field.errors, sentence]

    def summary(self, heading: str = "There is a problem") -> Markup:
        """The error summary: first on the page, empty if nothing is wrong."""
        fields = list(leaves(self))
        wrong = [(field, error) for field in fields if (error := error_of(field))]
        whole = [(field, error) for error in self.form_errors for field in fields[:1]]
        if not wrong and not whole:
            return Markup("")
        listed = [{"text": said(error), "href": f"#{anchor_of(field)}"} for field, error in (*whole, *wrong)]
        return render("error-summary", {"heading": heading, "errorList": listed})


class FormEntry(_PlainForm):
    """One entry in a FieldList of FormFields; the form around it protects against forgery."""


class NeededIf:
    """A validator: something must be entered if `needed` says so of the form; otherwise the field may be empty.

    A method `validate_...` after WTForms's Optional is never called for an empty field.
    """

    def __init__(self, needed: Callable[[Any], bool], message: str) -> None:
        self._needed, self._message = needed, message

    def __call__(self, form: Any, field: Field) -> None:
        if any(str(value).strip() for value in field.raw_data or ()):
            return
        field.errors = []
        raise StopValidation(self._message if self._needed(form) else "")


def choice(value: str, text: str) -> Any:
    """One choice: the value sent, and its text."""
    return SelectChoice(value, text)


def anchor_of(field: Field) -> str:
    """The id of the control that an error is about: the first one if there are several."""
    return field.first_wrong_id if isinstance(field, MomentField) else field.id


class ListIf(FieldList):  # type: ignore[type-arg]
    """A list of entries that is used only in some cases. While it is not, what is typed in it is kept unchecked."""

    def __init__(self, *given: Any, used: Callable[[Any], bool], **more: Any) -> None:
        super().__init__(*given, **more)
        self._used = used

    def validate(self, form: Any, extra_validators: Any = ()) -> bool:
        """Check the entries, if they are used."""
        self.errors = []
        return bool(super().validate(form, extra_validators)) if self._used(form) else True


class StringField(fields.StringField):
    """One line of text."""

    widget = TextInput()


class IntegerField(fields.IntegerField):
    """A whole number; an ordinary input with a numeric keyboard and no spinner, as the NHS advises."""

    widget = TextInput()

    def __call__(self, **extra: object) -> Markup:
        return Markup(super().__call__(**{"inputmode": "numeric", "width": 5, **extra}))  # noqa: S704


SECRET_FIELDS = frozenset({"passphrase", "password", "again", "registrar", "vault", "officer", "deputy"})
"""The names of all fields for secrets. A form that is kept while its sender signs in is kept without them."""


class PasswordField(fields.PasswordField):
    """A secret; never filled in again."""

    widget = PasswordInput()

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        if self.short_name not in SECRET_FIELDS:
            raise LookupError(f"a secret is asked for under the name {self.short_name}: add it to SECRET_FIELDS")


class TextAreaField(fields.TextAreaField):
    """Several lines."""

    widget = TextArea()


class SelectField(fields.SelectField):
    """One of a long list."""

    widget = Select()


class RadioField(fields.RadioField):
    """One of a few, all visible."""

    widget = Radios()


class SelectMultipleField(fields.SelectMultipleField):
    """Any of a few, all visible."""

    widget = Checkboxes()


class BooleanField(fields.BooleanField):
    """Yes if ticked."""

    widget = Tick()


class FileField(_FileField):  # type: ignore[misc]
    """One file."""

    widget = FileUpload()


class HiddenField(fields.HiddenField):
    """A value that no one types, without a label."""


class SubmitField(fields.SubmitField):
    """The button that sends the form."""

    widget = Button()
