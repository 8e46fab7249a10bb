"""Counts, issues and prints the weekly bulletin."""
