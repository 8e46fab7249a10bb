"""The ledger database's migrations: one small change each; they never import application code."""
