"""All vectors, and which of them are kept as files: all archives, and of the larger records a few for each check."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.support.vectors.tampered_archives import ARCHIVES
from tests.support.vectors.tampered_ballots import BALLOTS
from tests.support.vectors.tampered_counts import COUNTS
from tests.support.vectors.tampered_heads import HEADS
from tests.support.vectors.tampered_kinds import KINDS
from tests.support.vectors.tampered_localities import LOCALITIES
from tests.support.vectors.tampered_logs import LOGS
from tests.support.vectors.tampered_outcomes import OUTCOMES_AND_ZIPS
from tests.support.vectors.tampered_records import RECORDS
from tests.support.vectors.tampered_shuffles import MIXED
from tests.support.vectors.tampered_totals import TOTALS
from tests.support.vectors.tampered_zips import ZIP_LAYOUTS
from tests.support.vectors.tampering import Vector

FOLDER = Path(__file__).resolve().parents[2] / "vectors"
INDEX = "index.json"

VECTORS = (
    *ARCHIVES,
    *BALLOTS,
    *COUNTS,
    *RECORDS,
    *LOGS,
    *HEADS,
    *OUTCOMES_AND_ZIPS,
    *ZIP_LAYOUTS,
    *LOCALITIES,
    *TOTALS,
    *KINDS,
    *MIXED,
)
KEPT_FOR_EACH_CHECK = {".bel": 2, ".zip": 1}


def _kept() -> Iterator[Vector]:
    """Every good one, everything small, and of the rest the first few of each check."""
    seen: Counter[tuple[str, str]] = Counter()
    for vector in VECTORS:
        check, suffix = vector.name.split("--")[0], vector.name[-4:]
        seen[check, suffix] += 1
        small = suffix == ".bel" and (vector.stage is not None or vector.exit == 2)
        if small or check in ("good", "record.files", "skipped") or seen[check, suffix] <= KEPT_FOR_EACH_CHECK[suffix]:
            yield vector


KEPT = tuple(_kept())


def index_of(vectors: tuple[Vector, ...]) -> bytes:
    """index.json: which checks must fail, with which --stage and exit status."""
    value = {v.name: {"fails": sorted(v.fails), "exit": v.exit, "stage": v.stage} for v in vectors}
    return (json.dumps(dict(sorted(value.items())), indent=1) + "\n").encode()


def write_vectors(folder: Path) -> None:
    """Make them again; what is no longer among them goes."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {vector.name: vector.make() for vector in KEPT} | {INDEX: index_of(KEPT)}
    for path in folder.iterdir():
        if path.suffix in (".bel", ".zip") and path.name not in files:
            path.unlink()
    for name, body in files.items():
        (folder / name).write_bytes(body)
