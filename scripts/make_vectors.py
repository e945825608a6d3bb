#!/usr/bin/env python3
"""Make tests/vectors again, always the same bytes: archives, records, and what the browser is given. `make vectors`"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from browser_vectors import FOLDER as BROWSER  # noqa: E402  (the path must be right first)
from browser_vectors import write_browser_vectors  # noqa: E402
from vector_files import FOLDER, KEPT, write_vectors  # noqa: E402

if __name__ == "__main__":
    write_vectors(FOLDER)
    print(f"{len(KEPT)} vectors in {FOLDER.relative_to(ROOT)}")
    print(f"{write_browser_vectors(BROWSER)} files of vectors in {BROWSER.relative_to(ROOT)}")
