"""What is printed and filed of a drill: before it, the plan; after it, the report."""
