"""What drillsim costs, as ratios to something bare in the same run: `python -m benchmarks`."""
