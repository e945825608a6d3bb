"""Compare every path through the C arithmetic with pure Python: run in a separate process, under the sanitizers.

python3 tests/support/native_exercise.py SHARED_LIBRARY
"""

from __future__ import annotations

import random
import sys
from contextlib import suppress
from importlib.machinery import ExtensionFileLoader
from importlib.util import module_from_spec, spec_from_loader


def main(library: str) -> None:
    """Raise AssertionError on any difference; the sanitizers end the process at their first finding."""
    loader = ExtensionFileLoader("ballot.protocol._native", library)
    spec = spec_from_loader("ballot.protocol._native", loader)
    assert spec is not None
    C = module_from_spec(spec)
    loader.exec_module(C)
    sys.modules["ballot.protocol._native"] = C
    import ballot.protocol

    ballot.protocol._native = C  # type: ignore[attr-defined]
    from ballot.protocol.group import default_disjunct_commitments
    from ballot.protocol.native import OFTEN, NativeEd25519, _native
    from ballot.protocol.pure import PureEd25519

    assert _native is C
    G, pure, rng = NativeEd25519(), PureEd25519(), random.Random(1)
    q, draw = G.q, rng.randrange
    edges = [0, 1, 2, 15, 16, 17, 2**64 - 1, 2**128, 2**252, q - 1, *(draw(q) for _ in range(8))]
    y = pure.base_power(99)
    for s in edges:
        P = G.base_power(s)
        assert pure.base_power(s) == P
        assert G.power(y, s) == pure.power(y, s)
        assert G.product([P, y, P]) == pure.product([P, y, P])
        assert G.divide(P, y) == pure.divide(P, y)
    for count in (0, 1, 2, 7, 8, 9, 20):
        disjuncts = [(M % 3, draw(q), draw(q)) for M in range(count)]
        for _ in range(OFTEN):
            fresh = NativeEd25519()
            fresh._tables = G._tables
            found = fresh.disjunct_commitments(y, pure.base_power(5), pure.base_power(6), disjuncts)
        G.disjunct_commitments(y, y, y, disjuncts)
        assert found == default_disjunct_commitments(pure, y, pure.base_power(5), pure.base_power(6), disjuncts)
        for _ in range(OFTEN):
            G.disjunct_commitments(y, y, y, [])
    for data in (*(rng.randbytes(length) for length in [0, 31, 33] + [32] * 200), b"\xff" * 32, bytes(32)):
        point = C.decode(data)
        if point is not None:
            assert C.encode(point) == data
            C.is_in_group(point)
            C.multiple(point, bytes(32))
            C.encode(C.add(point, point))
    point = C.decode(bytes(y))
    table = C.make_table(point)
    for act in (
        lambda: C.multiple(point, b"\xff" * 32),
        lambda: C.multiple(point, b""),
        lambda: C.add(point, table),
        lambda: C.disjuncts(table, table, point, True, point, True, 3, bytes(96)),
        lambda: C.disjuncts(table, table, point, True, point, True, -3, b""),
        lambda: C.total([None]),
    ):
        with suppress(ValueError, TypeError):
            act()
            raise AssertionError
    print("exercised")


if __name__ == "__main__":
    main(sys.argv[1])
