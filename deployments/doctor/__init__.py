"""`luodi doctor`: says in plain words what is wrong with an installation and how to mend it.

It only looks: nothing in the ledger, at the server or on disk is changed.
"""
