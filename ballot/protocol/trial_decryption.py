"""A trial decryption: before sealing, a trustee shows that its saved key can decrypt.

Not in the specification: defined by this project, and in no archive. The ciphertext can never be a ballot or a total:
its randomness r is a hash of the ceremony's parameters, so anyone can check that alpha is g^r, and no one can choose
it. So the factor is no secret; the proof shows that its maker has the private key. Its challenge is SHA-256 modulo q of
`ballot-practice|1|parameters|number|X|alpha,F|A,B`: the hash of the parameters in hexadecimal, the trustee's number,
points as 64 hexadecimal digits.
What is *not* done here: storing it, and deciding what depends on it (office/setup/trial_decryption.py).
"""

from __future__ import annotations

from dataclasses import dataclass

from ballot.protocol.canonical import check_canonical, fields, integer, parse_json, write_json
from ballot.protocol.errors import InvalidDecryption, InvalidTrustee, Reason, part_of_trustee
from ballot.protocol.group import Element, Group, Rng, check_keeps_secrets, element_text, parse_element
from ballot.protocol.hashing import Hash, sha256_hex, sha256_integer
from ballot.protocol.proofs import Proof, is_decryption, prove_decryption
from ballot.protocol.trustees import ThresholdParameters


@dataclass(frozen=True, slots=True)
class TrialDecryption:
    """The answer of trustee `number`, counted from 1 over the trustees of the ceremony."""

    number: int
    factor: Element
    proof: Proof

    def to_bytes(self) -> bytes:
        value = {"practice": self.number, "factor": element_text(self.factor), "proof": self.proof.to_json()}
        return write_json(value)


def parse_trial_decryption(G: Group, data: bytes) -> TrialDecryption:
    """The trial decryption written as `data`; raises InvalidMessage unless it is canonical."""
    value = fields(parse_json(data), ("practice", "factor", "proof"))
    number = integer(value["practice"], 1)
    trial = TrialDecryption(number, parse_element(value["factor"]), Proof.from_json(G, value["proof"]))
    check_canonical(data, value, "the trial decryption")
    return trial


def trial_alpha(G: Group, parameters: ThresholdParameters) -> Element:
    """alpha = g^r, where r is the hash of the ceremony's parameters."""
    return G.base_power(sha256_integer(f"practice|{_parameters_hash(parameters)}") % G.q)


def create_trial_decryption(G: Group, parameters: ThresholdParameters, x: int, rng: Rng) -> TrialDecryption:
    """Decrypt the trial ciphertext with the private key x.

    Raises: InvalidTrustee if x is not a key of this ceremony; NotForSecrets.
    """
    check_keeps_secrets(G)
    X = G.base_power(x)
    keys = [key.public_key for key in parameters.verification_keys]
    if X not in keys:
        raise InvalidTrustee(Reason.VERIFICATION_KEY, "the key is not one of this ceremony")
    number = keys.index(X) + 1
    F, proof = prove_decryption(G, _context(parameters, number, X), trial_alpha(G, parameters), x, rng)
    return TrialDecryption(number, F, proof)


def check_trial_decryption(G: Group, parameters: ThresholdParameters, trial: TrialDecryption) -> None:
    """Raise InvalidMessage with the trustee's number unless the proof shows that its maker has that trustee's key."""
    if not 1 <= trial.number <= len(parameters.verification_keys):
        raise InvalidTrustee(Reason.NUMBER_RANGE, f"there is no trustee {trial.number} in this ceremony")
    with part_of_trustee(trial.number):
        alpha, X = trial_alpha(G, parameters), parameters.verification_keys[trial.number - 1].public_key
        context = _context(parameters, trial.number, X)
        if not is_decryption(G, context, X, alpha, trial.factor, trial.proof):
            raise InvalidDecryption(Reason.DECRYPTION_PROOF, "the trial decryption is not proved")


def _context(parameters: ThresholdParameters, number: int, X: Element) -> str:
    return f"ballot-practice|1|{_parameters_hash(parameters)}|{number}|{element_text(X)}"


def _parameters_hash(parameters: ThresholdParameters) -> Hash:
    return sha256_hex(write_json(parameters.to_json()))
