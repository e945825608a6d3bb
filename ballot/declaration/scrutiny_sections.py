"""The scrutineer's report for people: sections with sentences and tables, from which page, PDF and text are made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ballot.constitution.phrases import capitalised
from ballot.declaration.office_figures import OfficeFigures
from ballot.declaration.scrutiny import ScrutinyReport
from ballot.declaration.scrutiny_record import OptionalAct, RecordFigures
from ballot.declaration.statements import BY_STATEMENT, STATEMENTS
from ballot.record.moves import REASON_WORDS, Move
from ballot.record.times import wall_time

PROVED = "Anyone with the published record can work these figures out again."
STATED = "These figures rest on the office's word: the record cannot prove them."
ACTS = {
    Move.OPENED: "opened early",
    Move.CLOSED: "closed early",
    Move.STRUCK: "a {member} struck off",
    Move.CONTACT_CHANGED: "the contact of a {member} changed, with a new link",
    Move.EXTENDED: "voting extended",
    Move.CASTING_VOTE: "a casting vote recorded",
    Move.ABANDONED: "the ballot abandoned",
    Move.REBALLOT: "a re-ballot called",
}
REFUSED = {
    "already-voted": "had voted already, and the first vote is final",
    "closed": "voting had closed",
    "not-open-yet": "voting was not open yet",
    "abandoned": "the ballot was abandoned",
    "practice-struck": "was struck off",
    "token-superseded": "the link had been replaced by a newer one",
    "token-revoked": "the link had been revoked",
    "token-expired": "the link had expired",
    "token-invalid": "not a link that the registrar signed",
    "token-unknown": "not a link of this ballot",
    "token-for-another-ballot": "the link is for another ballot",
    "credential-of-another": "the ballot was made with another link's credential",
    "too-large": "larger than any ballot can be",
}
"""Why ballots were refused, in words. Any other word means that the bytes were not a valid ballot."""
CHANNELS = {"queued": "waiting", "sending": "being sent", "deferred": "to be tried again", "dropped": "not needed"}


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, sentences, and a table if there is one; the first column of a table holds words."""

    title: str
    sentences: tuple[str, ...] = ()
    heads: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    level: int = 2


def title_of(report: ScrutinyReport) -> str:
    """`Draft of the scrutineer's report`, or the report itself."""
    return "Draft of the scrutineer's report" if report.is_draft else "The scrutineer's report"


def sections(report: ScrutinyReport) -> Iterator[Section]:
    """The whole report, in order."""
    record = report.record
    yield Section("What the record proves", (PROVED, f"The auditor's verdict: {record.verdict}."))
    yield from _links(record)
    yield from _ballots(record)
    yield from _acts(record)
    yield from _results(record)
    yield Section("Who was independent of whom", record.independence, level=3)
    if report.office is None:
        yield Section("What the office states", ("This report was made without the office's figures.",))
    else:
        yield Section("What the office states", (STATED, f"Written at {wall_time(report.office.made)}."))
        yield from _office(record, report.office)
    yield from _statements(report)


def _links(record: RecordFigures) -> Iterator[Section]:
    rows = tuple(
        (record.body(each.ccg), f"{each.issued:,}", f"{each.reissued:,}", f"{each.revoked:,}") for each in record.links
    )
    total = (
        f"{sum(numbers):,}" for numbers in zip(*((e.issued, e.reissued, e.revoked) for e in record.links), strict=True)
    )
    heads = (record.words.body.one, "Issued", "Re-issued", "Revoked")
    yield Section("Voting links", (), heads, (*rows, ("All", *total)), 3)


def _ballots(record: RecordFigures) -> Iterator[Section]:
    heads = (
        "Election",
        f"{capitalised(record.words.member.many)} on the roll",
        "Struck off",
        "Accepted",
        "Superseded",
        "Voted",
    )
    rows = tuple(
        (
            f"{e.title} ({e.name})",
            f"{e.members:,}",
            f"{e.struck:,}",
            f"{e.accepted:,}",
            f"{e.superseded:,}",
            f"{e.voted:,}",
        )
        for e in record.elections
    )
    sentence = f"A ballot is superseded if the same {record.words.member.one} cast a later one, where that is allowed."
    voted, eligible = sum(e.voted for e in record.elections), sum(e.eligible for e in record.elections)
    turnout = f"{voted:,} of {record.words.member.counted(eligible)} that could vote did."
    yield Section("Ballots and turnout", (turnout, sentence), heads, rows, 3)


def _acts(record: RecordFigures) -> Iterator[Section]:
    rows = tuple(
        (wall_time(each.at), record.body(each.ccg) if each.ccg else "All", _act(record, each), _reason(each))
        for each in record.acts
    )
    if rows:
        yield Section("What two people did on the way", (), ("When", record.words.body.one, "What", "Reason"), rows, 3)
    else:
        sentence = "Nothing was extended, closed early, struck off or abandoned, and no contact was changed."
        yield Section("What two people did on the way", (sentence,), level=3)


def _act(record: RecordFigures, act: OptionalAct) -> str:
    return ACTS.get(act.move, act.move.value).format(member=record.words.member.one)


def _reason(act: OptionalAct) -> str:
    return "" if act.reason is None else REASON_WORDS[act.reason]


