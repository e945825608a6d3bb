"""Benchmarks: `make bench`, `make england` and `make curve` print figures. Ratios of one run say more than speeds."""
