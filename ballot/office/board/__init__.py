"""What the public board shows, and publishing.

| module | what it does |
|---|---|
| `election_status` | every ballot in the chain, and the state of each election |
| `tracking` | find a ballot by its tracking number |
| `log_proofs` | checkpoints, inclusion and consistency proofs |
| `cosign` | ask witnesses to cosign the newest checkpoints |
| `record_so_far` | the record while voting goes on, for download |
| `publish` | verify the record, and publish it |
"""
