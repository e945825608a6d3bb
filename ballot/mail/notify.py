"""The channel through GOV.UK Notify, with its own client (the extra `notify`).

Each template at Notify is `((subject))` above `((body))`: the text stays here, under version control. Notify accepts no
Message-ID from us, so we put it into `reference`. Before we repeat a message whose sending was interrupted, we ask
Notify for that reference. Notify attaches nothing, and reads a body as Markdown: an indented line would join the line
before.

Notify keeps what it sends for seven days, including voting links: people with access to that service could vote.
`delivery_of_status` translates Notify's statuses to our outcomes, and needs no client.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from notifications_python_client.errors import APIError
from notifications_python_client.notifications import NotificationsAPIClient

from ballot.mail.addresses import ascii_address
from ballot.mail.channel import Delivery, SendOutcome
from ballot.mail.envelope import Envelope
from ballot.mail.settings import NotifySettings
from ballot.mail.states import short_reason

STATUSES: Mapping[str, SendOutcome] = {
    "delivered": SendOutcome.DELIVERED,
    "permanent-failure": SendOutcome.BOUNCED,
    "temporary-failure": SendOutcome.BOUNCED,  # Notify has tried for 72 hours by then, and tries no more
    "technical-failure": SendOutcome.BOUNCED,
}
"""The meaning of Notify's final statuses. Any other, such as `sending`, is not final."""


def paragraphs(text: str) -> str:
    """Format a plain text for Notify: no line is indented, and each that was is a separate paragraph."""
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
    """The delivery that a Notify status means. None if the status is not final."""
    outcome = STATUSES.get(status) if isinstance(status, str) else None
    return None if outcome is None else Delivery(outcome, f"GOV.UK Notify says {status}")


class NotifyChannel:
    """Sends through Notify's API, and asks it later what happened to a message."""

    attaches = False

    def __init__(self, settings: NotifySettings) -> None:
        self._settings = settings
        make: Any = NotificationsAPIClient  # the client has no types
        self._client = make(settings.api_key, settings.base, settings.timeout)

    def send(self, envelope: Envelope) -> Delivery:
        """Send one message to Notify."""
        name = "trial" if envelope.kind is None else envelope.kind.value
        template = self._settings.templates.get(name)
        if template is None:
            return Delivery(SendOutcome.BOUNCED, f"GOV.UK Notify has no template for {name}")
        try:
            if envelope.attempt > 1 and (id := self._sent_before(envelope.message_id)) is not None:
                return Delivery(SendOutcome.SENT, "accepted earlier by GOV.UK Notify", reference=id)
            answer = self._client.send_email_notification(
                email_address=ascii_address(envelope.to),
                template_id=template,
                personalisation={"subject": envelope.rendered.subject, "body": paragraphs(envelope.rendered.text)},
                reference=envelope.message_id,
            )
            return Delivery(SendOutcome.SENT, "accepted by GOV.UK Notify", reference=str(answer["id"]))
        except APIError as fault:
            return _refused(fault, envelope)
        except (ValueError, KeyError, TypeError):
            return Delivery(SendOutcome.DEFERRED, "the answer of GOV.UK Notify was not understood", stop=True)

    def close(self) -> None:
        self._client.request_session.close()

    def delivery_of(self, reference: str) -> Delivery | None:
        """The delivery of the message that has this id at Notify."""
        try:
            found = self._client.get_notification_by_id(reference)
        except APIError:
            return None
        return delivery_of_status(found.get("status") if isinstance(found, dict) else None)

    def _sent_before(self, message_id: str) -> str | None:
        found: Any = self._client.get_all_notifications(reference=message_id)
        known = found.get("notifications") or []
        return str(known[0]["id"]) if known else None


def _refused(fault: APIError, envelope: Envelope) -> Delivery:
    """400 about the address is the address's fault. Any other refusal is about the service, the key or a limit."""
    said = short_reason(f"{fault.status_code} {fault.message}", envelope.secrets)
    if fault.status_code == 400 and "email_address" in str(fault.message):
        return Delivery(SendOutcome.BOUNCED, said)
    return Delivery(SendOutcome.DEFERRED, said, stop=True)
