"""Enters the rows of a ledger file into the ledger, set by set."""
