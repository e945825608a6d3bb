"""Setting up a ballot, from an empty folder to what sealing needs.

| module | what it does |
|---|---|
| `draft` | the folder of a programme that is being set up |
| `drafts` | copy a ballot as a new draft; delete a draft |
| `tasks`, `parts` | the task list; each part of the folder read by itself |
| `roll` | check an uploaded roll, and choose it |
| `packs` | the documents of the voting pack: formats, the virus scanner |
| `secrecy` | what the totals would tell, measured before sealing |
| `ceremony`, `trial_decryption` | the trustees make their key, and show that it opens |
| `prepare` | from the folder to a draft in the database; re-ballots |
| `server_keys` | the server's own keys, and their backup |
| `preflight` | every check before sealing |
"""
