"""Finds which project each row of a ledger file is about."""
