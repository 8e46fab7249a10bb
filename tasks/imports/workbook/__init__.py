"""Opens a workbook in a process of its own and hands over its sheets."""
