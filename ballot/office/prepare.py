"""Prepare a programme: read its rules and its roll, choose how each CCG counts, draw the server's own keys. -> draft"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from ballot.constitution.load import load_constitution
from ballot.constitution.programme import Ccg, Programme, load_programme
from ballot.constitution.rule import Constitution, Missing
from ballot.db.ballots import BallotRow
from ballot.db.practices import PracticeRow
from ballot.db.programmes import ProgrammeRow, find_programme
from ballot.db.session import transaction
from ballot.office.chronicle import Chronicle
from ballot.office.desk import Desk
from ballot.office.errors import Refusal, Refused
from ballot.office.lifecycle import next_state
from ballot.office.logbook import never_before, new_log
from ballot.office.sealed import GROUP, write_keys
from ballot.office.server_keys import write_server_keys
from ballot.protocol.canonical import write_json
from ballot.protocol.elections import generate_uuid
from ballot.protocol.hashing import sha256_hex
from ballot.protocol.spec import MAX_TOTAL_WEIGHT
from ballot.protocol.trustees import ThresholdParameters, check_threshold_parameters, create_trustee_public_key
from ballot.record.checkpoints import EVENTS_LOG
from ballot.record.counting import Counting, CountKind, choose_counting
from ballot.record.keys import PublicKey, Role, SigningKey
from ballot.record.programme_events import Move
from ballot.record.public_roll import PublicMember, write_roll
from ballot.registrar.keyring import StorageKey
from ballot.roll.member import Member, Roll
from ballot.roll.weighable import check_weighable


@dataclass(frozen=True, slots=True)
class Installation:
    """Where a programme is run: the board's name, its own files, and whether the registrar is elsewhere."""

    board: str
    instance: Path
    storage: StorageKey
    separate: bool = False


@dataclass(frozen=True, slots=True)
class ProgrammeFiles:
    """programme.toml and one rule file for each CCG, as bytes and as read."""

    programme: Programme
    toml: bytes
    constitutions: Mapping[str, tuple[Constitution, bytes]]


def read_folder(folder: Path) -> ProgrammeFiles:
    """The files of a programme; raises ConstitutionError, or Refused where files are missing or too many."""
    path = folder / "programme.toml"
    if not path.is_file():
        raise Refused(Refusal.FILES_DIFFER, "The programme's folder has no programme.toml.")
    toml = path.read_bytes()
    programme = load_programme(toml, str(path))
    found = {file.name for file in (folder / "constitutions").glob("*") if not file.name.startswith(".")}
    expected = {f"{ccg.ods}.toml" for ccg in programme.ccgs}
    for name in sorted(found ^ expected):
        kind = "missing" if name in expected else "there, and belongs to no CCG of the programme"
        raise Refused(Refusal.FILES_DIFFER, f"constitutions/{name} is {kind}.")
    constitutions = {}
    for ccg in programme.ccgs:
        file = folder / "constitutions" / f"{ccg.ods}.toml"
        data = file.read_bytes()
        constitution = load_constitution(data, str(file))
        if constitution.ccg != ccg.ods:
            raise Refused(Refusal.FILES_DIFFER, f"constitutions/{file.name} is the rule of {constitution.ccg}.")
        constitutions[ccg.ods] = (constitution, data)
    return ProgrammeFiles(programme, toml, constitutions)


def prepare(
    desk: Desk,
    installation: Installation,
    folder: Path,
    roll: Roll,
    parameters: ThresholdParameters,
    keys: Mapping[Role, PublicKey],
    officer: SigningKey,
) -> str:
    """Make the programme in `folder` a draft, and answer its id.

    Raises: Refused; ConstitutionError, InvalidRoll or InvalidTrustee for what is wrong in a file, the roll or the key.
    """
    if len(set(keys.values())) != len(Role):
        raise Refused(Refusal.FOREIGN_KEY, "Every role needs a key of its own.")
    files = read_folder(folder)
    check_trustees(files.programme, parameters)
    counted = count_roll(files, roll)
    public_roll = write_roll(member for _, members in counted.values() for member in members)
    people = {(member.ccg, member.practice): member for member in roll.members}
    programme = files.programme
    with transaction(desk.engine) as session:
        if find_programme(session, programme.id) is not None:
            raise Refused(Refusal.ALREADY_PREPARED, f"There is a programme {programme.id} already.")
        row = ProgrammeRow(
            id=programme.id,
            toml=files.toml,
            roll=public_roll,
            pedersen=write_json(parameters.to_json()),
            keys=write_keys(keys),
            board=installation.board,
            separate=installation.separate,
        )
        session.add(row)
        session.flush()
        secrets: dict[str, int] = {}
        ballots = [
            _add_ballot(session, desk, files, position, ccg, counted[ccg.ods], people, secrets)
            for position, ccg in enumerate(programme.ccgs)
        ]
        write_server_keys(installation.instance, programme.id, installation.storage, secrets)
        now = never_before(desk.clock(), ())
        logs = {EVENTS_LOG: new_log(session, programme.id, EVENTS_LOG, now)}
        data = {"programme_toml": sha256_hex(files.toml), "roll": sha256_hex(public_roll)}
        Chronicle(session, desk, row, ballots, logs, now).write(Move.PREPARED, None, data, (officer,))
    return programme.id


