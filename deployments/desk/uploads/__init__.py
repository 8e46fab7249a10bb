"""How files come in: within bounds of size, time, number and room."""
