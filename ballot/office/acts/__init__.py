"""The acts of the officers and the registrar: one class each. Only `office.perform` carries them out.

| file         | its acts                                                          |
|--------------|-------------------------------------------------------------------|
| `act`        | the base class: what every act says about itself                  |
| `sealing`    | seal                                                              |
| `window`     | open early, close early, extend                                   |
| `membership` | strike, change the contact, re-issue, revoke                      |
| `issuing`    | issue to every practice                                           |
| `counting`   | give a share, decide, declare, call for another vote, abandon     |
| `proposable` | the acts of two people as a list, and as the bytes of a proposal  |

Casting a ballot is no officer's act: `office.casting`. What the clock does is in `office.on_time`.
"""