def _results(record: RecordFigures) -> Iterator[Section]:
    declaration = record.declaration
    if declaration is None:
        yield Section("Result", ("The result is not declared yet.",), level=3)
        return
    sentences = (declaration.headline, f"Declared at {wall_time(declaration.declared)}.", *declaration.limits)
    yield Section("Result", sentences, level=3)
    for ccg in declaration.ccgs:
        if ccg.abandoned is not None:
            yield Section(f"{ccg.name} ({ccg.ods})", (f"Abandoned at {wall_time(ccg.abandoned.time)}.",), level=4)
        for result in ccg.results:
            table = result.table
            heads = ("Votes", *(capitalised(_unit(record, unit.value)) for unit in table.units))
            rows = tuple(
                (row.label, *("not counted" if number is None else f"{number:,}" for number in row.numbers))
                for row in table.rows
            )
            sentences = (result.question.text, f"{result.verdict}.", "The rule:", *result.rule)
            yield Section(f"{ccg.name} ({ccg.ods})", sentences, heads, rows, 4)


def _unit(record: RecordFigures, unit: str) -> str:
    return record.words.member.many if unit == "practices" else record.words.weight.many


def _office(record: RecordFigures, office: OfficeFigures) -> Iterator[Section]:
    members, links, delivery = record.words.member, office.channels, office.delivery
    yield Section(
        "How the links went out",
        (
            f"To {members.counted(links.by_email)} by e-mail that did not come back.",
            (
                f"Letters were made for {members.counted(links.letters_made)}, and handed over or posted to "
                f"{members.counted(links.letters_handed_over)}."
            ),
            f"E-mail did not reach {members.counted(delivery.undelivered)} at some time.",
            f"Mended since: {delivery.mended:,}. Still to be reached: {delivery.unmended:,}.",
        ),
        level=3,
    )
    states = tuple(dict.fromkeys(state for each in office.messages.values() for state in each))
    if states:
        rows = tuple(
            (kind, *(f"{counts.get(state, 0):,}" for state in states)) for kind, counts in office.messages.items()
        )
        heads = ("E-mail", *(capitalised(CHANNELS.get(state, state)) for state in states))
        yield Section(
            "E-mails", ("Delivered is what the mail system reports; sent is what it accepted.",), heads, rows, 3
        )
    refused = tuple(
        (each.election, REFUSED.get(each.reason, each.reason), f"{each.count:,}") for each in office.refused
    )
    sentences = () if refused else ("No ballot was refused.",)
    yield Section(
        "Ballots that were refused", sentences, ("Election", "Why", "How many") if refused else (), refused, 3
    )
    if office.proxies is not None:
        said = f"{office.proxies:,} of the votes that count were cast by a proxy, as those who voted stated."
        yield Section("By what authority", (said,), level=3)
    yield from _incidents(record, office)


def _incidents(record: RecordFigures, office: OfficeFigures) -> Iterator[Section]:
    if not office.incidents:
        yield Section("Incidents", ("No incident was noted.",), level=3)
        return
    yield Section("Incidents", (), level=3)
    for each in office.incidents:
        place = record.body(each.ccg) if each.ccg else "The whole ballot"
        where = f"{place}, {record.words.member.one} {each.practice}" if each.practice else place
        done = f"What was done: {each.done}" if each.done else "Nothing was done about it yet."
        noted = f"Noted by the {each.role.replace('-', ' ')} at {wall_time(each.noted)}."
        yield Section(wall_time(each.happened), (f"{where}. {each.what}", done, noted), level=4)


def _statements(report: ScrutinyReport) -> Iterator[Section]:
    words = report.record.words
    act = "the Trade Union and Labour Relations (Consolidation) Act 1992, which binds trade unions"
    said = (f"They follow sections 51 and 52 of {act}.", "The scrutineer judges; the checks support.")
    yield Section("Statements of satisfaction", said)
    answers = {answer.statement: answer for answer in report.answers}
    for number, statement in enumerate(STATEMENTS, start=1):
        answer = answers.get(statement.id)
        if answer is None:
            verdict = "Not answered yet."
        else:
            verdict = "I am satisfied." if answer.is_satisfied else "I am NOT satisfied."
        sentences = [statement.sentence(words), verdict]
        if answer is not None and answer.why:
            sentences.append(answer.why if answer.is_satisfied else f"Why not: {answer.why}")
        sentences += [
            f"The checks behind it ({statement.law}): {statement.support(report.record.checks)}",
            f"What no check shows: {statement.limit(words)}",
        ]
        yield Section(f"{number}. {capitalised(BY_STATEMENT[statement.id].id)}", tuple(sentences), level=3)


def text_lines(report: ScrutinyReport) -> Iterator[str]:
    """The report as lines of plain text."""
    record = report.record
    yield f"{title_of(report)}: {record.programme.name}"
    yield f"Made at {wall_time(report.made)}."
    if record.programme.rehearsal:
        yield "This was a rehearsal."
    for section in sections(report):
        yield ""
        yield section.title if section.level > 2 else section.title.upper()
        yield from (f"    {' '.join(sentence.split())}" for sentence in section.sentences)
        yield from _table_lines(section.heads, section.rows)
    yield ""
    yield f"Record (SHA-256 of manifest.json): {record.manifest}"
    yield f"Fingerprint of the programme: {record.fingerprint}"


def _table_lines(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    if not heads:
        return
    widths = [max(len(row[place]) for row in (heads, *rows)) for place in range(len(heads))]
    for row in (heads, *rows):
        yield "    " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
