"""Renders tables, texts and charts as Excel, Word, Markdown and SVG; knows no database and no Prefect."""
