"""`ballot witness`: ask the witnesses of the settings to cosign the newest checkpoint of every log."""

from __future__ import annotations

import argparse

from ballot.cli.say import say
from ballot.cli.settings import settings_parser
from ballot.cli.surroundings import Surroundings, surroundings_of
from ballot.office.board.cosign import WitnessAnswer, ask_witnesses
from ballot.watch.fetching import BoardSite, NotFetched

SECONDS = 20.0
LARGEST = 2**16
NOT_ALL = 1


def witness_command(argv: list[str]) -> int:
    """`ballot witness`; 1 if a witness did not cosign."""
    parser = argparse.ArgumentParser(
        prog="ballot witness",
        parents=[settings_parser()],
        description="Ask the witnesses of the settings to cosign the newest checkpoints (C2SP tlog-witness).",
    )
    options = parser.parse_args(argv)
    with surroundings_of(options) as here:
        if not here.config.witnesses:
            say("There is no [witness.NAME] in the settings.")
            return 0
        asked = ask(here)
    for one in asked:
        say(sentence(one))
    return NOT_ALL if any(one.word != "cosigned" for one in asked) else 0


def ask(here: Surroundings) -> list[WitnessAnswer]:
    """Ask every witness; return the result of each."""
    return ask_witnesses(here.engine, here.config.witnesses, post)


def sentence(one: WitnessAnswer) -> str:
    """The result of one request, in a line."""
    return f"{one.programme} {one.log}, size {one.size}: {one.witness}: {one.word}"


def post(url: str, data: bytes) -> tuple[int, bytes]:
    """Send to a witness, with limits on time and size; raises OSError if there is no answer."""
    base, _, path = url.rpartition("/")
    try:
        answer = BoardSite(base, SECONDS).post(f"/{path}", data, LARGEST)
    except NotFetched as fault:
        raise OSError(str(fault)) from None
    return answer.status, answer.body
