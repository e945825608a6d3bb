"""What does the arithmetic: C where it was built, else PyNaCl, else nothing but Python; or what is asked for by name.

An installed PyNaCl that is unsound (sodium.py) is not passed over in silence: it is refused as ImportError.
What is *not* done here: any choice for secrets. Who holds one names `group.Ed25519`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.util import find_spec

from ballot.protocol.crosscheck import CrossChecked
from ballot.protocol.group import Ed25519, Group
from ballot.protocol.pure import PureEd25519


class NoBackend(Exception):
    """No backend of that name can be used on this machine; the message says which can."""


def available() -> dict[str, Callable[[], Group]]:
    """The backends that this machine has, by name, the preferred one first."""
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
    """The backend called `name`, else the first there is; raises NoBackend, and ImportError for an unsound PyNaCl."""
    found = available()
    if name is not None and name not in found:
        raise NoBackend(f"there is no backend {name[:40]!r} here, only {' and '.join(found)}")
    return found[name or next(iter(found))]()


def cross_checked(name: str | None = None) -> Group:
    """The backend called `name`, else the first, held against the next best there is; raises as `choose`.

    Raises NoBackend too where this machine has no second one.
    """
    first = choose(name)
    others = [make for make in available().values() if type(make()) is not type(first)]
    if not others:
        raise NoBackend(
            f"a cross-check needs two backends, and there is only {' and '.join(available())} here: "
            "install PyNaCl, or verify without --cross-check"
        )
    return CrossChecked(first, others[0]())


def names_of(group: Group) -> tuple[str, ...]:
    """The names by which `made_of` makes the same group again, on this machine or another."""
    parts = group.parts if isinstance(group, CrossChecked) else (group,)
    return tuple(name for part in parts for name, make in available().items() if type(make()) is type(part))


def made_of(names: Sequence[str]) -> Group:
    """The backend of a name, or the two of two names held against each other; raises as `choose`."""
    first, *others = (choose(name) for name in names)
    return CrossChecked(first, others[0]) if others else first
