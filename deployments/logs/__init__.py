"""Logs: what a part says goes through a pipe to a process that keeps it in a file."""
