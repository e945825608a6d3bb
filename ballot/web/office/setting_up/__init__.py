"""The pages on which a ballot is set up: they read and write the files of its draft.

| module | what it does |
|---|---|
| `pages`, `files` | the task list and a page for each part; constitutions, roll and other files |
| `preparing` | from the files to a draft: prepare, back up the server's keys |
| `secrecy` | what the totals would tell |
| `forms`, `question_form`, `outcome_form` | the parts of programme.toml as forms |
| `constitution_form`, `rule_fields` | a constitution as a form |
"""
