"""One file a form: its fields, what it asks, and what an answer does to the ledger."""
