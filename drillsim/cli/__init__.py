"""The commands, one module each; `main` knows their names and loads the one that is asked for."""
