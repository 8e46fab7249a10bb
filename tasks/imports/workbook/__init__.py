"""Reads workbooks in a child process."""
