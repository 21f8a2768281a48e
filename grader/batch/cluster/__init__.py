"""The cluster engine: the same tables, rows and grades as the local one, on Ray.

One process reads the table and numbers its rows; many grade; this one puts what comes back in the rows' order into the
ledger. Each row is known by its number, so that whatever a cluster loses is done again and whatever it does twice is
kept once.
"""
