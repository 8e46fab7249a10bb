"""Writes the official ledger."""
