"""Prepare a programme: read its rules and roll, choose how each CCG counts, draw the server's own keys. -> draft

A re-ballot is prepared in the same way from a folder with [reballot] in its programme.toml; it cites the programme that
was decided before. One re-ballot follows one programme, and the next follows that re-ballot. So there is one line from
first to last, and the latest decision of each CCG is never in doubt.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from ballot.constitution.programme import Ccg, Programme, is_programme_id
from ballot.constitution.rule import Constitution, Outcome
from ballot.db.ballots import BallotRow, list_ballots
from ballot.db.documents import DocumentRow
from ballot.db.events import event_lines
from ballot.db.logs import begin_log
from ballot.db.practices import PracticeRow
from ballot.db.programmes import ProgrammeRow, find_programme, find_reballot
from ballot.db.session import transaction
from ballot.office.casting.logbook import never_before
from ballot.office.chronicle import Chronicle
from ballot.office.desk import Desk
from ballot.office.errors import Refusal, Refused
from ballot.office.lifecycle import next_state
from ballot.office.sealed import GROUP, read_constitution, read_programme, write_keys, write_roll_sources
from ballot.office.setup.draft import ProgrammeFiles, count_roll, read_folder
from ballot.office.setup.packs import find_documents
from ballot.office.setup.server_keys import write_server_keys
from ballot.office.signing import SignedApart, Signers
from ballot.protocol.canonical import Json, text, write_json
from ballot.protocol.elections import generate_uuid
from ballot.protocol.hashing import Hash, sha256_hex
from ballot.protocol.trustees import ThresholdParameters, check_threshold_parameters, create_trustee_public_key
from ballot.record.checkpoints import EVENTS_LOG
from ballot.record.counting import Counting
from ballot.record.elections import election_name, election_title, localities_of
from ballot.record.keys import PEOPLE, PublicKey, Role, SigningKey
from ballot.record.programme_events import Move, ProgrammeEvent, parse_programme_event
from ballot.record.public_roll import PublicMember, write_roll
from ballot.record.reballots import Citation, Cited, check_reballot, latest_of, question_json
from ballot.registrar.keyring import StorageKey
from ballot.roll.member import Member, Roll


def check_answer(session: Session, id: str) -> None:
    """Raise Refused unless a programme that is still to be prepared can have this id."""
    if not is_programme_id(id):
        sentence = "The programme that answers needs an id: lower case letters, digits and single hyphens between them."
        raise Refused(Refusal.FILES_DIFFER, sentence)
    if find_programme(session, id) is not None:
        raise Refused(
            Refusal.ALREADY_PREPARED, f"There is already a programme {id}. Choose an id that is not used yet."
        )


def why_open(cited: Cited, ccg: str) -> str | None:
    """Why the CCG may vote again: its rule allows it, or its ballot was abandoned. None if it may not."""
    results = cited.latest.get(ccg)
    if results is None:
        return "Its ballot was abandoned, and an abandoned ballot may be held again."
    allowed = cited.constitutions[ccg].reballot
    found = dict.fromkeys(result for result in results.values() if isinstance(result, Outcome) and result in allowed)
    words = " and ".join(result.value for result in found)
    return f"Its last vote was {words}. Its constitution allows another vote then." if found else None


def check_open(cited: Cited, ccg: str) -> str:
    """Why the CCG may vote again. Raises Refused if it may not."""
    constitution = cited.constitutions.get(ccg)
    if constitution is None:
        raise Refused(
            Refusal.NO_SUCH_BALLOT,
            f"{ccg} is not one of the {cited.programme.words.body.many} of {cited.programme.id}.",
        )
    if (reason := why_open(cited, ccg)) is None:
        allowed = " or ".join(sorted(outcome.value for outcome in constitution.reballot)) or "nothing"
        detail = f"The rule of {ccg} allows another vote after {allowed}, and that is not what came of the last."
        raise Refused(Refusal.NOT_INQUORATE, detail)
    return reason


def read_cited(session: Session, row: ProgrammeRow) -> Cited:
    """A decided programme as a re-ballot cites it, with everything before it. Raises Refused if it is not decided."""
    if row.decision is None or row.fingerprint is None:
        raise Refused(Refusal.NOT_READY, f"{row.id} is not decided yet.")
    programme = read_programme(row.toml)
    earlier = None if row.cites is None else read_cited(session, _programme(session, row.cites))
    rule = earlier.rule if earlier is not None else programme.outcome
    assert rule is not None
    constitutions: dict[str, Constitution] = dict(earlier.constitutions) if earlier is not None else {}
    constitutions |= {ballot.ccg: read_constitution(ballot) for ballot in list_ballots(session, row.id)}
    questions = dict(earlier.questions) if earlier is not None else {}
    questions |= {question.id: question_json(question) for question in programme.questions}
    return Cited(
        Citation(row.id, Hash(row.fingerprint), sha256_hex(row.decision)),
        programme,
        rule,
        questions,
        constitutions,
        latest_of(row.decision),
        frozenset((row.called or "").split()),
        _answered_by(session, row),
        row.board,
    )


def _answered_by(session: Session, row: ProgrammeRow) -> str | None:
    """The programme that the call for a re-ballot names. None if there is no call."""
    if row.called is None:
        return None
    events = map(parse_programme_event, event_lines(session, row.id))
    return next((text(event.data["answered_by"]) for event in events if event.move is Move.REBALLOT), None)


def cited_by(session: Session, row: ProgrammeRow) -> Cited | None:
    """What a re-ballot cites. None for a programme that is not a re-ballot."""
    return None if row.cites is None else read_cited(session, _programme(session, row.cites))


def check_files(session: Session, files: ProgrammeFiles, board: str) -> str | None:
    """The id of the programme that these files are a re-ballot of, or None. Raises Refused if it is not allowed."""
    of = files.programme.reballot_of
    if of is None:
        return None
    row = _programme(session, of)
    if other := find_reballot(session, of):
        raise Refused(Refusal.ALREADY_PREPARED, f"{other.id} is already the re-ballot of {of}. Cite {other.id}.")
    rules = {ccg: constitution for ccg, (constitution, _) in files.constitutions.items()}
    faults = list(check_reballot(files.programme, board, rules, read_cited(session, row)))
    if faults:
        raise Refused(Refusal.REBALLOT_DIFFERS, f"This cannot be a re-ballot of {of}: {'; '.join(faults)}.")
    return of


def _programme(session: Session, id: str) -> ProgrammeRow:
    row = find_programme(session, id)
    if row is None:
        raise Refused(Refusal.NO_SUCH_PROGRAMME, f"There is no programme {id}.")
    return row


@dataclass(frozen=True, slots=True)
class Installation:
    """Where a programme runs: the board's name, the server's own files, and whose private keys are there too."""

    board: str
    instance: Path
    storage: StorageKey
    keys_held: frozenset[Role]
    """The people whose private keys the server holds, which a result has to say."""
    scrutineer: PublicKey | None = None
    """The scrutineer's key, if one is registered. It is used if the programme names a scrutineer."""


