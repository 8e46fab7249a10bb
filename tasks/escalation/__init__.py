"""The ladder at work: the daily sweep, the answers to an escalation, the policy, the report."""
