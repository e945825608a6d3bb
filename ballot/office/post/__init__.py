"""Messages: who gets which, putting them into the outbox, sending them, and what became of them.

| module | what it does |
|---|---|
| `outbox` | recipients, and putting messages into the outbox in an act's own transaction |
| `mailings` | invitations, reminders, results, repeated attempts, trial messages |
| `dates` | the dates of a ballot as a calendar file, for messages and the public board |
| `compose` | from an outbox row to the message, at the moment it is sent |
| `send` | the worker: send what is due, one message at a time |
| `notices` | e-mails to the people of the office about what waits for them |
| `delivery_reports` | bounces, and what the channel says of a message |
| `mail_status` | before sending, who would get what; afterwards, how it went |
| `to_staff` | messages to people of the office, sent at once |
| `voting_links` | voting links for e-mails and letters |
| `letters` | a voting link on paper: QR code, short address and code |
| `unlocking` | the registrar's passphrases, from a page to the worker |
"""
