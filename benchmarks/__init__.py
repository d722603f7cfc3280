"""Ratios, each beside its reference in the same run: `python -m benchmarks` (make bench). Never asserted by a test."""
