"""E-mail: what is said, in which form, by which channel, and what became of it. Knows no tables and no acts.

| file         | what it does                                                                            |
|--------------|-----------------------------------------------------------------------------------------|
| `kinds`      | the kinds of message, and which of them carry a voting link                               |
| `states`     | what can become of a message, as one table                                                |
| `messages`   | each kind as a frozen dataclass                                                           |
| `render`     | a message to subject, text and HTML, from templates/email                                 |
| `envelope`   | those to one MIME message to one address, with headers that cannot be forged into it      |
| `addresses`  | an address in the form every mail server takes                                            |
| `channel`    | what every channel is: an envelope in, a delivery out                                     |
| `channels`   | from the settings to the channel they name                                                |
| `smtp`       | any SMTP server, by STARTTLS or TLS                                                       |
| `notify`     | GOV.UK Notify                                                                             |
| `notify_words` | what its words for a message mean, and ours as it reads them                            |
| `maildir`    | a folder, for trying out                                                                  |
| `settings`   | the table [mail] of the settings                                                          |
| `blame`      | whose fault a refusal is: the address's, or ours                                          |
| `marks`      | what Message-IDs and return paths are keyed with, and what a report must quote            |
| `bounces`    | messages from outside to reports                                                          |
| `statuses`   | what a delivery report says of each recipient (RFC 3464)                                  |
| `measure`    | how much of a message from outside is read                                                |
| `mailboxes`  | where bounces are read: maildir, mbox, one message, IMAP over TLS                         |
| `errors`     | what this room refuses                                                                    |
| `reasons`    | a mail server's words cut to one short line without secrets                               |

**One link per message**, with one exception: practices that share one e-mail address get one message that lists each of
them with its own link. No image, no remote content, no tracking.
What is *not* done here: deciding who gets what and when (office), the outbox (db), and opening the vault (registrar).
"""
