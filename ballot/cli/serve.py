"""`ballot serve`: the app under gunicorn, embedded, with no settings file of its own.

Whatever can be wrong is found before the first worker starts: settings, keys, tables, routes, the port. Each worker
then makes its own connections to the database. No request is logged, and of what gunicorn logs only its own faults:
the lines about malformed requests would repeat headers, and one header is the token.

SIGTERM    no new connection is taken; what is under way is answered; then it ends, at any moment of its life
SIGHUP     settings and keys are read again and every worker is replaced, one set after the other, while the port stays
           open; where they cannot be read, all stays as it is and the log says why
LISTEN_FDS the port may come from systemd (deploy/ballot.socket), which holds it, and whoever connects to it, while the
           program itself is replaced

A vote is on disk before it is answered, so that no restart loses one; whoever got no answer sends again, and is given
the same receipt.
"""

from __future__ import annotations

import argparse
import logging
import os
import secrets
import shutil
import signal
import socket
import struct
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask
from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]
from gunicorn.arbiter import Arbiter  # type: ignore[import-untyped]

from ballot.cli.logs import set_up_logs, teller
from ballot.cli.refusals import Unacceptable, of_system, sentence_of
from ballot.cli.settings import settings_parser
from ballot.cli.surroundings import Surroundings, clock, connect_to, surroundings_of
from ballot.office.staff.passwords import Passwords
from ballot.office.staff.sessions import Door
from ballot.web.app import create_app
from ballot.web.health.metrics import across_processes
from ballot.web.stage import AppSurroundings as WebSurroundings

BACKLOG = 2048
PATIENCE = 30
"""Seconds a client may pause while sending or receiving; then its connection is closed."""
GRACE = 60
"""Seconds for the requests in progress when a worker has to end."""
_ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)
_FIRST_FROM_SYSTEMD = 3
log = logging.getLogger("ballot.serve")


def serve_command(argv: list[str]) -> int:
    """`ballot serve [--host H] [--port P] [--workers W] [--threads T]`. SIGTERM ends it after current requests."""
    parser = argparse.ArgumentParser(
        prog="ballot serve",
        parents=[settings_parser()],
        description="Answer on a port until stopped (Ctrl-C or SIGTERM). Put a web server with TLS in front of it.",
    )
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen at (default 127.0.0.1)")
    parser.add_argument("--port", type=_number(0, 65535), default=8000, help="default 8000; 0 chooses a free one")
    parser.add_argument("--workers", type=_number(1, 256), default=2, help="processes (default 2)")
    parser.add_argument("--threads", type=_number(1, 256), default=4, help="threads of each process (default 4)")
    options = parser.parse_args(argv)

    def look() -> Surroundings:
        """Read everything, and check that an app can be made from it."""
        here = surroundings_of(options, sends=True)
        with here:
            _ = here.engine  # The tables must exist and have this version
            make_app(here)
        return here

    here = look()
    listener = _from_systemd() or _listen(options.host, options.port)
    set_up_logs(json=here.config.service.json_log)
    with _folder_of_figures() as figures:
        across_processes(figures)
        _Server(here, look, listener, options.workers, options.threads).run()
    return 0


@contextmanager
def _folder_of_figures() -> Iterator[Path]:
    """A folder for the metrics. Only the process that made it removes it: forked workers also run this exit code."""
    folder, maker = Path(tempfile.mkdtemp(prefix="ballot-figures-")), os.getpid()
    try:
        yield folder
    finally:
        if os.getpid() == maker:
            shutil.rmtree(folder, ignore_errors=True)


def make_app(here: Surroundings) -> Flask:
    """The app with its own engine, which connects at the first query."""
    engine = connect_to(here.config.database)
    door = Door(engine, clock, secrets.token_bytes, here.storage, Passwords()) if here.config.office else None
    return create_app(WebSurroundings(here.config, engine, clock, here.board, door))


class _Arbiter(Arbiter):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn's first process, which does not lose signals that it sends to a worker.

    A new worker is a fork of this process, with its handlers. Until it installs its own, a signal to end would enter a
    queue that the worker never reads, and the arbiter would wait in vain. So these signals are blocked before the fork.
    They reach the worker once it is ready (`post_worker_init`).
    """

    def spawn_worker(self) -> int:
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
        try:
            return int(super().spawn_worker())
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


class _Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn, configured only from here, never from a file or the environment."""

    def __init__(
        self, here: Surroundings, look: Callable[[], Surroundings], listener: socket.socket, workers: int, threads: int
    ) -> None:
        self._here, self._look = here, look
        host, port = listener.getsockname()[:2]
        address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
        tell = teller(log.name, json=here.config.service.json_log)
        self._settings = {
            "bind": f"fd://{listener.detach()}",
            "workers": workers,
            "threads": threads,
            "worker_class": "gthread" if threads > 1 else "sync",
            "accesslog": None,
            "errorlog": None,  # set_up_logs attaches our handler to gunicorn's log
            "loglevel": "error",
            "control_socket_disable": True,
            "graceful_timeout": GRACE,
            "when_ready": lambda _: tell(f"Listening on {address}"),
            "post_worker_init": lambda _: signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING),
        }
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._settings.items():
            self.cfg.set(name, value)

    def run(self) -> None:
        _Arbiter(self).run()

    def load(self) -> Flask:
        return make_app(self._here)

    def reload(self) -> None:
        """At SIGHUP, in the arbiter: new workers get the new settings and keys."""
        try:
            self._here = self._look()
        except Exception as error:
            sentence = sentence_of(error)
            log.error("not reloaded, all stays as it was: %s", sentence or type(error).__name__)
        else:
            set_up_logs(json=self._here.config.service.json_log)
            log.info("reloaded: settings and keys were read again, and new workers take over")
        super().reload()


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return _patient(socket.create_server((host, port), family=family, backlog=BACKLOG))
    except (OSError, UnicodeError) as error:
        reason = of_system(error) if isinstance(error, OSError) else "not the name of a host."
        raise Unacceptable(f"It is not possible to listen on {host}, port {port}: {reason}") from None


def _from_systemd() -> socket.socket | None:
    """The socket from systemd, if it passed one."""
    if os.environ.pop("LISTEN_PID", "") != str(os.getpid()) or os.environ.pop("LISTEN_FDS", "0") != "1":
        return None
    return _patient(socket.socket(fileno=_FIRST_FROM_SYSTEMD))


def _patient(listener: socket.socket) -> socket.socket:
    """Make each accepted connection time out once its client pauses for too long (Linux passes this on)."""
    if sys.platform == "linux":
        for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
            listener.setsockopt(socket.SOL_SOCKET, option, struct.pack("ll", PATIENCE, 0))
    return listener


def _number(least: int, most: int) -> Callable[[str], int]:
    def parse(written: str) -> int:
        if not (written.isascii() and written.isdigit() and least <= int(written[:9]) <= most):
            raise argparse.ArgumentTypeError(f"a number from {least} to {most} was expected, not {written[:20]!r}")
        return int(written)

    return parse
