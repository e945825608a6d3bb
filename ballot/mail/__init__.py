"""E-mail: what it says, in which form, by which channel, and what became of it. Knows no tables and no acts.

| file         | what it does                                                                              |
|--------------|-------------------------------------------------------------------------------------------|
| `messages`   | each kind of message as a frozen dataclass, and which kinds carry a voting link           |
| `states`     | the states of a message, whose fault a refusal is, and the server's words in one line     |
| `calendar`   | the dates of a ballot as a calendar file (iCalendar)                                      |
| `render`     | a message to subject, text and HTML, from templates/email                                 |
| `envelope`   | those to one MIME message to one address, with its mark                                   |
| `addresses`  | an address in the form that every mail server takes                                       |
| `channel`    | what every channel does; `channels` picks one from the settings                           |
| `smtp`       | any SMTP server, by STARTTLS or TLS                                                       |
| `notify`     | GOV.UK Notify                                                                             |
| `settings`   | the table [mail] of the settings                                                          |
| `bounces`    | messages from outside to reports                                                          |
| `report_limits` | how much of a message from outside is read                                             |
| `mailboxes`  | where bounces are read: maildir, mbox, one message, IMAP over TLS                         |
| `errors`     | what this room refuses                                                                    |

**One link in each message**, with one exception: practices that share one e-mail address get one message that lists
each of them with its own link. Where a channel attaches nothing, a message also says where the public board has the
calendar file. No image, no remote content, no tracking.
What is *not* done here: deciding who gets what and when (office), the outbox (db), and opening the vault (registrar).
"""
