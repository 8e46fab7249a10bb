"""The simulated people: officers, units, leaders, inspectors, and what they look at."""
