"""Finds what calamine's values do not say: errors, number formats, strike-through, merged cells."""
