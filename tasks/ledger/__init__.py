"""What all use of the ledger: locks, look-ups, working days, questions, the ledger as of a day."""
