"""Benchmarks: each prints a ratio against a yardstick of the same run and ends with JSON."""
