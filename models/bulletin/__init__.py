"""An issued bulletin and the figures it froze."""
