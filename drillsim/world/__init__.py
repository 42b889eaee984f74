"""The world of a rehearsal: simulated officers and the network between them. Pure, given a seed."""
