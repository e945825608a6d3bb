"""Keys and credentials, kept and handed out; runs on a machine of its own as well as beside the server.

| file        | what it does                                                                               |
|-------------|--------------------------------------------------------------------------------------------|
| `sealing`   | secrets at rest: plain, under a passphrase, or to two officers together                    |
| `files`     | private files: mode 0600, written whole or not at all                                      |
| `keyring`   | `ballot keys init`: every role's key, the vault's, the server's storage key                |
| `vault`     | `registrar.vault`: private credentials, each sealed to the vault's public key              |
| `issuing`   | one credential and one signed token for each practice                                      |
| `trustee_key` | a trustee's key file: the seed under a passphrase                                        |
| `officer_key` | an officer's signing key in such a file, for the officer's own browser                   |
| `errors`    | what is refused, in one sentence that never holds a secret                                 |

Not here: a database, and who may ask for what (office).
"""
