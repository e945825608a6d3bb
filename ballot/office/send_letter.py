"""Give one practice its voting link on paper: the letter is made, and it is noted that a link left the office."""

from __future__ import annotations

from ballot.db.ballots import list_ballots_of
from ballot.db.programmes import find_programme
from ballot.db.session import reading, transaction
from ballot.office.activity import Downloaded, Place, Who, note_act
from ballot.office.desk import Desk
from ballot.office.errors import Refusal, Refused
from ballot.office.letters import letter
from ballot.office.links import PracticeLink
from ballot.office.sealed import counts_for, read_programme


def make_letter(desk: Desk, programme_id: str, link: PracticeLink, base: str, help_desk: str, who: Who) -> bytes:
    """The PDF, a secret; raises Refused before the ballot is sealed."""
    with reading(desk.engine) as session:
        row = find_programme(session, programme_id)
        ballots = list_ballots_of(session, programme_id, link.ccg)
        if row is None or row.fingerprint is None:
            raise Refused(Refusal.WRONG_STATE, "You can make letters only after the ballot is sealed.")
        words = counts_for(row, ballots[0], link.practice)  # all elections of a CCG are counted in the same way
    closes_at, now = max(ballot.closes_at for ballot in ballots), desk.clock()
    data = letter(read_programme(row.toml), link, base, help_desk, row.fingerprint, words, closes_at, now)
    with transaction(desk.engine) as session:
        note_act(session, now, who, Downloaded("letters"), Place(programme_id, link.ccg))
    return data


def one_link(links: list[PracticeLink], ccg: str | None, practice: str) -> PracticeLink:
    """The link of exactly this practice, in this CCG where one is named; raises Refused where it has none."""
    found = [link for link in links if link.practice == practice and ccg in (None, link.ccg)]
    if len(found) != 1:
        sentence = f"{practice} has no working voting link: not a member, struck, revoked or not issued."
        raise Refused(Refusal.NO_LIVE_TOKEN, sentence)
    return found[0]
