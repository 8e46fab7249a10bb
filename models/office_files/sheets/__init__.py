"""Sheets of offices' files: where their tables begin, and what each column is taken for."""
