"""The command line: arguments in, one act of another room, one sentence out.

| file            | what it does                                                                          |
|-----------------|---------------------------------------------------------------------------------------|
| `main`          | the list of commands; loads one when it is asked for; every refusal becomes exit 2    |
| `rules`         | `ballot decide`, `outcome`, `lint`                                                    |
| `constitution`  | `ballot constitution check`, `explain`, `write`                                       |
| `secrecy`       | `ballot secrecy`                                                                      |
| `roll`          | `ballot roll check`, `compare`; `persons` has `draw-codes` and `check-name`            |
| `trustee`       | `ballot trustee ...`, on the trustee's own machine; `decrypting` is its last step     |
| `ceremony`      | `ballot ceremony ...`: what the server does between the trustees                      |
| `record`        | `ballot verify`, `declaration`; `witness` has them cosigned                           |
| `authority`     | `ballot authority check`: who cast a vote, against a published record                 |
| `keys`          | `ballot keys ...`                                                                     |
| `office`        | `ballot office ...`: the arguments; `preparing`, `voting`, `counting` and `acts` act  |
| `scrutineer`    | `ballot scrutineer ...`: the report of who watches the ballot                         |
| `registrar`     | `ballot registrar ...`                                                                |
| `mail`          | `ballot mail ...`                                                                     |
| `staff`         | `ballot staff ...`                                                                    |
| `activity`      | `ballot activity ...`                                                                 |
| `worker`        | `ballot worker`                                                                       |
| `database`      | `ballot db`, `backup`, `restore`, `retention`                                         |
| `serve`         | `ballot serve`                                                                        |
| `doctor`        | `ballot doctor`: `doctor_checks` look at this machine, `doctor_network` outside       |

Underneath: `settings` and `surroundings` (from settings to what an act needs), `passphrases`, `logs`, `say` (what is
printed) and `refusals` (an exception to a sentence). What is *not* done here: any rule about what may happen when. The
commands of the auditor and the trustees need neither Flask nor SQLAlchemy.
"""
