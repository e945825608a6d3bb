"""The pages on which a ballot is set up: they read and write the files of its draft.

| module | what it does |
|---|---|
| `pages`, `files` | the task list and a page for each part; the roll and the e-mail test |
| `seats` | the accounts of the trustees |
| `preparing` | from the files to a ballot that can be sealed: prepare, back up the server's keys, pre-flight |
| `before_sealing` | the checks before sealing, and the page that mends each |
| `drafts` | copy a ballot, delete a draft |
| `secrecy` | what the totals would tell |
| `forms`, `question_form`, `outcome_form` | the parts of programme.toml as forms |
| `constitutions` | a rule in words, in steps, tried with counts, printed, or uploaded |
| `ccg_rules`, `constitution_start` | a CCG's rule file; the clause and the rule to start from |
| `constitution_form`, `constitution_steps`, `rule_fields`, `condition_fields` | a constitution as a form |
| `usual_clauses`, `trying` | clauses to start from; counts to try a rule with |
"""
