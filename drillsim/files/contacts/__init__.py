"""What there is to say of contact trees on the days between drills: quality, changes, gaps."""
