"""What GOV.UK Notify's words for a message mean, and our words as it reads them. Needs no client of its."""

from __future__ import annotations

from collections.abc import Mapping

from ballot.mail.channel import Delivery, Outcome

STATUSES: Mapping[str, Outcome] = {
    "delivered": Outcome.DELIVERED,
    "permanent-failure": Outcome.BOUNCED,
    "temporary-failure": Outcome.BOUNCED,  # Notify has tried for 72 hours by then, and tries no more
    "technical-failure": Outcome.BOUNCED,
}
"""What Notify's final words mean; any other word, such as `sending`, is not final."""


def paragraphs(text: str) -> str:
    """A plain text for Notify: no line is indented, and each that was is a paragraph of its own."""
    found: list[str] = []
    before = False
    for line in text.splitlines():
        indented = line[:1].isspace() and bool(line.strip())
        if (indented or before) and found and found[-1] and line.strip():
            found.append("")
        found.append(line.strip())
        before = indented
    return "\n".join(found).strip() + "\n"


def delivery_of_status(status: object) -> Delivery | None:
    """What Notify's word means; None for a word that is not final."""
    outcome = STATUSES.get(status) if isinstance(status, str) else None
    return None if outcome is None else Delivery(outcome, f"GOV.UK Notify says {status}")
