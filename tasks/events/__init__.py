"""Tells Prefect what has changed in the ledger."""
