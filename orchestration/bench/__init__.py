"""Benchmarks: each measures one job of the house beside the least that any tool must do, in one run."""
