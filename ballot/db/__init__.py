"""The tables: one file per aggregate, its rows and then the questions asked of them, each taking a Session.

| file          | what it holds                                                                        |
|---------------|--------------------------------------------------------------------------------------|
| `engine`      | how to connect, SQLite or PostgreSQL; `session` the one place that commits            |
| `roles`, `held` | what the app's role may do on PostgreSQL; triggers that hold the board's rows on SQLite |
| `copy`          | all rows out of one moment of the database, and into an empty one                    |
| `base`        | the declarative base, and times that are always aware UTC                            |
| `programmes`  | a programme and what it was prepared and sealed with                                 |
| `ballots`     | one election: a CCG's, or a locality's                                               |
| `practices`   | its members                                                                          |
| `tokens`      | hashes of tokens and what became of them; no token is ever stored                    |
| `logs`        | the head of every hash chain (the row that is locked) and the checkpoints            |
| `archive`     | the members of each `.bel`, in order                                                 |
| `events`      | the programme's own events, and the private notes behind their hashes                |
| `accepted`    | ballots that were accepted, with their receipts                                      |
| `appending`   | how what is appended to a log is stored, in a few statements; no table of its own    |
| `casting`     | what a cast asks, in a few statements; no table of its own                           |
| `outbox`      | e-mails to send and what became of them; no secret, and not their words              |
| `proposals`   | what one officer proposed, as the other reads it, and what became of it              |
| `activity`    | the activity log: one entry for each act of the office, in a hash chain              |
| `shares`      | partial decryptions as trustees handed them in                                       |
| `staff`       | the office's people, and the public or hashed half of what they prove themselves with |
| `sessions`    | who is signed in, by hash; challenges to passkeys                                    |
| `attempts`    | attempts to sign in, for slowing down whoever guesses                                |

What is *not* here: any secret, and any decision about what may happen (office).
"""
