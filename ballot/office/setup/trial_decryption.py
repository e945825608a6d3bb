"""Trial decryptions: sealing waits until every trustee has shown that its saved key opens.

protocol/trial_decryption.py says what they are. One is valid for the key that it was made with, and is checked again
whenever it is needed.
"""

from __future__ import annotations

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from ballot.db.ceremony import CeremonyPartRow, list_parts
from ballot.db.programmes import find_programme
from ballot.db.session import reading, transaction
from ballot.office.activity import ActPlace, Uploaded, Who, note_act
from ballot.office.desk import Clock
from ballot.office.errors import Refusal, Refused
from ballot.office.sealed import GROUP
from ballot.office.setup.ceremony import Step
from ballot.office.setup.draft import TRUSTEES, Draft
from ballot.protocol.canonical import as_sent, parse_json
from ballot.protocol.errors import InvalidMessage
from ballot.protocol.hashing import sha256_hex
from ballot.protocol.trial_decryption import check_trial_decryption, parse_trial_decryption
from ballot.protocol.trustees import ThresholdParameters


def trustees_key(engine: Engine, programme_id: str, draft: Draft | None = None) -> ThresholdParameters | None:
    """The result of the trustees' ceremony: as the programme was prepared with it, else the file in the folder."""
    with reading(engine) as session:
        row = find_programme(session, programme_id)
    data = row.pedersen if row is not None else draft.read(TRUSTEES) if draft is not None else None
    try:
        return None if data is None else ThresholdParameters.from_json(GROUP, parse_json(as_sent(data)))
    except InvalidMessage:
        return None


def add_trial_decryption(
    engine: Engine,
    clock: Clock,
    programme_id: str,
    who: Who,
    body: bytes,
    draft: Draft | None = None,
    number: int | None = None,
) -> int:
    """Store a valid trial decryption, replacing an older one, and return the number of its trustee.

    Raises: Refused, also if `number` is given and it is another trustee's.
    """
    parameters = trustees_key(engine, programme_id, draft)
    if parameters is None:
        raise Refused(Refusal.STEP_NOT_DUE, "The trustees have no key yet.")
    try:
        data = as_sent(body)
        trial = parse_trial_decryption(GROUP, data)
        check_trial_decryption(GROUP, parameters, trial)
    except InvalidMessage as fault:
        raise Refused(Refusal.INVALID_PART, f"The trial decryption is not valid: {fault.detail}.") from None
    if number not in (None, trial.number):
        said = f"This is the trial decryption of trustee {trial.number}, and you are trustee {number}."
        raise Refused(Refusal.INVALID_PART, said)
    with transaction(engine) as session:
        now = clock()
        row = CeremonyPartRow(
            programme_id=programme_id, number=trial.number, step=Step.TRIAL_DECRYPTION.value, body=data, received_at=now
        )
        session.merge(row)
        note_act(session, now, who, Uploaded("ceremony-practice", str(sha256_hex(data))), ActPlace(programme_id))
    return trial.number


def without_trial_decryption(session: Session, programme_id: str, parameters: ThresholdParameters) -> list[int]:
    """The numbers of the trustees whose saved key has not been shown to open."""
    shown = set()
    for row in list_parts(session, programme_id):
        if row.step == Step.TRIAL_DECRYPTION.value:
            try:
                trial = parse_trial_decryption(GROUP, row.body)
                check_trial_decryption(GROUP, parameters, trial)
            except InvalidMessage:
                continue  # made with an earlier key
            shown.add(trial.number)
    return [number for number in range(1, len(parameters.verification_keys) + 1) if number not in shown]


def check_trial_decryptions(session: Session, programme_id: str, pedersen: bytes, names: tuple[str, ...]) -> None:
    """Raise Refused unless every trustee made a trial decryption with the key of this ceremony."""
    parameters = ThresholdParameters.from_json(GROUP, parse_json(pedersen))
    missing = [names[number - 1] for number in without_trial_decryption(session, programme_id, parameters)]
    if missing:
        raise Refused(
            Refusal.NO_TRIAL_DECRYPTION,
            f"These trustees have not made a trial decryption yet: {', '.join(missing)}. "
            "They make it on their own pages, or with ballot trustee practice and ballot office practice.",
        )
