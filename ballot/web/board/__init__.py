"""The public board: what anyone may read while it happens.

| module | what it does |
|---|---|
| `pages`, `results` | for people: every page of the board; the declared result |
| `views`, `proofs` | for machines: ballots, receipts and downloads; checkpoints and proofs |
| `contents`, `words` | what the pages show, and its words |
| `declared`, `decision_pdf` | the declaration in HTML; the decision as a PDF |
| `asset_list` | the signed list of the pages' files |
"""
