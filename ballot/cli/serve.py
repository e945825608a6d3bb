"""`ballot serve`: the app under gunicorn, embedded, with no settings file of its own.

Whatever can be wrong is found before the first worker starts: settings, keys, tables, routes, the port. Each worker
then makes its own connections to the database. No request is logged, and of what gunicorn logs only its own faults:
the lines about malformed requests would repeat headers, and one header is the token.
"""

from __future__ import annotations

import argparse
import logging
import secrets
import socket
from collections.abc import Callable

from flask import Flask
from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]

from ballot.cli.refusals import Unacceptable, of_system
from ballot.cli.say import say
from ballot.cli.settings import settings_parser
from ballot.cli.surroundings import Surroundings, clock, connect_to, surroundings_of
from ballot.office.staff.door import Door
from ballot.office.staff.passwords import Passwords
from ballot.web.app import create_app
from ballot.web.stage import Surroundings as WebSurroundings

BACKLOG = 2048


def serve_command(argv: list[str]) -> int:
    """`ballot serve [--host H] [--port P] [--workers W] [--threads T]`. Ends at SIGTERM, after requests under way."""
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
    here = surroundings_of(options)
    with here:
        _ = here.engine  # the tables are there, and of this version
        make_app(here)
    listener = _listen(options.host, options.port)
    _log_casts()
    _Server(lambda: make_app(here), listener, options.workers, options.threads).run()
    return 0


def make_app(here: Surroundings) -> Flask:
    """The app on an engine of its own, which connects at the first question."""
    engine = connect_to(here.config.database)
    door = Door(engine, clock, secrets.token_bytes, here.storage, Passwords()) if here.config.office else None
    return create_app(WebSurroundings(here.config, engine, clock, here.board, door))


class _Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn, told everything here, and nothing by a file or the environment."""

    def __init__(self, make: Callable[[], Flask], listener: socket.socket, workers: int, threads: int) -> None:
        self._make = make
        host, port = listener.getsockname()[:2]
        self._settings = {
            "bind": f"fd://{listener.detach()}",
            "workers": workers,
            "threads": threads,
            "worker_class": "gthread" if threads > 1 else "sync",
            "accesslog": None,
            "loglevel": "error",
            "control_socket_disable": True,
            "when_ready": lambda _: say(f"Listening on http://{f'[{host}]' if ':' in host else host}:{port}"),
        }
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._settings.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return self._make()


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except (OSError, UnicodeError) as error:
        reason = of_system(error) if isinstance(error, OSError) else "not the name of a host."
        raise Unacceptable(f"It is not possible to listen on {host}, port {port}: {reason}") from None


def _log_casts() -> None:
    """One line on standard error for each ballot that came: where, and the answer."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(message)s"))
    logger = logging.getLogger("ballot")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)


def _number(least: int, most: int) -> Callable[[str], int]:
    def parse(written: str) -> int:
        if not (written.isascii() and written.isdigit() and least <= int(written[:9]) <= most):
            raise argparse.ArgumentTypeError(f"a number from {least} to {most} was expected, not {written[:20]!r}")
        return int(written)

    return parse
