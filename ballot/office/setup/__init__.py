"""Setting up a ballot, from an empty folder to what sealing needs: files, roll, ceremony, keys, preflight."""
