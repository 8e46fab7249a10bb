"""What API and desk ask of every request before anybody reads it: two doors, one code."""
