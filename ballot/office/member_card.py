"""One member practice as the office sees it: how to reach it, whether its link works, what was sent. Reads only."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import Engine

from ballot.db.ballots import list_ballots_of
from ballot.db.practices import find_practice
from ballot.db.session import reading
from ballot.db.tokens import LIVE, latest_token
from ballot.office.dispatch import Mend, dispatch, without_who_voted
from ballot.office.errors import Refusal, Refused
from ballot.office.outbox import Posted


@dataclass(frozen=True, slots=True)
class MemberCard:
    """Messages that tell whether the practice has voted are in it only for those who see that."""

    ccg: str
    ballot: str
    practice: str
    name: str
    representative: str | None = field(repr=False)
    email: str | None = field(repr=False)
    is_struck: bool
    link: str | None
    """Of its newest link: live, revoked, superseded; None where none was issued."""
    issues: int
    """How many links it was given, the first one too."""
    posted: tuple[Posted, ...]
    mends: tuple[Mend, ...]

    @property
    def has_live_link(self) -> bool:
        return self.link == LIVE and not self.is_struck


def member_card(engine: Engine, programme_id: str, ccg: str, practice: str, sees_who_voted: bool = False) -> MemberCard:
    """That practice of that CCG, and no other; raises Refused where there is none."""
    with reading(engine) as session:
        for ballot in list_ballots_of(session, programme_id, ccg):
            member = find_practice(session, ballot.id, practice)
            if member is None:
                continue
            token = latest_token(session, member.id)
            about = (ccg, ballot.name, member.ods, member.name, member.representative, member.email)
            struck = member.struck_at is not None
            break
        else:
            raise Refused(Refusal.NO_SUCH_PRACTICE, f"{practice} is not a member of {ccg}.")
    found = dispatch(engine, programme_id)
    shown = found.posted if sees_who_voted else without_who_voted(found.posted)
    return MemberCard(
        *about,
        struck,
        None if token is None else token.status,
        0 if token is None else token.serial,
        tuple(one for one in shown if (one.ccg, one.practice) == (ccg, practice)),
        tuple(one for one in found.mends if (one.ccg, one.practice) == (ccg, practice) and one.posted in shown),
    )
