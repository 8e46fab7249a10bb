"""Names and codes as cells write them, and which of them are one."""
