"""How fast the tool is, beside others, on one tree in one run: `python -m benchmarks`."""
