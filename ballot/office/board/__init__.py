"""What the public board shows: ballots, standings, proofs about the logs, cosignatures, and the published record."""
