"""Campaigns, their plans and targets, rates, revisits, and what counts as landing slowly."""
