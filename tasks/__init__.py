"""What reads and writes the world: ledger, ledger files, Prefect runs."""
