"""Voting links, while the registrar's key and the vault are open: for e-mails, and for a letter on paper.

A link contains the live token, signed again, and the private credential from the vault. Signing again for every
practice is slow, so links are cached. A cached link is used only if the hash of its token is the live one at that
moment; after a re-issue it is not, and all links are made again. A letter shows the link as a QR code and in
characters. It is a secret: it is written only to a private file, and the log notes that a link left the office.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from ballot.constitution.programme import Programme
from ballot.db.activity import ActivityFilter, list_activity
from ballot.db.ballots import list_ballots, list_ballots_of
from ballot.db.practices import find_practice, list_practices
from ballot.db.programmes import find_programme
from ballot.db.session import reading, transaction
from ballot.db.tokens import LIVE, latest_token
from ballot.office.activity import ActPlace, Downloaded, LetterHandedOver, Who, note_act
from ballot.office.desk import Clock, Desk
from ballot.office.errors import Refusal, Refused
from ballot.office.lifecycle import State
from ballot.office.post.compose import documents_of
from ballot.office.sealed import counts_for, read_programme
from ballot.pdf.document import Document
from ballot.pdf.qr import qr_svg
from ballot.protocol.canonical import parse_json
from ballot.protocol.credentials import PrivateCredential
from ballot.record.keys import SigningKey
from ballot.record.times import utc_time, wall_time
from ballot.record.tokens import token_hash
from ballot.registrar.issuing import sign_again, voting_link
from ballot.registrar.vault import VaultEntry


@dataclass(frozen=True, slots=True)
class PracticeLink:
    """One practice's link to its ballot. The token and the credential are secrets."""

    programme: str
    ccg: str
    practice: str
    name: str
    representative: str | None
    email: str | None
    token: str = field(repr=False)
    credential: PrivateCredential = field(repr=False)

    def url(self, base: str) -> str:
        """The link as a URL. `base` looks like https://vote.example.org."""
        return voting_link(base, self.programme, self.ccg, self.token, self.credential)


def practice_links(
    engine: Engine, programme_id: str, registrar: SigningKey, vault: Mapping[str, VaultEntry]
) -> list[PracticeLink]:
    """A link for every practice that has a live token, by CCG and then by locality.

    Raises: Refused, if the vault lacks a credential, or this key did not sign the tokens.
    """
    links = []
    with reading(engine) as session:
        for ballot in list_ballots(session, programme_id):
            for practice in list_practices(session, ballot.id):
                row = latest_token(session, practice.id)
                if row is None or row.status != LIVE or practice.credential is None:
                    continue
                place = (programme_id, ballot.ccg, practice.ods)
                token = sign_again(*place, practice.credential, row.serial, row.expires_at, registrar)
                if token_hash(token) != row.hash:
                    raise Refused(Refusal.FOREIGN_KEY, "This is not the registrar's key that signed the tokens.")
                entry = vault.get(practice.credential)
                if entry is None:
                    raise Refused(Refusal.NOT_ISSUED, f"The vault has no credential of {practice.ods}.")
                people = (practice.name, practice.representative, practice.email)
                links.append(PracticeLink(*place, *people, token, entry.credential))
    return links


class VotingLinks:
    """The voting links while the registrar is unlocked."""

    def __init__(self, engine: Engine, registrar: SigningKey, vault: Mapping[str, VaultEntry]) -> None:
        self._engine = engine
        self._registrar = registrar
        self._vault = vault
        self._known: dict[str, PracticeLink] = {}

    def of(self, session: Session, programme_id: str, practice_id: int) -> PracticeLink | None:
        """The link of a practice's live token, or None if it has none. Raises Refused for a wrong key or vault."""
        token = latest_token(session, practice_id)
        if token is None or token.status != LIVE:
            return None
        if token.hash not in self._known:
            links = practice_links(self._engine, programme_id, self._registrar, self._vault)
            self._known |= {token_hash(link.token): link for link in links}
        return self._known.get(token.hash)


_CODE = 60
"""The side of the QR code with its quiet zone, in millimetres."""

_HOW = (
    "To vote, point the camera of a telephone at this code, or type the address below it into a browser. Anyone who "
    "has this letter can vote for your practice. Keep it safe, and destroy it once you have voted."
)


