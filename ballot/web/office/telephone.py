"""What to say on the telephone to a practice, and what was sent to it: true for its state, and never a secret.

Whoever answers has no link, no code and no vote, and needs none. The sentences name the address of the practice, so
only those who may see it get them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from ballot.constitution.words import Words
from ballot.db.tokens import REVOKED, SUPERSEDED
from ballot.mail.states import DUE, UNDELIVERED, DeliveryState
from ballot.office.lifecycle import State
from ballot.office.post.send import WAITS
from ballot.office.practices import MemberCard
from ballot.record.times import wall_time
from ballot.web.board.words import Label
from ballot.web.office.words import MAIL_KINDS, MAIL_STATES, why_unsent

LOOK = "Please look in the folders for junk and quarantine too."


@dataclass(frozen=True, slots=True)
class Advice:
    """Something that can be done for a practice: what it does, what to say, or why it cannot be done."""

    title: str
    does: str
    say: tuple[str, ...]
    why_not: str | None


def where_it_stands(card: MemberCard, words: Words) -> tuple[str, ...]:
    """What to say first: whether the practice can vote, and what became of its link."""
    return (*_of_ballot(card, words), *_of_vote(card, words), *_of_link(card, words))


def _of_ballot(card: MemberCard, words: Words) -> Iterator[str]:
    member = words.member.one
    if card.is_struck:
        yield f"Your {member} was struck off the roll of this vote, and cannot vote. If that is a mistake, tell me now."
        return
    match card.state:
        case State.DRAFT:
            yield "This ballot is being prepared. Your link comes later, by e-mail or by letter."
        case State.SEALED:
            yield f"Voting opens at {wall_time(card.opens_at)}, and closes at {wall_time(card.closes_at)}."
        case State.OPEN:
            yield f"Voting is open. It closes at {wall_time(card.closes_at)}."
        case State.ABANDONED:
            yield "This ballot was abandoned, and no vote in it is counted. Another vote brings a new invitation."
        case _:
            yield f"Voting closed at {wall_time(card.closes_at)}. No one can vote any more."


def _of_vote(card: MemberCard, words: Words) -> Iterator[str]:
    if card.is_struck or card.state in (State.DRAFT, State.SEALED, State.ABANDONED):
        return
    member = words.member.one
    if not card.sees_who_voted:
        yield (
            f"I cannot see whether your {member} has voted. If it has, its receipt says so. The receipt is by e-mail, "
            "and was on the page after voting."
        )
    elif card.voted_at is None:
        yield f"We have no vote from your {member}."
    else:
        yield f"We accepted a vote from your {member} at {wall_time(card.voted_at)}. No one here can see how it voted."
        if card.is_final:
            yield "The first vote is final. It cannot be changed."
        elif card.state is State.OPEN:
            yield "You can vote again until voting closes. Only the last vote counts."


def _of_link(card: MemberCard, words: Words) -> Iterator[str]:
    if card.is_struck or card.state not in (State.SEALED, State.OPEN):
        return
    if card.link == REVOKED:
        yield "Your voting link was revoked. It does not work, and cannot be replaced."
        return
    sent = card.sent_link
    if card.letter is not None:
        yield f"A letter with your voting link was handed over or posted on {wall_time(card.letter.at)}."
    if sent is None or sent.at is None:
        if card.email is None:
            yield f"We have no e-mail address for your {words.member.one}, so we sent no link by e-mail."
        else:
            yield "We have not sent your voting link by e-mail yet."
        return
    at = wall_time(sent.at)
    match sent.state:
        case DeliveryState.SENT:
            yield f"Your link was sent to {sent.to} at {at}, and no report says that it failed."
            yield LOOK
        case DeliveryState.DELIVERED:
            yield f"Your link was delivered to {sent.to} at {at}."
            yield LOOK
        case state if state in UNDELIVERED:
            yield f"The message with your link to {sent.to} did not arrive. We know this since {at}."
        case state if state in DUE and sent.answer == WAITS:
            yield f"The message with your link to {sent.to} has not left yet. A colleague must unlock sending first."
        case state if state in DUE:
            yield f"The message with your link to {sent.to} is on its way. We try again by ourselves."


def three_things(card: MemberCard, words: Words, *, unlocked: bool) -> dict[str, Advice]:
    """Send the link again, correct the contact, or replace the link, each for the practice's state."""
    return {
        "again": _again(card, unlocked=unlocked),
        "contact": _contact(card, words),
        "new": _new(card, words),
    }


