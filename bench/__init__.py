"""Benchmarks: each scenario measures LUXE and a peer or a limit in the same run. `python -m bench SCENARIO`."""
