"""The protocol between Prefect runs and the ledger."""
