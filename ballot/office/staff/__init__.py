"""Who works in the office, and how they prove who they are: one act in each file.

| file          | what it does                                                                     |
|---------------|----------------------------------------------------------------------------------|
| `roles`       | the roles there are                                                              |
| `accounts`    | add, reset, disable, change the role; which account is which trustee             |
| `account_changes` | the same on the pages: one officer asks, the other confirms                  |
| `enrol`       | a new person chooses a passkey, or a password with an authenticator app          |
| `sign_in`     | with password and app, or a recovery code; prove identity again                  |
| `passkeys`    | the same with a passkey                                                          |
| `sessions`    | begin, find, end; how long one lasts                                             |
| `own`         | what people change about their own account                                       |
| `kept_forms`  | what was typed into a form that had to wait for a proof                          |
| `throttle`    | each wrong guess makes the next one wait longer                                  |
| `codes`       | codes that people type: enrolment and recovery                                   |
| `passwords`   | argon2, with the same work for an unknown name                                   |
| `totp`        | the codes of an authenticator app                                                |

What is *not* here: cookies and pages (web), and what a role may do (each route says so).
"""
