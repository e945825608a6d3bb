"""The declaration in plain text for a terminal, and the full rules for readers without software."""

from __future__ import annotations

from collections.abc import Iterator

from ballot.constitution.phrases import citation
from ballot.constitution.reading import read_constitution_aloud, read_outcome_rule_aloud
from ballot.constitution.words import capitalised
from ballot.declaration.model import Declaration
from ballot.record.keys import ROLE_WORDS
from ballot.record.times import time_text, wall_time


def tell_lines(declaration: Declaration) -> Iterator[str]:
    """The lines of the declaration. They say the same as the page and the PDF."""
    yield declaration.programme.name
    yield f"Declared at {wall_time(declaration.declared)}."
    yield from declaration.limits
    yield ""
    if declaration.outcome is None:
        yield declaration.headline
    else:
        yield from declaration.outcome.explanation
    for ccg in declaration.ccgs:
        yield ""
        yield f"{ccg.name} ({ccg.ods})"
        if ccg.abandoned is not None:
            yield f"    Abandoned at {wall_time(ccg.abandoned.time)}. It has no outcome."
        for result in ccg.results:
            yield f"    {' '.join(result.question.text.split())}"
            yield f"    {result.verdict}"
            yield from (f"        {sentence}" for sentence in (*result.working, *result.margin))
            yield from (f"        {each.sentence}" for each in result.support)
    yield ""
    for signer in declaration.signers:
        yield f"Signed by the {ROLE_WORDS[signer.role]} at {time_text(signer.time)}, with the key {signer.key}."
    proof = declaration.proof
    yield f"Record (SHA-256 of manifest.json): {proof.manifest}"
    yield f"Fingerprint of the programme: {proof.fingerprint}"
    yield f"Head of the board: {proof.head.hash}, at height {proof.head.height}"


def rules_text(declaration: Declaration) -> str:
    """Each clause in its own words, the rule in English, who confirmed it, and the programme's rule."""
    words = declaration.programme.words
    lines = [f"The rules of {declaration.programme.name}", ""]
    for ccg in declaration.ccgs:
        source = ccg.constitution.source
        lines += [f"{ccg.name} ({ccg.ods})", f"{capitalised(citation(source))}, in its own words:", ""]
        lines += [f"    {line.strip()}" for line in source.wording.strip().splitlines()]
        lines += ["", "The rule that was applied:", ""]
        lines += [f"    {sentence}" for sentence in read_constitution_aloud(ccg.constitution)]
        lines += ["", f"Encoded by {source.encoded_by}; approved by {source.approved_by}.", "", ""]
    outcome = declaration.programme.outcome
    if outcome is not None:
        lines += [f"What follows from the decisions of the {words.body.many}:", ""]
        lines += [f"    {sentence}" for sentence in read_outcome_rule_aloud(outcome)]
    else:
        of = declaration.programme.reballot_of
        each = words.body.one
        lines.append(f"This is a re-ballot: the rule of {of} is applied to the latest that each {each} decided.")
    return "\n".join(lines) + "\n"
