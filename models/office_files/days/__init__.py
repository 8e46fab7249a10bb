"""Days as cells write them, and the day as of which a file speaks."""
