"""Amounts as cells show them: currencies, number formats, units."""
