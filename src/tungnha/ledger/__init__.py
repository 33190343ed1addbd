"""What happened, kept once and for ever: an append-only table of entries, and what is counted from it.

Read in this order: `kinds` (what may be written), `entries` (one entry), `models` (the tables), `appending` (how
entries get in), `projections` (what is derived from them), `corrections` (what undoes an entry), `judging` (what a
phone sends, accepted or held), `services` (every use case), `sync/` (the protocol with phones).

Rooms above register their kinds and projections; this room knows none of them by name.
"""
