"""The public board: what anyone may read while it happens."""