def _why_no_link(card: MemberCard) -> str | None:
    if card.is_struck:
        return "It was struck off the roll, and has no vote."
    if card.state is State.DRAFT:
        return "The ballot is not sealed yet."
    if card.state not in (State.SEALED, State.OPEN):
        return "Voting is over."
    if not card.has_live_link:
        return "Its link was revoked, and cannot be replaced." if card.link else "It has no link yet."
    return None


def _again(card: MemberCard, *, unlocked: bool) -> Advice:
    why, sent = _why_no_link(card), card.sent_link
    if why is None and card.voted_at is not None and card.is_final:
        why = "It has voted, and the first vote is final: it needs no link."
    elif why is None and card.email is None:
        why = "It has no e-mail address. Correct its contact, or have a letter printed."
    elif why is None and sent is not None and sent.state in DUE:
        why = "An e-mail with its link is waiting to be sent. It goes out by itself."
    soon = (
        "It can take a few minutes."
        if unlocked
        else "It leaves as soon as a colleague has unlocked sending. I cannot say yet when that is."
    )
    arrived = sent is not None and sent.state not in UNDELIVERED
    say = (
        f"I am sending your link again, to {card.email} only. {soon}",
        "It is the same link, so the earlier message works too. If you find neither, call again."
        if arrived
        else "If it does not come, call again. Then we find another way.",
    )
    does = (
        "Its present link goes to its present address once more. No link stops working, and the message is a new one."
    )
    return Advice("Send the link again", does, say, why)


def _contact(card: MemberCard, words: Words) -> Advice:
    member = words.member.one
    why = _why_no_link(card)
    say = [
        "Please spell the new name and address. I read them back to you.",
        f"I call you back on a number of the {member} that we had before. Nothing is changed until then.",
        "Two of us check the change. We write to both the old and the new address.",
        "When it is made, the link that you have stops working.",
    ]
    if card.voted_at is not None and card.is_final:
        say.append("Your vote stays as it is, so you get no new link. The result goes to the new address.")
    elif card.voted_at is not None:
        say.append("A new link goes to the new address only. Your vote stays as it is, unless you vote again.")
    elif card.sees_who_voted:
        say.append("A new link goes to the new address only.")
    else:
        say.append(
            "If you can still vote, a new link goes to the new address only. A vote that was cast stays as it is."
        )
    does = "Two officers and the registrar change it. The old link stops working."
    return Advice("Correct the address or the representative", does, tuple(say), why)


def _new(card: MemberCard, words: Words) -> Advice:
    why = _why_no_link(card)
    say = ["The link that you have stops working at once, for you and for anyone who has seen it."]
    if card.email is None:
        say.append("The new link comes by letter, because we have no e-mail address for you.")
    elif card.voted_at is not None and card.is_final:
        say.append("Your vote is final and stays as it is, so you get no new link.")
    else:
        say.append(f"The new link goes to {card.email} only.")
        if card.is_final and not card.sees_who_voted:
            say.append(f"If your {words.member.one} has voted, it gets none: a vote is final.")
    if card.voted_at is None or not card.is_final:
        say.append(
            "If someone else has voted with the old link, tell me: a new link cannot undo a final vote."
            if card.is_final
            else "If someone else has voted with the old link, vote again with the new one: only the last vote counts."
        )
    else:
        say.append(f"If that vote was not cast by your {words.member.one}, tell me now. A new link cannot undo it.")
    does = "For a link that someone else may have seen. The registrar replaces it at once."
    return Advice("Replace a link that may be exposed", does, tuple(say), why)


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of what was sent to a practice, and what became of it."""

    at: datetime
    what: str
    how: str
    """The channel, and the address if there is one."""
    label: Label
    why: str


_ENDS = {SUPERSEDED: Label("Replaced", "grey"), REVOKED: Label("Revoked", "red")}


def history(card: MemberCard) -> list[Happening]:
    """E-mails, letters and links of a practice, the newest first. Leaves out what its viewer may not see."""
    found = []
    for one in card.posted:
        if one.kind is not None and one.at is not None:
            to = f"By e-mail to {one.to}{'' if one.is_present else ' (an earlier address)'}"
            found.append(Happening(one.at, MAIL_KINDS[one.kind], to, MAIL_STATES[one.state], why_unsent(one)))
    for link in card.links:
        name = f"Voting link {link.number}"
        found.append(Happening(link.issued_at, name, "Made by the registrar", Label("Issued", "blue"), ""))
        if link.ended_at is not None:
            found.append(Happening(link.ended_at, name, "It stopped working", _ENDS[link.status], ""))
    if card.letter is not None:
        label = Label("Handed over or posted", "green")
        found.append(Happening(card.letter.at, "Letter", "On paper", label, f"Noted by {card.letter.by}"))
    return sorted(found, key=lambda each: each.at, reverse=True)
