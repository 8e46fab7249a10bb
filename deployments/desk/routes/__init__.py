"""The desk's pages and downloads, by what they are about."""
