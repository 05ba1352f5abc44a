"""What benchmarks measure, at a small size: figures that are counted, not timed."""
