"""Action items and the ladder that moves what stalls: steps, recipients, policy, working days."""
