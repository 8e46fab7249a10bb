"""What is held against the ledger each evening, counted apart from Luodi's own code."""
