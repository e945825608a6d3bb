"""The booth: where a practice votes."""
