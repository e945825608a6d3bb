"""The contents of the ceremony's pages: each trustee's progress, and the totals to decrypt."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine

from ballot.constitution.errors import ConstitutionError
from ballot.db.ballots import list_ballots
from ballot.db.practices import practices_by_ballot
from ballot.db.programmes import find_programme
from ballot.db.session import reading
from ballot.db.shares import list_shares
from ballot.office.errors import Refused
from ballot.office.lifecycle import State
from ballot.office.sealed import read_programme
from ballot.office.setup.ceremony import Ceremony, Step
from ballot.office.setup.draft import open_draft
from ballot.office.setup.trial_decryption import without_trial_decryption
from ballot.office.situation import still_voting
from ballot.office.staff.accounts import seated
from ballot.office.tally import SERVER
from ballot.protocol.trustees import ThresholdParameters
from ballot.web.board.words import Label

STEPS = {
    Step.CERTIFICATE: "Certificate",
    Step.POLYNOMIAL: "Parts sent to the others",
    Step.VOUTPUT: "Share of the key",
    Step.TRIAL_DECRYPTION: "Trial decryption",
}
"""The columns of the progress page."""


@dataclass(frozen=True, slots=True)
class TrusteeRow:
    """One trustee: the position, the name, the account's name if there is one, and when each step was done."""

    number: int
    name: str
    account: str | None
    done: tuple[datetime | None, ...]


@dataclass(frozen=True, slots=True)
class ElectionToDecrypt:
    """A closed election: the shares received, and how many more are needed."""

    election: str
    name: str
    state: State
    given: tuple[str, ...]
    mine: bool
    needed: int
    struck: int
    """How many practices were struck off its roll after sealing."""
    still_voting: tuple[str, ...]
    """The elections for whose closing this total waits: all are counted together."""
    unrecorded: tuple[str, ...]
    """Those whose time is over, but whose closing is not recorded yet: this total waits for them too."""

    @property
    def waits(self) -> bool:
        """Whether it waits for this trustee's share."""
        return self.state is State.CLOSED and not self.mine and not self.still_voting and not self.unrecorded

    @property
    def label(self) -> Label:
        if self.state is not State.CLOSED:
            return Label("Counted", "green")
        if self.still_voting:
            return Label("Waiting for all ballots to close", "grey")
        if self.unrecorded:
            return Label("Waiting until the closing is recorded", "grey")
        return Label("We have your share", "blue") if self.mine else Label("Waiting for your share", "yellow")


def progress(engine: Engine, ceremony: Ceremony, parameters: ThresholdParameters | None) -> list[TrusteeRow]:
    """The trustees' progress. A trial decryption counts only with the current key."""
    accounts = seated(engine, ceremony.programme_id)
    with reading(engine) as session:
        missing = set(ceremony.numbers)
        if parameters is not None:
            missing = set(without_trial_decryption(session, ceremony.programme_id, parameters))

    def when(step: Step, number: int) -> datetime | None:
        given = ceremony.parts.get((step, number))
        return None if given is None or (step is Step.TRIAL_DECRYPTION and number in missing) else given.at

    return [
        TrusteeRow(number, ceremony.name(number), accounts.get(number), tuple(when(step, number) for step in STEPS))
        for number in ceremony.numbers
    ]


def counts(engine: Engine, programme_id: str, number: int, now: datetime) -> list[ElectionToDecrypt]:
    """Every closed or counted election of the programme, as trustee `number` sees it."""
    with reading(engine) as session:
        row = find_programme(session, programme_id)
        if row is None:
            return []
        programme, ballots = read_programme(row.toml), list_ballots(session, programme_id)
        trustees, found = programme.trustees, []
        practices = practices_by_ballot(session, programme_id)
        waits_for = still_voting(programme, ballots)
        voting = tuple(ballot.name for ballot in waits_for if ballot.closes_at > now)
        unrecorded = tuple(ballot.name for ballot in waits_for if ballot.closes_at <= now)
        for ballot in ballots:
            if State(ballot.state) in (State.CLOSED, State.TALLIED, State.DECLARED):
                owners = [share.owner for share in list_shares(session, ballot.id) if share.owner != SERVER]
                given = tuple(trustees.names[owner - 2] for owner in owners)
                needed = max(0, trustees.threshold - len(owners))
                name, state = ballot.election_name, State(ballot.state)
                struck = sum(each.struck_at is not None for each in practices.get(ballot.id, []))
                mine = number + 1 in owners
                found.append(
                    ElectionToDecrypt(name, ballot.name, state, given, mine, needed, struck, voting, unrecorded)
                )
        return found


def unrecorded_closings(engine: Engine, programme_id: str, now: datetime) -> list[str]:
    """The ballots whose time is over, but whose closing is not recorded yet. Nothing of them can be decrypted."""
    with reading(engine) as session:
        return [
            ballot.name
            for ballot in list_ballots(session, programme_id)
            if State(ballot.state) in (State.SEALED, State.OPEN) and ballot.closes_at <= now
        ]


def grouped(fingerprint: str) -> tuple[str, ...]:
    """A fingerprint in groups of four, for reading aloud."""
    return tuple(fingerprint[i : i + 4] for i in range(0, len(fingerprint), 4))


def name_of(programmes: Path, id: str) -> str:
    """The name of a ballot; its id if its folder is gone or does not say."""
    try:
        return str(open_draft(programmes, id).programme().values.get("name") or id)
    except (Refused, ConstitutionError):
        return id


def whom_we_tell(told: list[str], untold: list[str]) -> list[str]:
    """Who is told by e-mail that the ceremony begins again, and who is not, in sentences."""
    return [
        *([f"We tell these trustees by e-mail: {', '.join(told)}."] if told else []),
        *([f"We cannot tell these trustees by e-mail. Tell them yourself: {', '.join(untold)}."] if untold else []),
    ]
