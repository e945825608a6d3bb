"""Choose the arithmetic: C where it was built, else PyNaCl, else pure Python; or the backend asked for by name.

An installed PyNaCl that is unsound (sodium.py) raises ImportError; it is never skipped silently.
What is *not* done here: choosing for secrets. Code that holds a secret names `group.Ed25519`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.util import find_spec

from ballot.protocol.crosscheck import CrossChecked
from ballot.protocol.group import Ed25519, Group
from ballot.protocol.pure import PureEd25519


class NoBackend(Exception):
    """This machine has no backend of that name; the message lists those that it has."""


def available() -> dict[str, Callable[[], Group]]:
    """The backends of this machine by name, the preferred one first."""
    found: dict[str, Callable[[], Group]] = {}
    if find_spec("ballot.protocol._native") is not None:
        found["native"] = _native
    if find_spec("nacl") is not None:
        found["pynacl"] = Ed25519
    found["pure"] = PureEd25519
    return found


def _native() -> Group:
    from ballot.protocol.native import NativeEd25519

    return NativeEd25519()


def choose(name: str | None = None) -> Group:
    """The backend called `name`, by default the preferred one; raises NoBackend, or ImportError (unsound PyNaCl)."""
    found = available()
    if name is not None and name not in found:
        raise NoBackend(f"there is no backend {name[:40]!r} here, only {' and '.join(found)}")
    return found[name or next(iter(found))]()


def cross_checked(name: str | None = None) -> Group:
    """The backend called `name`, by default the preferred one, compared with the next best (crosscheck.py).

    Raises as `choose` does, and NoBackend where this machine has no second backend.
    """
    first = choose(name)
    others = [make for make in available().values() if type(make()) is not type(first)]
    if not others:
        raise NoBackend(
            f"a cross-check needs two backends, and there is only {' and '.join(available())} here: "
            "install PyNaCl, or verify without --cross-check"
        )
    return CrossChecked(first, others[0]())


def backend_names(group: Group) -> tuple[str, ...]:
    """The names from which `group_from_names` makes the same group, here or on another machine."""
    parts = group.parts if isinstance(group, CrossChecked) else (group,)
    return tuple(name for part in parts for name, make in available().items() if type(make()) is type(part))


def group_from_names(names: Sequence[str]) -> Group:
    """The backend of one name, or the two of two names, cross-checked; raises as `choose` does."""
    first, *others = (choose(name) for name in names)
    return CrossChecked(first, others[0]) if others else first
