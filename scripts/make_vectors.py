#!/usr/bin/env python3
"""Make tests/vectors again: good and false archives and records, always the same bytes. `make vectors`"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from vector_files import FOLDER, KEPT, write_vectors  # noqa: E402  (the path must be right first)

if __name__ == "__main__":
    write_vectors(FOLDER)
    print(f"{len(KEPT)} vectors in {FOLDER.relative_to(ROOT)}")
