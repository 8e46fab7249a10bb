"""Prints tables, texts and charts as Excel, Word, Markdown, SVG; no database, no Prefect."""
