"""Watching a public board from outside: no permission is needed, and nothing that the board says is believed.

| module      | what is in it |
|-------------|---------------|
| `fetching`  | HTTP with every answer bounded in size and time, no redirect followed, nothing unpacked |
| `alarms`    | what can be found wrong, one word each |
| `keeping`   | the watcher's folder: its copy of the record, every checkpoint it saw, the evidence of alarms |
| `seen`      | checkpoints: signed, growing, consistent with every earlier one, its own or another watcher's |
| `records`   | the record so far: audited, new ballots in full, and nothing of the older copy lost |
| `faces`     | whether addresses of the board tell the same as the record |
| `pages`     | scripts and pages against lists of hashes, signed or from elsewhere |
| `look`      | one look at one programme, all of the above in order |
| `pauses`    | when to look again: no one can predict it |
| `mailing`   | telling people by e-mail |
| `command`   | the command: `ballot-monitor`, `python3 scripts/monitor_board.py` |

Time and randomness are arguments everywhere but in `command`. It needs only the auditor's core: no web framework and
no database.
"""
