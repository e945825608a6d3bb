"""Casts prepared ballots as fast as it can, saying every receipt aloud, until it is killed. Run by test_cast_killed."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path

from ballot.db.engine import connect
from ballot.office.casting.cast import cast
from ballot.record.keys import Role
from ballot.registrar.keyring import open_signing_key
from tests.integration.office.world import SAID


def main(url: str, keys: Path, work: Path) -> None:
    engine, board = connect(url), open_signing_key(keys, Role.BOARD)
    task = json.loads(work.read_text())
    now = datetime.fromisoformat(task["now"])
    for token, body in task["casts"]:
        answer = cast(engine, lambda: now, task["programme"], task["ccg"], token, body.encode(), board, SAID)
        sys.stdout.write(f"{answer.status} {(answer.receipt or b'').decode()}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
