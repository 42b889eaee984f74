"""What a drill showed: hops, reach, causes, marks, critical path, score. Pure functions."""
