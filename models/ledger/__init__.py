"""Projects, investors, units and people, what happened to them, and the history of changes."""
