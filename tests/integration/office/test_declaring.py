"""Publishing a declaration: an inquorate CCG, its re-ballot; no PDF stays beside a newer record."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from ballot.constitution.rule import Outcome
from ballot.db.engine import connect
from ballot.db.upgrade import upgrade
from ballot.declaration.read import read_declaration
from ballot.declaration.signature import check_paper
from ballot.office.acts.counting import CallReballot
from ballot.office.board.publish import EVIDENCE, PAPER, SIGNATURE, find_declaration, publish_verified, published_path
from ballot.office.perform import perform
from tests.integration.office.test_reballot import FIRST, LATER, Merger, again_of
from tests.integration.office.world import WHY
from tests.support.simulator import FOR


def names(records: Path) -> list[str]:
    return sorted(path.name for path in records.iterdir())


@pytest.mark.parametrize("kind", ["sqlite"])
def test_an_inquorate_ccg_and_its_reballot_are_declared_from_their_records(kind: str, tmp_path: Path) -> None:
    engine, records = connect(f"{kind}:///{tmp_path / 'ballot.db'}"), tmp_path / "records"
    upgrade(engine)
    world = Merger(engine, tmp_path)
    world.seal()
    assert publish_verified(world.desk, world.id, records).declares is False
    assert names(records) == ["merger", "merger.zip"]
    assert find_declaration(records, world.id) is None
    world.hold_from_sealed(FIRST)

    published = publish_verified(world.desk, world.id, records)

    assert published.declares
    assert published.verdict == "VERIFIED"
    assert names(records) == [
        "merger",
        *(f"merger.{what}" for what in sorted((PAPER, SIGNATURE, EVIDENCE))),
        "merger.zip",
    ]
    told = find_declaration(records, world.id)
    assert told is not None
    first = told.ccgs[0].results[0]
    assert first.outcome is Outcome.INQUORATE
    assert first.turnout.mark is not None
    assert (first.turnout.mark.at, first.turnout.mark.holds) == (Fraction(1, 2), False)
    assert "The merger does not go ahead." in told.headline
    declaration, _ = read_declaration(published.packed)
    assert declaration == told
    check_paper(declaration, *(published_path(records, world.id, what).read_bytes() for what in (PAPER, SIGNATURE)))

    perform(world.desk, world.id, CallReballot(("00A",), "merger-again"), world.two, WHY)
    again = again_of(world)
    again.hold({"00A": [FOR, FOR, FOR]}, LATER)
    after = publish_verified(again.desk, again.id, records)
    told, _ = read_declaration(after.packed)
    assert told.programme.reballot_of == "merger"
    assert told.headline == "The merger goes ahead with NHS 00A, NHS 00B and NHS 00C CCGs."
    assert [ccg.ods for ccg in told.ccgs] == ["00A"]
    engine.dispose()