def prepare(
    desk: Desk,
    installation: Installation,
    folder: Path,
    roll: Roll,
    parameters: ThresholdParameters,
    keys: Mapping[Role, PublicKey],
    officer: SigningKey | SignedApart,
    at: datetime | None = None,
) -> str:
    """Store the programme in `folder` as a draft, and return its id.

    `officer` signs. Or it is the returning officer's signature over `preparing_bytes`, with `at` as they have it.
    Raises: Refused; ConstitutionError, InvalidRoll or InvalidTrustee for a fault in a file, the roll or the key.
    """
    if len(set(keys.values())) != len(Role):
        raise Refused(Refusal.FOREIGN_KEY, "Every role needs a key of its own.")
    files = read_folder(folder)
    documents = list(find_documents(files.programme, folder))
    check_trustees(files.programme, parameters)
    scrutineer = _scrutineer_of(files.programme, installation, keys)
    counted = count_roll(files, roll)
    public_roll = _public_roll(counted)
    people = {(member.ccg, member.practice): member for member in roll.members}
    programme = files.programme
    with transaction(desk.engine) as session:
        if find_programme(session, programme.id) is not None:
            raise Refused(Refusal.ALREADY_PREPARED, f"There is already a programme {programme.id}.")
        cites = check_files(session, files, installation.board)
        row = ProgrammeRow(
            id=programme.id,
            toml=files.toml,
            roll=public_roll,
            roll_sources=write_roll_sources(roll.sources),
            pedersen=write_json(parameters.to_json()),
            keys=write_keys(keys),
            board=installation.board,
            keys_held=" ".join(role.value for role in PEOPLE if role in installation.keys_held),
            scrutineer=scrutineer,
            cites=cites,
        )
        session.add(row)
        session.flush()
        for hash, body in {pack.sha256: body for pack, body in documents}.items():
            session.add(DocumentRow(programme_id=programme.id, sha256=hash, body=body))
        secrets: dict[str, int] = {}
        elections = [
            (ccg, locality)
            for ccg in programme.ccgs
            for locality in localities_of(member.locality for member in counted[ccg.ods][1])
        ]
        ballots = [
            _add_ballot(session, desk, files, position, *election, counted[election[0].ods], people, secrets)
            for position, election in enumerate(elections)
        ]
        write_server_keys(installation.instance, programme.id, installation.storage, secrets)
        now = at or never_before(desk.clock(), ())
        logs = {EVENTS_LOG: begin_log(session, programme.id, EVENTS_LOG, now)}
        signers: Signers = officer if isinstance(officer, SignedApart) else (officer,)
        data = _data_of(files.toml, public_roll)
        Chronicle(session, row, ballots, now, desk, logs).write(Move.PREPARED, None, data, signers)
    return programme.id


