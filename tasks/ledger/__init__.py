"""Reads the ledger: locks, look-ups, working days, open questions, the ledger as of a day, history."""
