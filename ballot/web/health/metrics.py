"""The figures for Prometheus: how much is asked, how fast it is answered, how many wait in the outbox.

No figure has a programme, a CCG, a practice or an address in it, and none depends on what anybody voted: the labels
are routes as they are written in the code, methods, statuses, and words of office.errors. How many ballots were
accepted in all is public on the board while voting goes on.

Several workers write into files of one folder, and whichever is asked adds them up (`across_processes`).
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import cast

from flask import Flask, Response, current_app, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, values
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from sqlalchemy import Engine

from ballot.db.outbox import queue_figures
from ballot.db.session import reading
from ballot.mail.states import DUE, UNDELIVERED

log = logging.getLogger("ballot.web")

_NAME, _FOLDER = "ballot_metrics", "PROMETHEUS_MULTIPROC_DIR"
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
METHODS = ("GET", "HEAD", "POST")


def across_processes(folder: Path) -> None:
    """Make every process keep its figures in this folder; call it before the first app is made."""
    os.environ[_FOLDER] = str(folder)
    values.ValueClass = values.MultiProcessValue()  # type: ignore[no-untyped-call]


class Metrics:
    """The figures of one app."""

    def __init__(self) -> None:
        self._own = CollectorRegistry()
        self.requests = Counter(
            "ballot_requests", "Requests answered.", ("method", "route", "status"), registry=self._own
        )
        self.seconds = Histogram(
            "ballot_request_seconds", "How long answers took.", ("route",), buckets=SECONDS, registry=self._own
        )
        self.casts = Counter(
            "ballot_casts", "Ballots sent, by the word they were answered with.", ("word",), registry=self._own
        )

    def count_cast(self, word: str) -> None:
        """Count a ballot that was answered with this word."""
        with _never_in_the_way():
            self.casts.labels(word).inc()

    def count_request(self, method: str, route: str, status: int, seconds: float | None) -> None:
        """Count a request and its answer."""
        with _never_in_the_way():
            self.requests.labels(method if method in METHODS else "other", route, str(status)).inc()
            if seconds is not None:
                self.seconds.labels(route).observe(seconds)

    def text(self, engine: Engine, now: datetime) -> bytes:
        """All figures in Prometheus's format: from every process, and of the outbox now."""
        registry = self._own
        if os.environ.get(_FOLDER):
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        outbox = CollectorRegistry()
        outbox.register(_Outbox(engine, now))
        return generate_latest(registry) + generate_latest(outbox)


class _Outbox(Collector):
    """How many e-mails are due, since when the oldest is, and how many did not arrive."""

    def __init__(self, engine: Engine, now: datetime) -> None:
        self._engine, self._now = engine, now

    def collect(self) -> Iterator[GaugeMetricFamily]:
        with reading(self._engine) as session:
            found = queue_figures(
                session, [state.value for state in DUE], [state.value for state in UNDELIVERED], self._now
            )
        waited = (self._now - found.oldest).total_seconds() if found.oldest else 0.0
        for name, words, value in (
            ("ballot_outbox_due", "E-mails that are due.", float(found.due)),
            ("ballot_outbox_oldest_due_seconds", "For how long the oldest of them has been due.", max(waited, 0.0)),
            ("ballot_outbox_undelivered", "E-mails that bounced or were given up.", float(found.undelivered)),
        ):
            yield GaugeMetricFamily(name, words, value=value)


def install(app: Flask) -> None:
    """Measure every request of the app."""
    made = app.extensions[_NAME] = Metrics()

    @app.before_request
    def begin() -> None:
        g.began = time.perf_counter()

    @app.after_request
    def measure(response: Response) -> Response:
        route = "none" if request.url_rule is None else request.url_rule.rule
        seconds = time.perf_counter() - g.began if "began" in g else None
        made.count_request(request.method, route, response.status_code, seconds)
        return response


@contextmanager
def _never_in_the_way() -> Iterator[None]:
    """If a figure cannot be written (a full disk), lose it, but never the answer to a voter."""
    try:
        yield
    except (OSError, ValueError):
        log.warning("a figure could not be written")


def metrics() -> Metrics:
    """The figures of the app that serves this request."""
    return cast(Metrics, current_app.extensions[_NAME])
