"""What the rules say: constitutions and programmes, in counts, ints and Fractions."""
