"""How the files of offices are read: cells, headers, rows, names, and the words offices use. In memory only."""
