"""The trustees' ceremony on the server: who has done which step, and the parts that each step takes and gives.

    certificate   each trustee      then: their fingerprint, which the trustees read out to each other
    polynomial    each trustee      with the fingerprint that the others read out; then: a vinput for each
    voutput       each trustee      or a complaint that names the trustee whose part is invalid; then: trustees.json
    practice      each trustee      office/setup/trial_decryption.py

Every part is checked before it is stored, and refused under its trustee's name. Parts made in the trustee's page and
parts made offline are the same bytes. The server sees no secret. It could only refuse to pass parts on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Protocol

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from ballot.constitution.programme import Trustees, read_trustees
from ballot.db.ceremony import CeremonyPartRow, delete_parts, list_parts
from ballot.db.programmes import find_programme
from ballot.db.session import reading, transaction
from ballot.office.activity import ActPlace, CeremonyRestarted, Uploaded, Who, note_act
from ballot.office.desk import Clock
from ballot.office.errors import Refusal, Refused
from ballot.office.sealed import GROUP
from ballot.office.setup.draft import TRUSTEES, Draft
from ballot.protocol.canonical import Json, as_sent, check_canonical, fields, integer, parse_json, text, write_json
from ballot.protocol.ceremony import (
    Polynomial,
    Voutput,
    check_certificates,
    check_polynomial,
    check_voutput,
    create_threshold_parameters,
    create_vinputs,
)
from ballot.protocol.errors import InvalidMessage, InvalidTrustee, Reason
from ballot.protocol.hashing import Hash, sha256_hex
from ballot.protocol.pki import check_certificate
from ballot.protocol.signatures import SignedMessage
from ballot.protocol.trustees import ThresholdParameters


class Step(Enum):
    """What a trustee hands in, in the order of the ceremony. A complaint takes the place of a voutput."""

    CERTIFICATE = "certificate"
    POLYNOMIAL = "polynomial"
    VOUTPUT = "voutput"
    COMPLAINT = "complaint"
    TRIAL_DECRYPTION = "practice"


WORDS = {
    Step.CERTIFICATE: "certificate",
    Step.POLYNOMIAL: "polynomial",
    Step.VOUTPUT: "share of the key",
    Step.COMPLAINT: "complaint",
    Step.TRIAL_DECRYPTION: "trial decryption",
}
"""The names of the steps in sentences."""


@dataclass(frozen=True, slots=True)
class ReceivedPart:
    """A part that a trustee handed in, and when."""

    body: bytes
    at: datetime


@dataclass(frozen=True, slots=True)
class Ceremony:
    """The parts handed in so far, and what follows from them. Nothing in it is secret."""

    programme_id: str
    trustees: Trustees
    parts: Mapping[tuple[Step, int], ReceivedPart]

    @property
    def numbers(self) -> range:
        return range(1, len(self.trustees.names) + 1)

    def name(self, number: int) -> str:
        """The name of a trustee. Raises Refused if there is no such trustee."""
        if number not in self.numbers:
            raise Refused(
                Refusal.NO_SUCH_TRUSTEE, f"There is no trustee {number}. They are numbered 1 to {len(self.numbers)}."
            )
        return self.trustees.names[number - 1]

    def has(self, step: Step, number: int) -> bool:
        return (step, number) in self.parts

    def is_whole(self, step: Step) -> bool:
        """Whether every trustee has done this step."""
        return all(self.has(step, number) for number in self.numbers)

    def bodies(self, step: Step) -> list[bytes]:
        """The parts of all trustees for a step. Raises Refused while one is missing."""
        missing = [self.name(number) for number in self.numbers if not self.has(step, number)]
        if missing:
            raise Refused(Refusal.STEP_NOT_DUE, f"The {WORDS[step]} of {', '.join(missing)} is still missing.")
        return [self.parts[step, number].body for number in self.numbers]

    @property
    def certificates(self) -> bytes:
        """All certificates in one file, as `ballot ceremony check` writes it. Raises Refused while one is missing."""
        return write_json([parse_json(body) for body in self.bodies(Step.CERTIFICATE)])

    @property
    def fingerprint(self) -> Hash:
        """The fingerprint that the trustees read out to each other. Raises Refused while a certificate is missing."""
        return sha256_hex(self.certificates)

    @property
    def certs(self) -> list[SignedMessage]:
        return [SignedMessage.from_json(GROUP, parse_json(body)) for body in self.bodies(Step.CERTIFICATE)]

    @property
    def polynomials(self) -> list[Polynomial]:
        return [Polynomial.from_json(GROUP, parse_json(body)) for body in self.bodies(Step.POLYNOMIAL)]

    @property
    def voutputs(self) -> list[Voutput]:
        return [Voutput.from_json(GROUP, parse_json(body)) for body in self.bodies(Step.VOUTPUT)]

    def vinput(self, number: int) -> bytes:
        """What the others sealed to this trustee. Raises Refused while a polynomial is missing."""
        return write_json(create_vinputs(GROUP, self.certs, self.polynomials)[number - 1].to_json())

    def parameters(self) -> ThresholdParameters:
        """The threshold parameters that the ceremony publishes. Raises Refused while a voutput is missing."""
        return create_threshold_parameters(GROUP, self.certs, self.polynomials, self.voutputs)

    def dkey(self, number: int) -> bytes | None:
        """The trustee's decryption key, sealed to itself. None before it handed in its voutput."""
        given = self.parts.get((Step.VOUTPUT, number))
        return (
            None
            if given is None
            else write_json(fields(parse_json(given.body), ("private_key", "public_key"))["private_key"])
        )

    @property
    def complaints(self) -> list[tuple[str, str, str]]:
        """For each complaint: who complains, about whose part, and the word for the reason."""
        found = []
        for (step, number), given in sorted(self.parts.items(), key=lambda part: part[0][1]):
            if step is Step.COMPLAINT:
                about, word = _read_complaint(given.body)
                found.append((self.name(number), self.name(about), word.value))
        return found

    def due(self, number: int) -> Step | None:
        """The trustee's next step. None if it waits for others, or has finished."""
        before = None
        for step in (Step.CERTIFICATE, Step.POLYNOMIAL, Step.VOUTPUT):
            if self.complaints or (before is not None and not self.is_whole(before)):
                return None
            if not self.has(step, number):
                return step
            before = step
        return None


