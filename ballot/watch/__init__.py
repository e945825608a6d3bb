"""Watch a public board from outside: this needs no permission, and trusts nothing that the board says.

| module      | what is in it |
|-------------|---------------|
| `fetching`  | HTTP: every answer is bounded in size and time; no redirects, no compression |
| `alarms`    | the kinds of alarm and trouble, one word each |
| `keeping`   | the watcher's folder: its copy of the record, every checkpoint it saw, the evidence of alarms |
| `seen`      | checkpoints: signed, growing, consistent with every earlier one, its own or another watcher's |
| `records`   | audits the record so far, new ballots in full, and compares it with the older copy |
| `addresses` | compares what the board serves at its addresses with the record |
| `pages`     | compares scripts and pages with lists of hashes, signed or from elsewhere |
| `look`      | one look at one programme: all of the above, in order |
| `pauses`    | when to look again: unpredictable |
| `mailing`   | e-mail to people about what is new |
| `command`   | the command: `ballot-monitor`, `python3 scripts/monitor_board.py` |

Time and randomness are arguments except in `command`. Only the auditor's core is needed: no web framework, no database.
"""
