"""Benchmarks: each prints a table, with the peers measured beside Footnote in the same run."""
