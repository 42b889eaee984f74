"""What lies between the entries of a file, and between a scenario and its contact tree."""
