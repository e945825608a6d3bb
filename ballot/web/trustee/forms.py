"""What a trustee hands in: a part that the page made, or the same as a file made offline."""

from __future__ import annotations

from wtforms import HiddenField

from ballot.protocol.canonical import as_sent, parse_json
from ballot.protocol.errors import InvalidMessage
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


class TotalShares(PartForm):
    """Shares of totals. Those made on the page need the trustee's word that all compared what they decrypt."""

    compared = forms.BooleanField("For every total, the other trustees read out the same SHA-256 as I see here")

    def validate_compared(self, field: forms.BooleanField) -> None:
        if self.part.data and not field.data:
            raise ValidationError("Compare every SHA-256 with the other trustees, and tick the box")

    def shares(self, election: str | None) -> dict[str, bytes]:
        """The share of each election, by its name: several in one object, or one alone where `election` is known."""
        body = self.body()
        try:
            value = parse_json(as_sent(body)) if body else None
        except InvalidMessage:
            value = None
        if isinstance(value, dict) and value and all(isinstance(share, str) for share in value.values()):
            return {name: str(share).encode("utf-8", "surrogatepass") for name, share in value.items()}
        return {election: body} if body and election is not None else {}


class Complaint(forms.Form):
    """The trustee whose part was not valid, and the reason's word."""

    about = forms.SelectField("Whose part is not valid", coerce=int)
    word = HiddenField(default="secret")
