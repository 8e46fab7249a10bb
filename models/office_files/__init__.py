"""How the files of offices are read, in memory: cells, headers, rows, names, vocabulary."""
