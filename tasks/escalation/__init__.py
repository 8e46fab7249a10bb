"""The ladder at work. `Refused`: a rule does not accept an answer, or a policy."""