def check_trustees(programme: Programme, parameters: ThresholdParameters) -> None:
    """Raise unless the ceremony holds together and is the one that the programme file speaks of."""
    check_threshold_parameters(GROUP, parameters)
    found = f"{parameters.threshold} of {len(parameters.verification_keys)}"
    expected = f"{programme.trustees.threshold} of {len(programme.trustees.names)}"
    if found != expected:
        raise Refused(Refusal.TRUSTEES_DIFFER, f"The programme has {expected} trustees, the key was made by {found}.")


def count_roll(files: ProgrammeFiles, roll: Roll) -> dict[str, tuple[Counting, list[PublicMember]]]:
    """How each CCG counts, and its members with their weights; raises Refused or InvalidRoll."""
    ccgs = tuple(ccg.ods for ccg in files.programme.ccgs)
    if set(roll.ccgs) != set(ccgs):
        raise Refused(
            Refusal.ROLL_DIFFERS, f"The roll is of {', '.join(roll.ccgs)}, the programme of {', '.join(ccgs)}."
        )
    return {ccg: _count_ccg(files, roll, ccg) for ccg in ccgs}


def _count_ccg(files: ProgrammeFiles, roll: Roll, ccg: str) -> tuple[Counting, list[PublicMember]]:
    members = roll.of(ccg)
    if not members:
        raise Refused(Refusal.ROLL_DIFFERS, f"{ccg} has no member practice in the roll.")
    constitution, _ = files.constitutions[ccg]
    questions = [question.id for question in files.programme.questions]
    counting = choose_counting(constitution, questions, sum(member.list_size or 0 for member in members))
    weight = constitution.weight
    if weight is not None and (counting.kind is not CountKind.HEADS or weight.missing is Missing.REFUSE):
        check_weighable(roll, ccg, weight.missing.value)
    public = [
        PublicMember(ccg, member.practice, member.name, member.list_size, counting.weight(member.list_size))
        for member in members
    ]
    total = total_weight(public)
    if total > MAX_TOTAL_WEIGHT:
        raise Refused(Refusal.TOO_HEAVY, f"{ccg} weighs {total} together; at most {MAX_TOTAL_WEIGHT} can be tallied.")
    return counting, public


def total_weight(members: list[PublicMember]) -> int:
    """What all members weigh together; each counts 1 where weights are not used."""
    return sum(1 if member.weight is None else member.weight for member in members)


def _add_ballot(
    session: Session,
    desk: Desk,
    files: ProgrammeFiles,
    position: int,
    ccg: Ccg,
    counted: tuple[Counting, list[PublicMember]],
    people: Mapping[tuple[str, str], Member],
    secrets: dict[str, int],
) -> BallotRow:
    counting, members = counted
    uuid, x = generate_uuid(desk.rng), 1 + desk.rng(GROUP.q - 1)
    secrets[uuid] = x
    ballot = BallotRow(
        programme_id=files.programme.id,
        position=position,
        ccg=ccg.ods,
        name=ccg.name,
        uuid=uuid,
        state=next_state(None, Move.PREPARED).value,
        opens_at=files.programme.opens_at,
        closes_at=files.programme.closes_at,
        constitution=files.constitutions[ccg.ods][1],
        count=counting.kind.value,
        heads=counting.heads,
        single=write_json(create_trustee_public_key(GROUP, x, desk.rng).to_json()),
    )
    session.add(ballot)
    session.flush()
    for member in members:
        person = people[member.ccg, member.practice]
        row = PracticeRow(
            ballot_id=ballot.id,
            ods=member.practice,
            name=member.name,
            list_size=member.list_size,
            weight=member.weight,
            representative=person.representative,
            email=person.email,
        )
        session.add(row)
    return ballot
