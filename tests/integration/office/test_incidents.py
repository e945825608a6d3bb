"""Incidents are noted once and never changed; refused ballots are counted by election and reason alone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ballot.db.incidents import list_incidents, list_refused_casts
from ballot.db.session import reading
from ballot.office.activity import Who
from ballot.office.acts.counting import Decide, Declare
from ballot.office.acts.membership import Strike
from ballot.office.casting.cast import cast
from ballot.office.errors import Refusal, Refused
from ballot.office.incidents import LONGEST, Incident, note_incident
from ballot.office.perform import perform
from ballot.office.retention import remove_personal
from tests.integration.office.world import OPENS, SECOND, WHY, World

WATCHER = Who("scrutineer@example.org", acting_for="scrutineer")


def note(world: World, incident: Incident) -> None:
    note_incident(world.engine, world.clock, world.id, incident, WATCHER)


def refused(world: World) -> dict[tuple[str, str], int]:
    with reading(world.engine) as session:
        return {(row.election, row.reason): row.count for row in list_refused_casts(session, world.id)}


def test_an_incident_is_kept_with_its_times_and_its_place(opened: World) -> None:
    opened.clock.now = OPENS + timedelta(days=2)
    note(opened, Incident(OPENS + timedelta(days=1), " The mail server\nwas down ", "It was restarted", "00A", None))
    note(opened, Incident(OPENS, "A letter came back", "", "00A", opened.links()[0].practice))
    with reading(opened.engine) as session:
        first, second = list_incidents(session, opened.id)
    assert (first.what, first.practice, first.role) == ("A letter came back", opened.links()[0].practice, "scrutineer")
    assert (second.what, second.done) == ("The mail server was down", "It was restarted")
    assert second.noted_at == OPENS + timedelta(days=2)


@pytest.mark.parametrize(
    ("incident", "reason"),
    [
        (Incident(OPENS, " "), Refusal.NOTE_UNFIT),
        (Incident(OPENS, "x" * (LONGEST + 1)), Refusal.NOTE_UNFIT),
        (Incident(OPENS, "a\x07bell"), Refusal.NOTE_UNFIT),
        (Incident(OPENS + timedelta(days=300), "x"), Refusal.TOO_EARLY),
        (Incident(OPENS, "x", "", "99Z"), Refusal.NO_SUCH_BALLOT),
        (Incident(OPENS, "x", "", "00A", "Y99999"), Refusal.NO_SUCH_PRACTICE),
        (Incident(OPENS, "x", "", None, "Y00001"), Refusal.NO_SUCH_PRACTICE),
    ],
)
def test_an_incident_that_cannot_be_one_is_refused(opened: World, incident: Incident, reason: Refusal) -> None:
    with pytest.raises(Refused) as raised:
        note(opened, incident)
    assert raised.value.reason is reason
    with reading(opened.engine) as session:
        assert list_incidents(session, opened.id) == []


def test_a_refused_ballot_is_counted_and_an_accepted_one_is_not(opened: World) -> None:
    link, struck = opened.links()[0], opened.links()[3]
    perform(opened.desk, opened.id, Strike("00A", struck.practice), opened.two, WHY)
    assert opened.cast(link).status == 200
    assert refused(opened) == {}
    for _ in range(2):
        assert opened.cast(link).word == "already-voted"
    assert opened.cast(struck).word == "practice-struck"
    opened.clock.now = opened.row("00B").closes_at + SECOND
    assert opened.cast(opened.links("00B")[0]).word == "closed"
    assert refused(opened) == {("00A", "already-voted"): 2, ("00A", "practice-struck"): 1, ("00B", "closed"): 1}


def test_what_no_ballot_was_meant_by_is_counted_nowhere(opened: World) -> None:
    for ccg, word in (("99Z", "no-such-ballot"), ("00A", "wrong-fields")):
        answer = cast(opened.engine, opened.clock, opened.id, ccg, "no.token", b"{}", opened.board)
        assert (answer.receipt, answer.word) == (None, word)
    assert [election for election, _ in refused(opened)] == ["00A"]


def test_retention_removes_the_words_of_incidents_and_keeps_the_counts(opened: World) -> None:
    assert opened.cast(opened.links()[0]).status == 200
    assert opened.cast(opened.links()[0]).word == "already-voted"
    note(opened, Incident(OPENS, "A letter came back"))
    opened.close()
    opened.tally()
    perform(opened.desk, opened.id, Decide())
    perform(opened.desk, opened.id, Declare(), opened.two)
    remove_personal(opened.engine, opened.clock, opened.id, 0, None)
    with reading(opened.engine) as session:
        assert list_incidents(session, opened.id) == []
    assert refused(opened) == {("00A", "already-voted"): 1}
