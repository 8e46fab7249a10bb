"""Revisit campaigns: opening, progress, closing, report."""
