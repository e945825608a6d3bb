"""What the rules say: constitutions and programmes, in counts, ints and Fractions.

This room does no I/O and sees no ciphertext: bytes of a file or numbers of a count go in, a finding with its
working comes out. Whatever it refuses it refuses with a `ConstitutionError` naming file and line.

Where to look: `load` (one CCG's rule file) and `rule` (what was read); `counts`, `verdict` and `decide` (is it
carried?); `programme` and `outcome_rule` (programme.toml) and `combine` (does the merger proceed?); `explain` (the
sentences) and `margins` (what would have changed it); `effects`, `lint` and `reading` (what follows from a file, what
is odd in it, the file in plain English). `toml_lines`, `toml_tables` and `json_lines` read files so that a refusal
has a line.

Not done here: tests per locality, re-ballots, questions with options. A file that
asks for one of them is refused, never half understood.
"""
