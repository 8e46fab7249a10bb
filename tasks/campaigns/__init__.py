"""The campaign's plan and its targets."""
