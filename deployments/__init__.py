"""How Luodi runs: the `luodi` command, the embedded PostgreSQL, the worker, the deployments."""
