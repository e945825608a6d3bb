"""What a trustee hands in: a part that the page made, or the same as a file made offline."""

from __future__ import annotations

from wtforms import HiddenField

from ballot.web import forms
from ballot.web.forms import ValidationError

LARGEST = 2**21
"""The most bytes of a part; the polynomial of one of a hundred trustees has 150 kB."""


class PartForm(forms.Form):
    """The page's script fills `part`; without it, or for a part made offline, the trustee chooses a file."""

    file = forms.FileField("The file that you made offline")
    part = HiddenField()

    def body(self) -> bytes:
        """The part; empty if it is missing or too large."""
        written = (self.part.data or "").encode("utf-8", "surrogatepass")
        chosen = self.file.data
        data = written or (chosen.read(LARGEST + 1) if chosen else b"")
        return b"" if len(data) > LARGEST else data


class Compared(PartForm):
    """With a polynomial: the trustee heard the same fingerprint from every other trustee."""

    compared = forms.BooleanField("Every other trustee read out the same fingerprint as I see here")
    fingerprint = HiddenField()

    def validate_compared(self, field: forms.BooleanField) -> None:
        if not field.data:
            raise ValidationError("Compare the fingerprint with every other trustee, and tick the box")


class TotalShare(PartForm):
    """A share of a total. One made on the page needs the trustee's word that all compared what they decrypt."""

    compared = forms.BooleanField("The other trustees read out the same SHA-256 as I see here")

    def validate_compared(self, field: forms.BooleanField) -> None:
        if self.part.data and not field.data:
            raise ValidationError(
                "Compare the SHA-256 of the encrypted total with the other trustees, and tick the box"
            )


class Complaint(forms.Form):
    """The trustee whose part was not valid, and the reason's word."""

    about = forms.SelectField("Whose part is not valid", coerce=int)
    word = HiddenField(default="secret")
