"""A voting link on paper: a QR code with the whole link; and for typing, a short address and a code.

    code     26 characters of Crockford's alphabet, 130 random bits, and one character that checks the others
    id       HKDF-SHA256(code, info "ballot letter id v1"), 32 bytes; the server finds the letter by it
    key      HKDF-SHA256(code, info "ballot letter key v1"), 32 bytes
    sealed   a nonce of 12 bytes, then AES-256-GCM(key, nonce, token.credential)

HKDF has no salt, and its input is the code's 26 characters without the check. The server keeps id and sealed, never the
code. The voting page derives both from what is typed, sends the id alone, and opens what it gets: `protocol.js` mirrors
`letter_keys`. A practice has one letter: a newer one replaces it, and it goes with the token that it holds.

A letter is a secret: it is written only to a private file, and the log notes that it left the office.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from ballot.constitution.programme import Programme
from ballot.db.activity import ActivityFilter, list_activity
from ballot.db.ballots import list_ballots_of
from ballot.db.letters import LetterRow, replace_letter
from ballot.db.practices import find_practice
from ballot.db.programmes import find_programme
from ballot.db.session import reading, transaction
from ballot.db.tokens import LIVE, find_token, latest_token
from ballot.office.activity import ActPlace, Downloaded, LetterHandedOver, Who, note_act
from ballot.office.desk import Clock, Desk
from ballot.office.errors import Refusal, Refused
from ballot.office.lifecycle import State
from ballot.office.post.compose import documents_of
from ballot.office.post.voting_links import PracticeLink
from ballot.office.sealed import counts_for, read_programme
from ballot.office.staff.codes import ALPHABET, draw_letters, grouped
from ballot.office.staff.sessions import Draw
from ballot.pdf.document import Document
from ballot.pdf.qr import qr_svg
from ballot.protocol.canonical import parse_json
from ballot.record.times import utc_time, wall_time
from ballot.record.tokens import token_hash

LETTER_CODE = 26
_GROUP = 5
_NONCE = 12
_ID, _KEY = b"ballot letter id v1", b"ballot letter key v1"

_SIDE = 60
"""The side of the QR code with its quiet zone, in millimetres."""

_HOW = (
    "Anyone who has this letter can vote for your {}. Keep it safe, and destroy it once you have voted. "
    "There are two ways to open the voting page. Choose either."
)
_POINT = "1. Point the camera of a telephone at this picture:"
_TYPE = "2. On a computer, type this address into the address bar of a browser:"
_THEN = (
    "The page asks for your code. Type the one below into its box, never into the address bar. Hyphens, spaces and "
    "capitals do not matter. It has the digits 0 and 1, and no letter O, I or L."
)


def new_letter_code(draw: Draw) -> str:
    """Draw the code of a letter, without its check character."""
    return draw_letters(draw, LETTER_CODE)


def printed(code: str) -> str:
    """The code as a letter shows it: with its check character, in groups."""
    return grouped(code + check_character(code), _GROUP)


def check_character(code: str) -> str:
    """Luhn's algorithm modulo 32: tells of every single wrong character, and of nearly all that changed places."""
    total = 0
    for place, character in enumerate(reversed(code)):
        value = ALPHABET.index(character) * (1 if place % 2 else 2)
        total += value // 32 + value % 32
    return ALPHABET[-total % 32]


def letter_keys(code: str) -> tuple[str, bytes]:
    """The id in hexadecimal, and the key, which is a secret."""
    id, key = (HKDF(SHA256(), 32, salt=None, info=info).derive(code.encode("ascii")) for info in (_ID, _KEY))
    return id.hex(), key


def seal_letter(key: bytes, voting_code: str, draw: Draw) -> bytes:
    """What the server keeps: the voting code under a letter's key, which is used this once."""
    nonce = draw(_NONCE)
    return nonce + AESGCM(key).encrypt(nonce, voting_code.encode("ascii"), None)


def letter_pdf(
    programme: Programme,
    link: PracticeLink,
    code: str,
    base: str,
    help_desk: str,
    fingerprint: str,
    counts_for: str,
    closes_at: datetime,
    now: datetime,
) -> bytes:
    """Draw the letter as a PDF. `help_desk` is whom to ask; `counts_for` and `closes_at` are its ballot's."""
    member = programme.words.member.one
    document = Document(f"Your {member}'s vote", now)
    if programme.rehearsal:
        document.warn("REHEARSAL: no decision follows from it.")
    to = f"{link.name} ({link.practice})"
    if link.representative != link.name:  # A person is both
        to = f"{link.representative or 'The representative'}\n{to}"
    document.say(to, after=8)
    document.heading(programme.name, 1)
    for question in programme.questions:
        document.say(question.text)
    for paper in documents_of(programme):
        document.say(f"Before you vote, read {paper.name}: {paper.where}.")
    document.say(f"Voting closes at {wall_time(closes_at)} ({utc_time(closes_at)}).", bold=True)
    document.say(
        f"Your {member}'s vote counts for {counts_for}. If the voting page says anything else, do not vote. Tell us."
    )
    document.say(_HOW.format(member))
    document.say(_POINT, bold=True)
    document.picture(qr_svg(link.url(base)), "QR code of your voting link", _SIDE)
    document.say(_TYPE, bold=True)
    document.code(link.page(base).removeprefix("https://"), 12)
    document.say(_THEN)
    document.code(printed(code), 14)
    document.say(f"Programme fingerprint, which is also on the public board: {fingerprint}", 9)
    document.say(f"If you need help, ask the help desk: {help_desk}")
    return document.to_pdf()


def make_letter(desk: Desk, programme_id: str, link: PracticeLink, base: str, help_desk: str, who: Who) -> bytes:
    """Make the letter of one link as a PDF, which is a secret. It replaces the practice's older letter.

    Raises: Refused, before the ballot is sealed, or if the link stopped working in the meantime.
    """
    with reading(desk.engine) as session:
        row = find_programme(session, programme_id)
        ballots = list_ballots_of(session, programme_id, link.ccg)
        if row is None or row.fingerprint is None:
            raise Refused(Refusal.WRONG_STATE, "You can make letters only after the ballot is sealed.")
        words = counts_for(row, ballots[0], link.practice)  # every election of a CCG is counted in the same way
    closes_at, now = max(ballot.closes_at for ballot in ballots), desk.clock()
    code = new_letter_code(secrets.token_bytes)
    programme, fingerprint = read_programme(row.toml), row.fingerprint
    data = letter_pdf(programme, link, code, base, help_desk, fingerprint, words, closes_at, now)
    id, key = letter_keys(code)
    sealed = seal_letter(key, link.code(), secrets.token_bytes)
    with transaction(desk.engine) as session:
        found = find_token(session, token_hash(link.token))
        if found is not None:
            session.refresh(found[0], with_for_update=True)  # no one may end it, or make another letter, meanwhile
        if found is None or found[0].status != LIVE:
            raise Refused(Refusal.NO_LIVE_TOKEN, f"The link of {link.practice} was replaced just now. Try again.")
        replace_letter(session, LetterRow(practice_id=found[1].id, lookup=id, sealed=sealed, made_at=now))
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
