"""Two people one after the other: one proposes an act with a reason, another approves what is shown, byte for byte.

| file      | what it does                                                                                  |
|-----------|-----------------------------------------------------------------------------------------------|
| `words`   | the statement that both read, made from the act's facts of this moment                        |
| `propose` | write the statement, sign it, keep it                                                         |
| `ending`  | under the act's lock: is it still what was shown? Also: decline, withdraw                     |
| `told`    | proposals as pages and commands show them                                                     |

`office.perform.approve` does what was proposed; what can be proposed stands in `office.acts.proposable`. Nobody
approves their own: neither under the same account nor with the same role's key. A proposal ends when it is approved,
declined or withdrawn, after 72 hours, or when what it says is no longer so.
"""
