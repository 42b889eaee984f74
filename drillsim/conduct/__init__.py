"""Where clock, rules, journal, world and mail meet: the director and its process."""
