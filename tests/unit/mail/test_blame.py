"""A refusal caused by us blames no address; an address that does not exist is always blamed."""

from __future__ import annotations

import pytest

from ballot.mail.states import is_our_fault

OURS = [
    (554, "5.7.1 <y00@example.org>: Relay access denied"),
    (550, "5.7.1 Unable to relay"),
    (550, "5.7.54 SMTP; Unable to relay recipient in non-accepted domain"),
    (550, "relay not permitted"),
    (550, "Relaying denied"),
    (550, "we do not relay for you"),
    (554, "relay access denied"),
    (553, "sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)"),
    (553, "sorry, that domain isn't in my list of allowed rcpthosts"),
    (530, "5.7.0 Must issue a STARTTLS command first"),
    (530, "5.7.57 Client not authenticated to send mail"),
    (530, "Authentication required"),
    (550, "authentication required"),
    (535, "bad login"),
    (503, "5.5.1 Error: send HELO/EHLO first"),
    (503, "bad sequence of commands"),
    (550, "5.1.8 <ballot@example.org>: Sender address rejected: Domain not found"),
    (553, "5.1.7 bad sender"),
    (550, "sender rejected"),
    (554, "5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.example"),
    (554, "Client host rejected: cannot find your hostname"),
    (550, "5.0.0 relaying denied"),
    (550, "5.7.26 This mail has been blocked because the sender is unauthenticated"),
    (550, "Your IP is on a blocklist"),
]
THEIRS = [
    (550, "5.1.1 no such user"),
    (550, "5.1.1 <y00@example.org>: Recipient address rejected: User unknown in relay recipient table"),
    (550, "User unknown in relay recipient table"),
    (550, "5.4.1 Recipient address rejected: Access denied. AS(201806281)"),
    (550, "5.1.10 RESOLVER.ADR.RecipientNotFound"),
    (550, "5.5.0 Requested action not taken: mailbox unavailable"),
    (550, "5.7.1 user unknown"),
    (550, "5.2.1 mailbox disabled"),
    (552, "5.2.2 mailbox full"),
    (553, "not an address"),
    (550, "no such person here"),
    (550, "5.1.2 domain of y00@5.7.1.example not found"),
    (550, "no"),
    (551, "user not local"),
    (550, "Unrouteable address"),
    (450, "4.7.1 greylisted, relay access denied"),
]


@pytest.mark.parametrize(("code", "said"), OURS)
def test_a_server_that_does_not_let_us_send_is_our_fault(code: int, said: str) -> None:
    assert is_our_fault(code, said)


@pytest.mark.parametrize(("code", "said"), THEIRS)
def test_an_address_that_is_not_there_is_not_our_fault(code: int, said: str) -> None:
    assert not is_our_fault(code, said)
