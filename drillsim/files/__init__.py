"""What users edit, and what is made of it: YAML with positions, checks, office hours."""
