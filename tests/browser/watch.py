"""Watching a page: whatever a browser would tell its developer is a fault, unless the test expects it."""

from __future__ import annotations

from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Error, Page, Request

LOOPBACK = {"127.0.0.1", "localhost"}
INSIDE = {"data", "blob", "about"}


class Watch:
    """Collects console errors and warnings, errors no code caught, and requests to another host.

    Violations of the content security policy are console errors. `expect` names a part of a message that must come:
    an expected refusal, say, which Chromium reports as "status of 409".
    """

    def __init__(self) -> None:
        self.told: list[str] = []
        self._expected: list[str] = []

    def over(self, page: Page) -> None:
        """Begin, before the page goes anywhere."""
        page.on("console", self._console)
        page.on("pageerror", self._error)
        page.on("request", self._request)

    def expect(self, part: str) -> None:
        """Some message that holds this will come, and is no fault."""
        self._expected.append(part)

    def faults(self) -> list[str]:
        """What was told and not expected, and what was expected and not told."""
        unexpected = [told for told in self.told if not any(part in told for part in self._expected)]
        return unexpected + [
            f"expected and never told: {part}" for part in self._expected if not any(part in told for told in self.told)
        ]

    def _console(self, message: ConsoleMessage) -> None:
        where = str(message.location.get("url", ""))
        if message.type in ("error", "warning", "assert") and not where.endswith("/favicon.ico"):  # it asks unbidden
            self.told.append(f"console: {message.text} ({where})")

    def _error(self, error: Error) -> None:
        self.told.append(f"not caught: {error.message}")

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in INSIDE and parts.hostname not in LOOPBACK:
            self.told.append(f"foreign request: {request.url}")
