"""What the published record says: the formats that the office writes and the auditor reads.

Pure: bytes in, messages out. One file a module:

| file in the record       | module              |
|--------------------------|---------------------|
| keys/*.pub               | `keys`, `verifying` |
| terms.json               | `terms`, `public_roll` |
| roll.csv, returned.csv   | `public_roll`, `roll_cells` |
| events.jsonl             | `programme_events`, `moves`, `proposals` |
| decryptions/*.jsonl      | `decryptions`       |
| checkpoints.jsonl        | `checkpoints`, `merkle`, `merkle_proofs` |
| cosignatures.jsonl       | `cosignatures`      |
| tokens.jsonl             | `tokens`            |
| decision.json            | `decisions`, `counting` |
| manifest.json            | `manifest`          |
| a practice's receipt     | `receipts`          |
| proofs that others check | `tlog_proofs`       |
| the files of the page    | `assets`            |
| what an election is called | `elections`       |
| wall times in words      | `wall_times`        |
| CSV for spreadsheets     | `spreadsheets`      |
| the record as a .zip     | `packing`           |
| what totals would tell   | `secrecy`           |
| cited/, the record a re-ballot is held for | `reballots` |

`elections/<name>.bel` belongs to `ballot.protocol.archive`; `programme.toml` and `constitutions/<ccg>.toml` to
`ballot.constitution`. Every signature is Ed25519 over a line that says what is signed, so that none can stand for
another (`keys`).
"""
