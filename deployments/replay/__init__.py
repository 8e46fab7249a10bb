"""The hundred days of 2013, replayed on a scratch ledger by simulated people (`luodi replay`)."""

DAYS, PROJECTS = 100, 300
FEWEST, MOST = 50, 3000  # projects on the eve: enough for every cohort, and no more than there are names for
