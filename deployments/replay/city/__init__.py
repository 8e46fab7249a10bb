"""The city of the replay: its projects as they really stand, what is signed, what becomes of it."""