def _scrutineer_of(programme: Programme, installation: Installation, keys: Mapping[Role, PublicKey]) -> str | None:
    """The key of the scrutineer whom the programme names, in hexadecimal. Raises Refused if there is no such key."""
    if programme.scrutineer is None:
        return None
    key = installation.scrutineer
    if key is None:
        sentence = "The programme names a scrutineer, who has made no key yet: on the page Your signing key."
        raise Refused(Refusal.NOT_READY, sentence)
    if key in keys.values():
        raise Refused(Refusal.FOREIGN_KEY, "The scrutineer needs a key of their own.")
    return key.raw.hex()


def preparing_bytes(files: ProgrammeFiles, roll: Roll, at: datetime) -> bytes:
    """What the returning officer signs to prepare the ballot: the first event, which names programme file and roll."""
    data = _data_of(files.toml, _public_roll(count_roll(files, roll)))
    return ProgrammeEvent(None, 0, at, Move.PREPARED, files.programme.id, None, data, None, None, {}).signed_bytes


def _data_of(toml: bytes, public_roll: bytes) -> dict[str, Json]:
    return {"programme_toml": sha256_hex(toml), "roll": sha256_hex(public_roll)}


def _public_roll(counted: Mapping[str, tuple[Counting, list[PublicMember]]]) -> bytes:
    return write_roll(member for _, members in counted.values() for member in members)


def check_trustees(programme: Programme, parameters: ThresholdParameters) -> None:
    """Raise unless the ceremony's result is consistent and matches the programme file."""
    check_threshold_parameters(GROUP, parameters)
    found = f"{parameters.threshold} of {len(parameters.verification_keys)}"
    expected = f"{programme.trustees.threshold} of {len(programme.trustees.names)}"
    if found != expected:
        raise Refused(Refusal.TRUSTEES_DIFFER, f"The programme has {expected} trustees, but {found} made the key.")


def _add_ballot(
    session: Session,
    desk: Desk,
    files: ProgrammeFiles,
    position: int,
    ccg: Ccg,
    locality: str | None,
    counted: tuple[Counting, list[PublicMember]],
    people: Mapping[tuple[str, str], Member],
    secrets: dict[str, int],
) -> BallotRow:
    """Make the ballot of a CCG or of one locality. Its members come from the CCG's, and count as the whole CCG does."""
    counting, members = counted
    uuid, x = generate_uuid(desk.rng), 1 + desk.rng(GROUP.q - 1)
    secrets[uuid] = x
    ballot = BallotRow(
        programme_id=files.programme.id,
        position=position,
        ccg=ccg.ods,
        locality=locality,
        election_name=election_name(ccg.ods, locality),
        name=election_title(ccg.name, locality),
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
    for member in [member for member in members if member.locality == locality]:
        person = people[member.ccg, member.practice]
        row = PracticeRow(
            ballot_id=ballot.id,
            ods=member.practice,
            name=member.name if person.salt is None else member.practice,
            list_size=member.list_size,
            weight=member.weight,
            representative=person.representative if person.salt is None else person.name,
            email=person.email,
            notify=" ".join(person.notify) or None,
            salt=None if person.salt is None else person.salt.hex(),
        )
        session.add(row)
    return ballot
