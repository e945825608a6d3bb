"""What a worker of a cluster runs: `check_question`, by its name, on plain bytes. No code is sent to it.

A worker refuses questions from another version of this verifier, or from one with other arithmetic: two versions may
disagree about what is a fault.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from ballot.audit.chunks import check_chunk, chunk_from_bytes, findings_to_bytes
from ballot.audit.memory import sources_hash
from ballot.protocol.backends import NoBackend, group_from_names
from ballot.protocol.crosscheck import Disagreement
from ballot.protocol.group import Group

REFUSED, DISAGREED = b"refused: ", b"disagreed: "
"""The beginning of an answer that only says why there is none."""

_verifier = cache(sources_hash)
_group_from_names = cache(group_from_names)


def describe(backends: Sequence[str]) -> dict[str, str]:
    """The hash of this worker's verifier, and the description of these backends on this machine."""
    return {"verifier": _verifier(), "backend": _backend(tuple(backends))}


def _backend(names: tuple[str, ...]) -> str:
    try:
        return _group_from_names(names).backend
    except (NoBackend, ImportError) as fault:
        return f"none: {fault}"


def check_question(verifier: str, backends: Sequence[str], backend: str, question: bytes) -> bytes:
    """The answer to one chunk, with the name of this worker; or the reason why there is none."""
    names = tuple(backends)
    here = _backend(names)
    if _verifier() != verifier:
        return REFUSED + f"{_name()} has another version of ballot".encode()
    if here != backend:
        return REFUSED + f"{_name()} has other arithmetic: {here}".encode()
    try:
        return _answer(_group_from_names(names), question)
    except Disagreement as fault:
        return DISAGREED + str(fault).encode()


def _answer(group: Group, question: bytes) -> bytes:
    findings = check_chunk(group, chunk_from_bytes(group, question))
    findings.by = _name()
    return findings_to_bytes(findings)


def _name() -> str:
    """This worker's address, and its name if it has one."""
    from distributed import get_worker

    worker = get_worker()
    return worker.address if worker.name == worker.address else f"{worker.name} at {worker.address}"
