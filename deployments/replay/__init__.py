"""The hundred days of 2013, replayed on a scratch ledger by simulated people (`luodi replay`)."""
