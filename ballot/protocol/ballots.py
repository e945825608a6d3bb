"""Ballots: create, check, track.

Spec: Messages, Ballots; Processes, Vote. `parse_ballot` checks the form, which is cheap; `check_ballot` checks the
mathematics, which is not. What is *not* done here: whether voting is open, and whether this practice has voted.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass

from ballot.protocol.canonical import Json, array, check_canonical, fields, parse_json, text, write_json
from ballot.protocol.credentials import PrivateKey
from ballot.protocol.elections import Election, parse_uuid
from ballot.protocol.errors import InvalidBallot, InvalidElement, InvalidMessage, Reason
from ballot.protocol.group import Element, Group, Rng, check_keeps_secrets, element_text, parse_element
from ballot.protocol.hashing import sha256_base64
from ballot.protocol.kinds import AnyAnswer, any_answer_faults, create_any_answer, parse_answer
from ballot.protocol.signatures import Signature, is_signed, sign_hash

FIELDS = ("election_uuid", "election_hash", "credential", "answers", "signature")


@dataclass(frozen=True, slots=True)
class Ballot:
    """One voter's encrypted answers under a public credential, signed."""

    election_uuid: str
    election_hash: str
    credential: Element
    answers: tuple[AnyAnswer, ...]
    signature: Signature

    def to_bytes(self) -> bytes:
        return write_json({**_unsigned(self), "signature": self.signature.to_json()})


def _unsigned(ballot: Ballot) -> dict[str, Json]:
    return {
        "election_uuid": ballot.election_uuid,
        "election_hash": ballot.election_hash,
        "credential": element_text(ballot.credential),
        "answers": [answer.to_json() for answer in ballot.answers],
    }


def hash_unsigned(ballot: Ballot) -> str:
    """The hash that the signature signs: SHA-256 of the ballot without its signature, in Base64."""
    return sha256_base64(write_json(_unsigned(ballot)))


def tracking_number(data: bytes) -> str:
    """The smart ballot tracker: SHA-256 of the whole ballot, in Base64 (43 characters)."""
    return sha256_base64(data)


def create_ballot(G: Group, election: Election, s: PrivateKey, votes: Sequence[Sequence[int]], rng: Rng) -> Ballot:
    """Encrypt, prove and sign one plain vote per question, with the private key of a credential."""
    check_keeps_secrets(G)
    credential = G.base_power(s)
    S0 = f"{election.fingerprint}|{element_text(credential)}"
    answers = tuple(
        create_any_answer(G, election.public_key, S0, question, vote, rng)
        for question, vote in zip(election.questions, votes, strict=True)
    )
    unsigned = {
        "election_uuid": election.uuid,
        "election_hash": election.fingerprint,
        "credential": element_text(credential),
        "answers": [answer.to_json() for answer in answers],
    }
    signature = sign_hash(G, s, sha256_base64(write_json(unsigned)), rng)
    return Ballot(election.uuid, election.fingerprint, credential, answers, signature)


def parse_ballot(G: Group, data: bytes) -> Ballot:
    """The ballot written as `data`; raises InvalidMessage unless it is canonical, complete and of the right types."""
    value = fields(parse_json(data), FIELDS)
    ballot = Ballot(
        parse_uuid(value["election_uuid"]),
        text(value["election_hash"]),
        parse_element(value["credential"]),
        tuple(parse_answer(G, answer) for answer in array(value["answers"])),
        Signature.from_json(G, value["signature"]),
    )
    check_canonical(data, value, "the ballot")
    return ballot


def check_ballot(G: Group, ballot: Ballot, election: Election, credentials: Container[Element]) -> None:
    """Accept a ballot, or raise InvalidBallot or InvalidElement with the first reason.

    Spec: Processes, Vote, step 4; Messages, Ballots.
    (1) it names this election, (2) its credential is on the list, (3) the credential signed it,
    (4) every answer's proofs hold. The caller still decides whether voting is open.
    """
    for fault in ballot_faults(G, ballot, election, credentials):
        raise fault


def ballot_faults(
    G: Group, ballot: Ballot, election: Election, credentials: Container[Element]
) -> Iterator[InvalidMessage]:
    """Yield every fault of a ballot in the order of `check_ballot`: cheap ones first, proofs last."""
    yield from addressing_faults(ballot, election, credentials)
    if ballot.signature.hash != hash_unsigned(ballot):
        yield InvalidBallot(Reason.SIGNATURE_HASH, "the signature speaks of another ballot")
    if ballot.credential == G.one:
        yield InvalidElement(Reason.ELEMENT_IDENTITY, "the credential is the identity element")
    try:
        if not is_signed(G, ballot.credential, ballot.signature):
            yield InvalidBallot(Reason.SIGNATURE, "the credential did not sign this ballot")
    except InvalidElement as fault:
        yield fault
    S0 = f"{election.fingerprint}|{element_text(ballot.credential)}"
    for question, answer in zip(election.questions, ballot.answers, strict=False):
        yield from any_answer_faults(G, election.public_key, S0, question, answer)


def addressing_faults(ballot: Ballot, election: Election, credentials: Container[Element]) -> Iterator[InvalidMessage]:
    """Steps 1 and 2 of `check_ballot`: this election, its number of answers, a credential on its list."""
    if ballot.election_uuid != election.uuid:
        yield InvalidBallot(Reason.ELECTION_UUID, f"expected election {election.uuid}, found {ballot.election_uuid}")
    if ballot.election_hash != election.fingerprint:
        yield InvalidBallot(Reason.ELECTION_HASH, "the ballot was made for other election parameters")
    if len(ballot.answers) != len(election.questions):
        yield InvalidBallot(Reason.WRONG_SHAPE, f"expected {len(election.questions)} answers")
    if ballot.credential not in credentials:
        yield InvalidBallot(Reason.UNKNOWN_CREDENTIAL, f"{element_text(ballot.credential)} is not on the list")
