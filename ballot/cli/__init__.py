"""The command line: arguments in, one act of another room, one sentence out.

| file            | what it does                                                                       |
|-----------------|-------------------------------------------------------------------------------------|
| `main`          | the list of commands; loads one when it is asked for; every refusal becomes exit 2    |
| `rules`         | `ballot decide`, `outcome`, `lint`                                                    |
| `roll`          | `ballot roll check`                                                                   |
| `trustee`       | `ballot trustee ...`: on the trustee's own machine; `decrypting` is its last step      |
| `ceremony`      | `ballot ceremony ...`: what the server does between the trustees                       |
| `keys`          | `ballot keys ...`                                                                     |
| `office`        | `ballot office ...`: the arguments; `preparing`, `voting`, `counting`, `status` act    |
| `registrar`     | `ballot registrar ...`                                                                |
| `mail`          | `ballot mail`; `letters` previews and tests                                           |
| `worker`        | `ballot worker`: sends what is in the outbox                                          |
| `database`      | `ballot db upgrade`                                                                   |
| `serve`         | `ballot serve`                                                                        |

Underneath: `settings` (--config and the environment), `passphrases`, `surroundings` (settings to a Desk), `files`,
`say` (what is printed), `refusals` (an exception to a sentence).
What is *not* done here: any rule of what may happen when. Down to `keys`, nothing needs Flask or SQLAlchemy.
"""
