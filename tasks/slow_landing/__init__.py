"""The analysis of projects that land slowly."""
