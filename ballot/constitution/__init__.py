"""What the rules say: constitutions and programmes, in counts, ints and Fractions.

This room does no I/O and sees no ciphertext: bytes of a file or numbers of a count go in, a finding with its
working comes out. Whatever it refuses it refuses with a `ConstitutionError` naming file and line.

Where to look: `load` (one CCG's rule file, with `conditions` for its tests and quorum and `consistency` for what one
part asks of another) `rule` (what was read) and `weight` (what a list weighs); `counts`, `verdict` and `decide` (is
it carried, and with which option?); `programme`, `question` and `outcome_rule` (programme.toml), `fitting` (does a
rule fit its questions?) and `combine` (does the merger proceed, and in which groups?); `phrases` and `explain` (the
sentences), `margins`, `margins_localities` and `margins_words` (what would have changed it); `follows` (what a
governing body signs) and `effects` (made-up counts, and what single practices of a roll can do), `lint` (what is odd in
a file) and `reading` (the file in plain English). `toml_lines`, `toml_tables` and `json_lines` read files so that a
refusal has a line, and `hints` says what to write instead; `counts_file` and `outcomes_file` are what anyone can write
to try a rule, and `possible` refuses counts that no practices could have given. `secrecy_*`: what totals give away.

Not here, because no constitution should ask for it: a practice that splits its vote. A partnership with several
practices has one vote for each of them, a council of named clinicians one vote for each practice that named one.
"""
