"""Two people, one after the other: one proposes an act with a reason, another approves what is shown, byte for byte.

| file      | what it does                                                                                  |
|-----------|-----------------------------------------------------------------------------------------------|
| `propose` | make the statement that both read, from the act's facts at this moment; sign and store it     |
| `ending`  | under the act's lock: is it still what was shown? Also: decline, withdraw                     |
| `listing` | proposals as pages and commands show them                                                     |

`office.perform` carries out what was approved. `office.acts.proposable` lists what can be proposed. No one approves
their own proposal: neither under the same account nor with the same role's key. A proposal ends when it is approved,
declined or withdrawn, after 72 hours, or when one of its facts has changed.
"""
