"""The tables: one file for each aggregate, with its rows and the questions asked of them, each taking a Session.

| file          | what it holds                                                                         |
|---------------|---------------------------------------------------------------------------------------|
| `engine`      | how to connect, SQLite or PostgreSQL; `session` is the one place that commits         |
| `append_only` | board rows are never changed or removed: triggers on SQLite, a role on PostgreSQL     |
| `upgrade`     | bring a database to the tables of this version                                        |
| `copy`        | all rows out of one moment of the database, and into an empty one                     |
| `base`        | the declarative base, and times that are always aware UTC                             |
| `programmes`  | a programme and what it was prepared and sealed with                                  |
| `ballots`     | one election: a CCG's, or a locality's                                                |
| `practices`   | its members                                                                           |
| `tokens`      | hashes of tokens and what became of them; no token is ever stored                     |
| `letters`     | what a code on a letter opens, sealed under that code                                 |
| `logs`        | the head of every hash chain (the row that is locked) and the checkpoints             |
| `archive`     | the members of each `.bel`, in order                                                  |
| `events`      | the programme's own events, and the private notes behind their hashes                 |
| `incidents`   | what went wrong: incidents that were noted, and counts of refused ballots              |
| `scrutiny`    | the scrutineer's signed reports                                                       |
| `accepted`    | ballots that were accepted, with their receipts                                       |
| `authority`   | who cast each accepted vote, and in what capacity                                     |
| `documents`   | the documents of the voting pack                                                      |
| `appending`   | how an append to a log is stored, in a few statements; no table of its own            |
| `casting`     | what a cast reads, in a few statements; no table of its own                           |
| `tables`      | every table at once; `migrations` from version to version                             |
| `outbox`      | e-mails to send and what became of them; no secret, and not their words               |
| `notices`     | e-mails to the people of the office about steps that wait for them                    |
| `proposals`   | what one officer proposed, as the other reads it, and what became of it               |
| `activity`    | the activity log: one entry for each act, in a hash chain; `activity_names` the names |
| `shares`      | partial decryptions as trustees handed them in                                        |
| `ceremony`    | what the trustees handed in, and which account is which trustee                       |
| `staff`       | the office's people, and the public or hashed half of their proofs of identity        |
| `account_changes` | changes to accounts that wait for the other officer                           |
| `sessions`    | who is signed in, by hash; passkey challenges; failed attempts to sign in             |
| `transparency` | what proofs are made of, and cosignatures                                            |

What is *not* here: any secret, and any decision about what may happen (office).
"""
