"""Contact lists as offices keep them, CSV and Excel, on their way into and out of contact trees."""
