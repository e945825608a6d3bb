"""The office's pages, for those who are signed in.

| room or module | what it does |
|---|---|
| `setting_up/` | set up a ballot |
| `two_people/` | propose and approve; the activity log |
| `front`, `home`, `parts` | the first page; what waits in a ballot, and for whom; the list of blueprints |
| `sign_in`, `enrol`, `account`, `session` | sign in and out; enrol; one's own account; who is signed in |
| `incidents`, `scrutiny` | what went wrong, noted by the office and the scrutineer; the scrutineer's report |
| `bounces` | returned e-mails that an officer saved |
| `people` | accounts: one officer asks for a change, the other confirms it |
| `help_desk`, `telephone` | find the practice of a caller; what to say to it |
| `running`, `count`, `registrar` | while a ballot runs; the day of the count; voting links |
| `authority` | who cast each vote, and a file that proves it |
| `vault` | the registrar unlocks the worker, and takes backups of the vault |
| `ask_first`, `kept` | ask before anything is thrown away; keep what was typed through signing in |
| `programme_page`, `one_ccg`, `turnout_plot` | what pages of a programme share |
| `own_key` | an officer's own key: where it is, and signing in the officer's browser |
| `forms`, `keys`, `words` | sign-in forms; signing keys on a page; words |
"""
