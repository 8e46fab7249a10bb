"""Tables and rules. Knows no Prefect, pandas or requests; takes `as_of`, never asks the clock."""