def letter_pdf(
    programme: Programme,
    link: PracticeLink,
    base: str,
    help_desk: str,
    fingerprint: str,
    counts_for: str,
    closes_at: datetime,
    now: datetime,
) -> bytes:
    """Draw the letter as a PDF. `help_desk` is whom to ask; `counts_for` and `closes_at` are its ballot's."""
    url = link.url(base)
    document = Document("Your practice's vote", now)
    if programme.rehearsal:
        document.warn("REHEARSAL: no decision follows from it.")
    document.say(f"{link.representative or 'The representative'}\n{link.name} ({link.practice})", after=8)
    document.heading(programme.name, 1)
    for question in programme.questions:
        document.say(question.text)
    for paper in documents_of(programme):
        document.say(f"Before you vote, read {paper.name}: {paper.where}.")
    document.say(f"Voting closes at {wall_time(closes_at)} ({utc_time(closes_at)}).", bold=True)
    document.say(
        f"Your practice's vote counts for {counts_for}. If the voting page says anything else, do not vote. Tell us."
    )
    document.say(_HOW)
    document.picture(qr_svg(url), "QR code of the address below", _CODE)
    document.code(url, 10)
    document.say(f"Programme fingerprint, which is also on the public board: {fingerprint}", 9)
    document.say(f"If you need help, ask the help desk: {help_desk}")
    return document.to_pdf()


def make_letter(desk: Desk, programme_id: str, link: PracticeLink, base: str, help_desk: str, who: Who) -> bytes:
    """Make the letter of one link as a PDF, which is a secret. Raises Refused before the ballot is sealed."""
    with reading(desk.engine) as session:
        row = find_programme(session, programme_id)
        ballots = list_ballots_of(session, programme_id, link.ccg)
        if row is None or row.fingerprint is None:
            raise Refused(Refusal.WRONG_STATE, "You can make letters only after the ballot is sealed.")
        words = counts_for(row, ballots[0], link.practice)  # every election of a CCG is counted in the same way
    closes_at, now = max(ballot.closes_at for ballot in ballots), desk.clock()
    data = letter_pdf(read_programme(row.toml), link, base, help_desk, row.fingerprint, words, closes_at, now)
    with transaction(desk.engine) as session:
        note_act(session, now, who, Downloaded("letters", link.practice), ActPlace(programme_id, link.ccg))
    return data


@dataclass(frozen=True, slots=True)
class LetterNote:
    """That an officer noted a letter as handed over: when, and who did."""

    at: datetime
    by: str


def note_letter(engine: Engine, clock: Clock, programme_id: str, ccg: str, practice: str, who: Who) -> None:
    """Note that a practice has its letter. Raises Refused if it has no working link, so that no letter can work."""
    with transaction(engine) as session:
        for ballot in list_ballots_of(session, programme_id, ccg):
            member = find_practice(session, ballot.id, practice)
            token = None if member is None or member.struck_at is not None else latest_token(session, member.id)
            if token is not None and token.status == LIVE and ballot.state != State.DRAFT.value:
                note_act(session, clock(), who, LetterHandedOver(practice), ActPlace(programme_id, ccg))
                return
    raise Refused(Refusal.NO_LIVE_TOKEN, f"{practice} of {ccg} has no working voting link, so no letter of it works.")


def letter_notes(session: Session, programme_id: str) -> dict[tuple[str, str], LetterNote]:
    """The newest note of a letter of each practice, by CCG and practice code."""
    entries = list_activity(session, ActivityFilter(act=LetterHandedOver.act, programme=programme_id))
    return {
        (entry.ccg or "", parse_json(entry.details.encode())["practice"]): LetterNote(entry.time, entry.actor)
        for entry in reversed(entries)
    }


def one_link(links: list[PracticeLink], ccg: str | None, practice: str) -> PracticeLink:
    """The link of exactly this practice, in this CCG if one is given. Raises Refused if it has none."""
    found = [link for link in links if link.practice == practice and ccg in (None, link.ccg)]
    if len(found) != 1:
        sentence = f"{practice} has no working voting link: not a member, struck, revoked or not issued."
        raise Refused(Refusal.NO_LIVE_TOKEN, sentence)
    return found[0]
