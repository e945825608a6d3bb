"""What the office does to a programme, one transaction at a time. Everything an act needs is handed to it.

    prepare -> back up the server's keys -> Issue -> Seal -> open on time -> cast ... -> close on time
            -> GiveShare (the server's share, the trustees' shares) -> Decide -> Declare
            -> CallReballot, where a rule allows it: another programme, which cites this one
    at any stage after Seal: publish
    in between, by two people: OpenEarly, CloseEarly, Extend, Strike, ChangeContact, Abandon
    by the registrar: Issue, Reissue, Revoke

| room or module | what it does |
|---|---|
| `setup/` | from an empty folder to what sealing needs |
| `acts/`, `perform`, `proposals/` | the officers' acts; what carries them out; their approval by two people |
| `casting/` | a practice casts a ballot |
| `post/` | messages to practices |
| `board/` | what the public board shows, and publishing |
| `staff/` | accounts and signing in |
| `on_time` | what the clock does: opening and closing |
| `count`, `tally` | the day of the count; closing an archive and decrypting its total |
| `next_steps` | a programme's phase; what waits, and for whom |
| `practices` | turnout, and one practice's card |
| `incidents`, `scrutiny` | what went wrong: noted once, never changed; the scrutineer's report |
| `authority` | who cast each vote, and proof of it |
| `help_desk` | find a practice by what a caller says |
| `activity`, `activity_export` | the activity log |
| `retention`, `subject_export`, `safekeeping` | personal data; backup and restore of the installation |

Underneath: `lifecycle` (states and moves), `situation` (what an act's facts are read from), `chronicle` (a programme's
logs held, its events written), `signing`, `sealed` (what sealing fixed, read again), `desk` and `errors`.
"""
