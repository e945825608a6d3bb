"""What a mail channel posts to us."""
