"""Member-practice voting and constitutional ballots for the NHS."""
