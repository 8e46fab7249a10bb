"""Brings ledger files in: the inbox, reading, the report, and the rejected rows."""