class _Check(Protocol):
    def __call__(self, ceremony: Ceremony, number: int, value: Json) -> None: ...


def read_ceremony(engine: Engine, draft: Draft) -> Ceremony:
    """Read how far this folder's ceremony is. Raises ConstitutionError if the programme file names no trustees."""
    with reading(engine) as session:
        return _load(session, draft)


def _load(session: Session, draft: Draft, *, hold: bool = False) -> Ceremony:
    trustees = read_trustees(draft.programme().table("trustees"))
    rows = list_parts(session, draft.id, hold=hold)
    return Ceremony(
        draft.id, trustees, {(Step(row.step), row.number): ReceivedPart(row.body, row.received_at) for row in rows}
    )


def hand_in(
    engine: Engine, clock: Clock, draft: Draft, who: Who, number: int, step: Step, body: bytes, told: str | None = None
) -> Ceremony:
    """Check and store a trustee's part. `told` is the fingerprint that the others read out; a polynomial needs it.

    The last voutput also writes the key into the folder. The same part again is not an error. Raises: Refused.
    """
    data = _sent(body)
    with transaction(engine) as session:
        ceremony = _load(session, draft, hold=True)
        name, given = ceremony.name(number), ceremony.parts.get((step, number))
        if given is not None and given.body != data:
            raise Refused(Refusal.PART_ALREADY_GIVEN, f"{name} has already handed in a {WORDS[step]}.")
        if given is None:
            if draft.read(TRUSTEES) is not None or find_programme(session, draft.id) is not None:
                raise Refused(Refusal.STEP_NOT_DUE, "The trustees have already made their key.")
            _check(ceremony, number, step, data, told)
            now = clock()
            row = CeremonyPartRow(programme_id=draft.id, number=number, step=step.value, body=data, received_at=now)
            session.add(row)
            note_act(session, now, who, Uploaded(f"ceremony-{step.value}", str(sha256_hex(data))), ActPlace(draft.id))
    ceremony = read_ceremony(engine, draft)
    if step is Step.VOUTPUT and ceremony.is_whole(Step.VOUTPUT):
        draft.keep(TRUSTEES, write_json(ceremony.parameters().to_json()) + b"\n", clock())
    return ceremony


