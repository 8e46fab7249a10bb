"""Opens, moves, pauses and closes action items, and stores when each fires next."""
