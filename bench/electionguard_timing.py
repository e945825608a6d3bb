"""How long ElectionGuard takes over a ballot of three answers; `bench.others` runs this in a separate environment.

The statements are the same as ours: three choices, each 0 or 1, and a sum of 1; but no signature, which ours has.
Python 3.11 cannot import the published package as a whole (it refuses a default in a dataclass). So its modules are
imported one by one, bypassing its `__init__`; the proofs are its own code, unchanged.
"""

# ruff: noqa: E402
# mypy: ignore-errors
import importlib.util
import json
import sys
import time
import types

package = types.ModuleType("electionguard")
package.__path__ = list(importlib.util.find_spec("electionguard").submodule_search_locations)
sys.modules["electionguard"] = package

from electionguard.chaum_pedersen import make_constant_chaum_pedersen, make_disjunctive_chaum_pedersen
from electionguard.elgamal import elgamal_add, elgamal_encrypt, elgamal_keypair_from_secret
from electionguard.group import ONE_MOD_Q, add_q, rand_q

VOTE = (1, 0, 0)


def make(key):
    """Encrypted choices with their proofs, and the proof about their sum."""
    r = [rand_q() for _ in VOTE]
    choices = [elgamal_encrypt(m, r_j, key) for m, r_j in zip(VOTE, r, strict=True)]
    proofs = [
        make_disjunctive_chaum_pedersen(c, r_j, key, ONE_MOD_Q, rand_q(), m)
        for c, r_j, m in zip(choices, r, VOTE, strict=True)
    ]
    total = elgamal_add(*choices)
    return choices, proofs, total, make_constant_chaum_pedersen(total, 1, add_q(*r), key, rand_q(), ONE_MOD_Q)


def holds(ballot, key):
    """Whether every proof holds."""
    choices, proofs, total, overall = ballot
    each = all(proof.is_valid(c, key, ONE_MOD_Q) for c, proof in zip(choices, proofs, strict=True))
    return each and overall.is_valid(total, key, ONE_MOD_Q)


key = elgamal_keypair_from_secret(rand_q()).public_key
ballots = [make(key) for _ in range(int(sys.argv[1]))]
began = time.process_time()
valid = all(holds(ballot, key) for ballot in ballots)
print(json.dumps({"seconds": time.process_time() - began, "valid": valid}))
