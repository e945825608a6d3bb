"""The page never freezes: between two multiplications it can paint and respond."""

from __future__ import annotations

from playwright.sync_api import Page

from ballot.protocol.questions import HomomorphicQuestion
from tests.support.pdfs import make_election

TEN = make_election("ten", (HomomorphicQuestion(tuple("ABCDEFGHIJ"), 1, 1, "Which one?"),)).to_bytes().decode()
VOTE = [[0] * 9 + [1]]
MULTIPLYING = 10 + 2 * 10 + 1
"""Stretches of work: ten encryptions, two disjuncts for each, one for their sum."""

PAUSES = """
async ([text, votes]) => {
  const election = await protocol.parseElection(text);
  const Kept = globalThis.MessageChannel;
  let pauses = 0;
  globalThis.MessageChannel = class extends Kept {
    constructor() {
      super();
      pauses += 1;
    }
  };
  await protocol.createBallot(election, "abcde-fghijk-mnopq-rstuvw", votes);
  globalThis.MessageChannel = Kept;
  return pauses;
}
"""

FRAMES = """
async ([text, votes]) => {
  const election = await protocol.parseElection(text);
  let frames = 0, going = true;
  const frame = () => { frames += 1; if (going) requestAnimationFrame(frame); };
  requestAnimationFrame(frame);
  const began = performance.now();
  for (let i = 0; i < 10; i += 1) await protocol.createBallot(election, "abcde-fghijk-mnopq-rstuvw", votes);
  going = false;
  return [frames, performance.now() - began];
}
"""


def test_there_is_a_pause_before_every_stretch_of_work(protocol: Page) -> None:
    assert protocol.evaluate(PAUSES, [TEN, VOTE]) == MULTIPLYING


def test_the_page_paints_while_it_encrypts(protocol: Page) -> None:
    """Every 50 ms on average, on a machine that others use too; idle, Chromium paints every 16 ms."""
    frames, milliseconds = protocol.evaluate(FRAMES, [TEN, VOTE])
    assert frames >= milliseconds / 50
