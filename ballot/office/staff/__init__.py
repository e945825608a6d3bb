"""Who works in the office, and how they prove who they are: one act a file, as in the office itself.

| file          | what it does                                                                     |
|---------------|----------------------------------------------------------------------------------|
| `roles`       | the roles there are                                                              |
| `door`        | what every act here is handed                                                    |
| `accounts`    | add, reset, disable: what the command line does                                  |
| `enrol`       | a new person chooses a passkey, or a password with an authenticator app          |
| `sign_in`     | with password and app, or a recovery code; `sign_in_passkey` with a passkey      |
| `passkeys`    | what a browser is asked to make or to sign, and whether it did                   |
| `sessions`    | begin, find, end; how long one lasts                                             |
| `prove`       | who is signed in proves it again, before a grave act                             |
| `own`         | what people change about their own account                                       |
| `throttle`    | whoever guesses waits longer each time                                           |
| `codes`       | codes that people type: enrolment and recovery                                   |
| `passwords`   | argon2, and as much work for a name that nobody has                              |
| `totp`        | the codes of an authenticator app                                                |

What is *not* here: cookies and pages (web), and what a role may do (each route says so).
"""
