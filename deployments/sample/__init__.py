"""The sample ledger of `make up`: a workbook as an office would send it, and how it is loaded."""
