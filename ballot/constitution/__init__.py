"""The rules: constitutions and programmes, in counts, ints and Fractions.

This room does no input or output and sees no ciphertext: the bytes of a file or the numbers of a count go in, a finding
with its working comes out. Every refusal is a `ConstitutionError` (`ballot.strict`) that names file and line.

| modules | what they do |
|---|---|
| `codes` | the kinds of code that bodies and members have |
| `words` | what a programme calls its bodies, members, weight and subject |
| `load`, `conditions`, `consistency` | read one CCG's rule file; its tests and quorum; what one part asks of another |
| `rule`, `threshold`, `weight` | what was read; how much is needed or allowed; what a list weighs |
| `counts`, `verdict`, `decide`, `findings` | is it carried, and with which option? |
| `programme`, `question`, `window`, `fitting` | programme.toml; does a rule fit its questions? |
| `outcome_rule`, `combine` | does the merger proceed, and in which groups? |
| `phrases`, `explain`, `reading` | rules and decisions in sentences |
| `margins`, `margins_localities`, `margins_words` | what would have changed a decision |
| `follows`, `effects` | what a governing body signs; what single practices of a roll can do |
| `lint`, `clauses` | what is allowed in a file and looks like a mistake; the clause that it seems to mean |
| `write` | write a rule file |
| `counts_file`, `outcomes_file`, `possible` | counts to try a rule with; are they possible at all? |

Not here, because no constitution should ask for it: a practice that splits its vote. A partnership with several
practices has one vote for each of them, a council of named clinicians one vote for each practice that named one.
"""
