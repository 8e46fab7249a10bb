"""The order of work: one flow per file, its form beside it."""
