"""The published record: the formats that the office writes and the auditor reads.

Pure: bytes in, messages out. One file a module:

| file in the record       | module              |
|--------------------------|---------------------|
| keys/*.pub               | `commitments` | names of persons that the record commits to and does not tell |
| `keys`              |
| terms.json               | `terms`, `public_roll` |
| roll.csv, returned.csv   | `public_roll`       |
| events.jsonl             | `programme_events`, `moves`, `proposals` |
| decryptions/*.jsonl      | `decryptions`       |
| checkpoints.jsonl        | `checkpoints`, `merkle` |
| cosignatures.jsonl       | `cosignatures`      |
| tokens.jsonl             | `tokens`            |
| decision.json            | `decisions`, `counting` |
| manifest.json            | `manifest`          |
| a practice's receipt     | `receipts`          |
| who cast a vote, and proof of it | `authority`   |
| proofs for outsiders     | `tlog_proofs`       |
| the files of the page    | `assets`            |
| names of elections       | `elections`         |
| times, also in words     | `times`             |
| CSV for spreadsheets     | `spreadsheets`      |
| the record as a .zip     | `packing`           |
| votes that totals would reveal | `secrecy`     |
| cited/, the record that a re-ballot cites | `reballots` |

`elections/<name>.bel` belongs to `ballot.protocol.archive`; `programme.toml` and `constitutions/<ccg>.toml` to
`ballot.constitution`. Every signature is Ed25519 over a line that names its purpose, so none can pass for another
(`keys`).
"""
