"""Acts on one practice while its ballot can still be cast: strike it, change its contact, re-issue or revoke its link.

The most serious attack is to redirect a voting link. So a change of contact needs two people and the registrar; both
the old and the new address get a message; a new token for the same credential supersedes the live one in the same
transaction; and the record shows that a contact changed, without saying whose, or to what.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar

from sqlalchemy.orm import Session

from ballot.db.accepted import has_voted
from ballot.db.ballots import BallotRow
from ballot.db.letters import remove_letter
from ballot.db.practices import PracticeRow, list_practices
from ballot.db.tokens import LIVE, REVOKED, SUPERSEDED, TokenRow, append_token_lines, latest_token
from ballot.mail.messages import Change
from ballot.office.acts.act import Asks, Done, OfPractice, Using, ask, fact, named
from ballot.office.chronicle import Chronicle
from ballot.office.errors import Refusal, Refused
from ballot.office.post.outbox import queue_change, queue_contact_changed, queue_reissued
from ballot.office.sealed import counts_for
from ballot.office.situation import Situation
from ballot.protocol.canonical import Json
from ballot.protocol.hashing import Hash
from ballot.record.keys import Role, SigningKey
from ballot.record.moves import REGISTRAR, Move, ReasonCode
from ballot.record.tokens import TokenAction, TokenLine, token_hash
from ballot.registrar.issuing import sign_again
from ballot.roll.addresses import why_no_address

_LONGEST_NAME = 200
REPRESENTATIVE = ask(
    Asks.LINE,
    "Representative (optional)",
    None,
    argument="--representative",
    metavar="NAME",
    help="who votes for the {member}",
)
EMAIL = ask(Asks.LINE, "E-mail address", "Enter the e-mail address", argument="--email", metavar="ADDRESS")


@dataclass(frozen=True, slots=True)
class Strike(OfPractice):
    """Remove a practice from the eligible, and revoke its token. Possible only before it has a ballot."""

    move: ClassVar[Move] = Move.STRUCK
    name: ClassVar[str] = "strike"
    title: ClassVar[str] = "Strike {a member} off the roll"
    hint: ClassVar[str | None] = "You can strike only {a member} that has not voted"
    reasons: ClassVar[tuple[ReasonCode, ...]] = (
        ReasonCode.PRACTICE_CLOSED,
        ReasonCode.PRACTICE_MERGED,
        ReasonCode.ERROR_IN_SETUP,
        ReasonCode.REHEARSAL,
    )

    def facts(self, situation: Situation) -> Iterator[str]:
        ballot, member = situation.member(self.ccg, self.practice)
        if has_voted(situation.session, member.id):
            raise Refused(Refusal.HAS_VOTED, f"{self.practice} has already voted, so it stays on the roll.")
        yield from named([ballot])
        yield fact("{Member}", f"{member.called} ({member.ods})")
        yield fact("Its vote would have counted for", counts_for(situation.programme, ballot, member.ods))
        on_roll = sum(each.struck_at is None for each in list_practices(situation.session, ballot.id))
        yield fact("Eligible {members} in this ballot", f"{on_roll:,} now, {on_roll - 1:,} afterwards")
        yield fact("Afterwards", "The {member} cannot vote, and its voting link does not work. It cannot be put back.")

    def arguments(self, situation: Situation, ready: Any) -> dict[str, Json]:
        return {"credential": situation.member(self.ccg, self.practice)[1].credential}

    def apply(self, chronicle: Chronicle, ballot: BallotRow | None, using: Using) -> Done[None]:
        own, member = chronicle.member(self.ccg, self.practice)
        token = _current_token(chronicle.session, member)
        member.struck_at = chronicle.now
        revoked = token.hash if token.status == LIVE else None
        if revoked is not None:
            _revoke(chronicle, self.ccg, token)
        queue_change(chronicle.session, chronicle.programme, Change.STRUCK, own, chronicle.now, member)
        return Done({"credential": member.credential, "token": revoked}, None)


@dataclass(frozen=True, slots=True, repr=False)
class ChangeContact(OfPractice):
    """Change the representative or the e-mail address. Private, not shown. Weight and membership never change."""

    move: ClassVar[Move] = Move.CONTACT_CHANGED
    name: ClassVar[str] = "change-contact"
    title: ClassVar[str] = "Change {a member}'s contact, and replace its voting link"
    hint: ClassVar[str | None] = "We write to both the old and the new address. The registrar carries it out"
    needs_registrar: ClassVar[bool] = True
    reasons: ClassVar[tuple[ReasonCode, ...]] = (
        ReasonCode.CONTACT_MOVED,
        ReasonCode.MAIL_LOST,
        ReasonCode.MAIL_EXPOSED,
        ReasonCode.ERROR_IN_SETUP,
        ReasonCode.REHEARSAL,
    )
    representative: str | None = field(metadata=REPRESENTATIVE)
    email: str = field(metadata=EMAIL)

    def facts(self, situation: Situation) -> Iterator[str]:
        self._check_contact()
        ballot, member = situation.member(self.ccg, self.practice)
        if (member.representative, member.email) == (self.representative, self.email):
            raise Refused(Refusal.NOTHING_CHANGES, f"The {situation.rules.words.member.one} already has this contact.")
        if member.salt is not None and self.representative != member.representative:
            sentence = "The record commits to this person's name, which cannot change. Only the address can."
            raise Refused(Refusal.NO_ADDRESS, sentence)
        yield from named([ballot])
        yield fact("{Member}", f"{member.called} ({member.ods})")
        yield fact("Representative now", member.representative or "(none)")
        yield fact("New representative", self.representative or "(none)")
        yield fact("E-mail address now", member.email or "(none)")
        yield fact("New e-mail address", self.email)
        yield fact("Afterwards", "The link that the {member} has stops working. A new one goes to the new address.")

    def arguments(self, situation: Situation, ready: Any) -> dict[str, Json]:
        token = latest_token(situation.session, situation.member(self.ccg, self.practice)[1].id)
        if token is None or token.status != LIVE:
            raise Refused(Refusal.NO_LIVE_TOKEN, f"{self.practice} has no working voting link.")
        return {"replaces": token.hash}

    def apply(self, chronicle: Chronicle, ballot: BallotRow | None, using: Using) -> Done[None]:
        assert using.registrar is not None
        own, member = chronicle.member(self.ccg, self.practice)
        before = member.email
        old, new = _succeed_token(chronicle, own, member, using.registrar)
        member.representative, member.email = self.representative, self.email
        chronicle.session.flush()
        queue_contact_changed(chronicle.session, chronicle.programme, member, before, new.serial, chronicle.now)
        queue_reissued(chronicle.session, chronicle.programme, member, new.serial, chronicle.now)
        return Done({"token": new.hash, "replaces": old.hash}, None)

    def _check_contact(self) -> None:
        """Raise Refused unless the name is one line or None, and the address one address. Repeats neither."""
        if fault := why_no_address(self.email):
            raise Refused(Refusal.NO_ADDRESS, f"The e-mail address {fault}.")
        name = self.representative
        if name is not None and not (0 < len(name) <= _LONGEST_NAME and name.isprintable() and name == name.strip()):
            raise Refused(Refusal.NO_ADDRESS, f"The name must be one line of at most {_LONGEST_NAME} characters.")


@dataclass(frozen=True, slots=True)
class Reissue(OfPractice):
    """Give a practice a new token for the same credential. The older one stops working. Only the practice gets it."""

    move: ClassVar[Move] = Move.REISSUED
    name: ClassVar[str] = "reissue"
    title: ClassVar[str] = "Give {a member} a new link"
    people: ClassVar[frozenset[Role]] = REGISTRAR
    needs_reason: ClassVar[bool] = False

    def apply(self, chronicle: Chronicle, ballot: BallotRow | None, using: Using) -> Done[None]:
        assert using.registrar is not None
        own, member = chronicle.member(self.ccg, self.practice)
        old, new = _succeed_token(chronicle, own, member, using.registrar)
        queue_reissued(chronicle.session, chronicle.programme, member, new.serial, chronicle.now)
        return Done({"token": new.hash, "replaces": old.hash}, None)


@dataclass(frozen=True, slots=True)
class Revoke(OfPractice):
    """End the live token of a practice without giving it another."""

    move: ClassVar[Move] = Move.REVOKED
    name: ClassVar[str] = "revoke"
    title: ClassVar[str] = "Revoke {a member}'s link without a new one"
    people: ClassVar[frozenset[Role]] = REGISTRAR
    needs_reason: ClassVar[bool] = False

    def apply(self, chronicle: Chronicle, ballot: BallotRow | None, using: Using) -> Done[None]:
        token = _current_token(chronicle.session, chronicle.member(self.ccg, self.practice)[1])
        if token.status != LIVE:
            raise Refused(Refusal.NO_LIVE_TOKEN, f"The voting link of {self.practice} was already revoked.")
        _revoke(chronicle, self.ccg, token)
        return Done({"token": token.hash}, None)


def _current_token(session: Session, practice: PracticeRow) -> TokenRow:
    """The newest token of a practice, live or revoked."""
    token = latest_token(session, practice.id)
    if token is None:
        raise Refused(Refusal.NOT_ISSUED, f"{practice.ods} has no voting link yet.")
    return token


def _revoke(chronicle: Chronicle, ccg: str, token: TokenRow) -> None:
    token.status, token.ended_at = REVOKED, chronicle.now
    remove_letter(chronicle.session, token.practice_id)
    line = TokenLine(ccg, TokenAction.REVOKED, Hash(token.hash))
    append_token_lines(chronicle.session, chronicle.programme.id, [line.to_bytes()])


def _succeed_token(
    chronicle: Chronicle, ballot: BallotRow, member: PracticeRow, registrar: SigningKey
) -> tuple[TokenRow, TokenRow]:
    """Replace the live token by one of the next serial for the same credential. Returns the old and the new token.

    Raises: Refused, if the practice has no live token. A revoked token cannot be replaced.
    """
    session, now = chronicle.session, chronicle.now
    old = _current_token(session, member)
    if old.status != LIVE:
        raise Refused(Refusal.NO_LIVE_TOKEN, f"The voting link of {member.ods} was revoked and cannot be replaced.")
    place = (chronicle.programme.id, ballot.ccg, member.ods, member.credential or "")
    serial = old.serial + 1
    hash = token_hash(sign_again(*place, serial, old.expires_at, registrar))
    old.status, old.ended_at = SUPERSEDED, now
    remove_letter(session, member.id)
    session.flush()
    new = TokenRow(
        practice_id=member.id, serial=serial, hash=hash, status=LIVE, issued_at=now, expires_at=old.expires_at
    )
    session.add(new)
    line = TokenLine(ballot.ccg, TokenAction.REISSUED, hash, Hash(old.hash))
    append_token_lines(session, chronicle.programme.id, [line.to_bytes()])
    return old, new
