"""Forms of a start: what an operator enters before a flow runs, as its parameters."""
