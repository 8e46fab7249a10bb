"""What the ledger tells Prefect of its changes."""
