"""The states of a message, and why it is in one. The table holds every step there is.

Nothing is ever removed from the outbox: a message that did not arrive is a state that people can see.

When our own mail server refuses a recipient for good, it is our fault if the server does not let us send at all: no
relaying, no login, a sender or a machine that it does not accept. Every other message would be refused too, so the
address is not to blame. If the words say that there is no such mailbox, it is the address. Otherwise the enhanced
status code (RFC 3463) decides, and the words only where it says nothing.

| code                        | whose fault                                                                            |
|-----------------------------|----------------------------------------------------------------------------------------|
| 5.7.x                       | ours: policy, relaying, authentication                                                 |
| 5.1.7, 5.1.8                | ours: the sender's address                                                             |
| 5.5.1 to 5.5.9              | ours: what we sent to the server                                                       |
| 5.0.x, 5.3.x, 5.5.0         | unclear: servers use it for anything                                                   |
| any other 5.x.x             | the address: no such mailbox, no such domain, full, moved                              |
| none, but 500-504, 530-538  | ours: a command that was not accepted, a login that is missing                         |
| none of these               | ours if the words say relaying, authentication or a refused sender; else the address   |

A server's answer is cut to one short line before it is stored and shown. A server may quote what it refuses, which may
be a voting link. So anything that looks like a link is removed, and so is every secret of the message.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import Enum


class DeliveryState(Enum):
    """The state of a message. `SENT`: the channel accepted it. `DELIVERED`: the channel says that it arrived."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DEFERRED = "deferred"
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    FAILED = "failed"
    """Given up after the last attempt."""
    DROPPED = "dropped"
    """No longer needed at its turn: the practice has voted or was struck, or the ballot has ended."""


_S = DeliveryState
TABLE: dict[DeliveryState, frozenset[DeliveryState]] = {
    _S.QUEUED: frozenset({_S.SENDING}),
    _S.SENDING: frozenset({_S.SENDING, _S.SENT, _S.DEFERRED, _S.BOUNCED, _S.FAILED, _S.DROPPED, _S.DELIVERED}),
    _S.DEFERRED: frozenset({_S.SENDING, _S.BOUNCED, _S.DELIVERED}),
    _S.SENT: frozenset({_S.DELIVERED, _S.BOUNCED}),
    _S.DELIVERED: frozenset({_S.BOUNCED}),  # a mail server may accept a message and return it later
    _S.BOUNCED: frozenset({_S.QUEUED, _S.DELIVERED}),
    _S.FAILED: frozenset({_S.QUEUED, _S.DELIVERED, _S.BOUNCED}),
    _S.DROPPED: frozenset(),
}
"""From `SENDING` to `SENDING`: the sending process died, and another takes over the message."""

DUE = frozenset(state for state, following in TABLE.items() if _S.SENDING in following)
"""The states from which a message is sent when it is due."""
UNDELIVERED = frozenset({_S.BOUNCED, _S.FAILED})
"""The states that need a person's attention."""


def can_become(state: DeliveryState, following: DeliveryState) -> bool:
    """Whether a message may go from one state to the other."""
    return following in TABLE[state]


READ = 500
"""How many characters of an answer are read."""
_ENHANCED = re.compile(r"(?<![\d.])5\.(\d{1,3})\.(\d{1,3})(?!\.?\d)")
_SENDER = frozenset({("1", "7"), ("1", "8")})
_OURS, _VAGUE = frozenset({"5", "7"}), frozenset({"0", "3"})
_COMMANDS = frozenset({*range(500, 505), *range(530, 539)})
_WORDS = re.compile(
    r"relay(?:ing)?[ ,:]{1,3}(?:access[ ]|is[ ]|was[ ]|operation[ ]){0,2}"
    r"(?:denied|not[ ]|prohibited|refused|disabled|rejected)"
    r"|(?:unable|not[ ]\w{1,12}|cannot|can't|do[ ]not|don't|does[ ]not|refus\w{1,4}|den\w{1,4}|no)[ ](?:to[ ])?relay"
    r"|rcpthosts"
    r"|authenticat|auth(?:orization|orisation)?[ ]required|must[ ]log[ ]?in|login[ ]required|log[ ]?in[ ]first"
    r"|sender[ ](?:address[ ])?(?:rejected|denied|refused|not[ ]|verify)"
    r"|client[ ](?:host[ ])?(?:\S{1,80}[ ])?(?:rejected|blocked|denied)"
    r"|black ?list|block ?list|spamhaus|your[ ]ip\b|ip[ ]address[ ]is[ ]",
    re.IGNORECASE,
)


_NOBODY = re.compile(
    r"(?:unknown|no[ ]such|invalid|non-?existent)[ ](?:local[ ])?(?:user|mailbox|recipient|address|account|person)"
    r"|(?:user|mailbox|recipient|address|account)[ ](?:is[ ]|was[ ])?"
    r"(?:unknown|not[ ]found|unavailable|disabled|does(?:[ ]not|n't)[ ]exist|doesn't[ ]have)",
    re.IGNORECASE,
)


def is_our_fault(code: int, said: str) -> bool:
    """Whether a refusal with this code means that the server does not let us send, not that the address is wrong."""
    if code < 500:
        return False
    said = " ".join(said[:READ].split())
    if _NOBODY.search(said):
        return False
    found = _ENHANCED.search(said)
    if found and found[1] not in _VAGUE and found.groups() != ("5", "0"):
        return found[1] in _OURS or found.groups() in _SENDER
    return code in _COMMANDS or _WORDS.search(said) is not None


LONGEST = 160
_LONGEST_WORD = 60
_TAKEN_OUT = "[...]"


def short_reason(said: object, secrets: Iterable[str] = ()) -> str:
    """One line of at most 160 characters, without links and secrets."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    for secret in secrets:
        text = text.replace(secret, _TAKEN_OUT)
    words = [_harmless(word) for word in "".join(c if c.isprintable() else " " for c in text).split()]
    line = " ".join(words)
    return line if len(line) <= LONGEST else line[: LONGEST - 3] + "..."


def _harmless(word: str) -> str:
    if len(word) > _LONGEST_WORD or "#" in word or "//" in word or "%23" in word:
        return _TAKEN_OUT
    return word
