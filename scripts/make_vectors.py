#!/usr/bin/env python3
"""Regenerate tests/vectors, always the same bytes: archives, records, the browser's data; and the values in
docs/one-ballot.md, from one of the records. `make vectors`
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.support.one_ballot import CHAPTER, fill  # noqa: E402
from tests.support.vectors.browser import FOLDER as BROWSER  # noqa: E402  (the path must be right first)
from tests.support.vectors.browser import write_browser_vectors  # noqa: E402
from tests.support.vectors.files import FOLDER, KEPT, write_vectors  # noqa: E402

if __name__ == "__main__":
    write_vectors(FOLDER)
    print(f"{len(KEPT)} vectors in {FOLDER.relative_to(ROOT)}")
    print(f"{write_browser_vectors(BROWSER)} files of vectors in {BROWSER.relative_to(ROOT)}")
    CHAPTER.write_text(fill(CHAPTER.read_text("utf-8")), "utf-8")
    print(f"the values in {CHAPTER.relative_to(ROOT)}")
