"""Writes the dossier of a project."""
