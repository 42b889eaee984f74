"""The drill model: scenario, contact tree, events, machines, board and rules. Pure."""
