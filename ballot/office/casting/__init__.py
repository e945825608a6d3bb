"""How a practice casts a ballot, in the order of the walk.

`entry` says who holds a token and what they may do. `admission` asks whether this practice may cast now. `cast` checks
the ballot and writes it. `archives` and `logbook` append to the archive and to the log, for casting and for acts.
"""
