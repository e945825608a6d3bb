"""Watching a public board from outside: nobody's leave is needed, and nothing that the board says is believed.

| module      | what is in it |
|-------------|---------------|
| `fetching`  | HTTP with every answer bounded in size and time, no redirect followed, nothing unpacked |
| `alarms`    | what can be found wrong, one word each |
| `keeping`   | the watcher's folder: its copy of the record, every checkpoint it saw, the evidence of alarms |
| `seen`      | checkpoints: signed, growing, consistent with every one seen before, here or by another watcher |
| `records`   | the record as it stands: audited, new ballots in full, and nothing of the older copy lost |
| `faces`     | whether addresses of the board tell the same story as the record |
| `pages`     | scripts and pages against lists of hashes, signed or from elsewhere |
| `look`      | one look at one programme, all of the above in order |
| `pauses`    | when to come back: nobody can predict it |
| `mailing`   | telling people by e-mail |
| `command`   | the command: `ballot-monitor`, `python3 scripts/monitor_board.py` |

Time and randomness are arguments everywhere but in `command`. Needs the auditor's core only: no web framework and no
database.
"""
