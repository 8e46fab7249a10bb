"""Opens, moves, pauses and closes action items. `Refused`: a rule does not accept a report."""