def _sent(body: bytes) -> bytes:
    """The part's bytes as made, whatever a mail or text program added. Raises Refused."""
    try:
        return as_sent(body)
    except InvalidMessage as fault:
        raise Refused(Refusal.INVALID_PART, f"The file cannot be read: {fault.detail}.") from None


def _check(ceremony: Ceremony, number: int, step: Step, data: bytes, told: str | None) -> None:
    """Raise Refused unless the part is due and valid."""
    due = ceremony.due(number)
    if step is not due and not (step is Step.COMPLAINT and due is Step.VOUTPUT):
        said = (
            "A complaint stopped the ceremony. It must begin again."
            if ceremony.complaints
            else f"The {WORDS[step]} of {ceremony.name(number)} is not the next step of the ceremony."
        )
        raise Refused(Refusal.STEP_NOT_DUE, said)
    if step is Step.POLYNOMIAL and "".join((told or "").split()).lower() != ceremony.fingerprint:
        raise Refused(
            Refusal.FINGERPRINT_DIFFERS,
            "The fingerprint of the certificates that you compared with the other trustees is not the one here. "
            "Stop, and find out with them who sees which certificates.",
        )
    try:
        value = parse_json(data)
        check_canonical(data, value, "the part")
        _CHECKS[step](ceremony, number, value)
    except InvalidMessage as fault:
        detail = fault.detail.removeprefix(f"trustee {number}: ")
        raise Refused(
            Refusal.INVALID_PART, f"The {WORDS[step]} of {ceremony.name(number)} is not valid: {detail}."
        ) from None


def _certificate(ceremony: Ceremony, number: int, value: Json) -> None:
    cert = SignedMessage.from_json(GROUP, value)
    check_certificate(GROUP, cert, len(ceremony.numbers), ceremony.trustees.threshold, number)


def _polynomial(ceremony: Ceremony, number: int, value: Json) -> None:
    certs = ceremony.certs
    check_certificates(GROUP, certs)
    check_polynomial(GROUP, certs, number, Polynomial.from_json(GROUP, value))


def _voutput(ceremony: Ceremony, number: int, value: Json) -> None:
    check_voutput(GROUP, ceremony.certs, ceremony.polynomials, number, Voutput.from_json(GROUP, value))


def _complaint(ceremony: Ceremony, number: int, value: Json) -> None:
    about, _ = _read_complaint(write_json(value))
    if about not in ceremony.numbers:
        raise InvalidTrustee(Reason.NUMBER_RANGE, f"there is no trustee {about}")


def _read_complaint(body: bytes) -> tuple[int, Reason]:
    value = fields(parse_json(body), ("about", "word"))
    try:
        return integer(value["about"], 1), Reason(text(value["word"]))
    except ValueError:
        raise InvalidTrustee(Reason.WRONG_TYPE, "expected one of our words for what is wrong") from None


_CHECKS: dict[Step, _Check] = {
    Step.CERTIFICATE: _certificate,
    Step.POLYNOMIAL: _polynomial,
    Step.VOUTPUT: _voutput,
    Step.COMPLAINT: _complaint,
}


def check_not_begun(engine: Engine, draft: Draft) -> None:
    """Raise Refused if a trustee has handed in anything: every part names all trustees and the threshold."""
    with reading(engine) as session:
        if list_parts(session, draft.id):
            raise Refused(
                Refusal.TRUSTEES_DIFFER,
                "The trustees have begun their ceremony, so they can no longer be changed. Begin it again first.",
            )


def restart(engine: Engine, clock: Clock, draft: Draft, who: Who) -> None:
    """Delete all parts and the key, so that trustees make new ones. Raises Refused once a programme uses the key."""
    with transaction(engine) as session:
        if find_programme(session, draft.id) is not None:
            raise Refused(Refusal.ALREADY_PREPARED, "The ballot is already prepared with the trustees' key.")
        parts = list_parts(session, draft.id, hold=True)
        delete_parts(session, draft.id)
        now = clock()
        note_act(session, now, who, CeremonyRestarted(len(parts)), ActPlace(draft.id))
    draft.drop(TRUSTEES, now)
