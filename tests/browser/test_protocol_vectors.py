"""The page's protocol reproduces every value of Python's, and refuses the same messages with the same word."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.support.vectors.browser import FOLDER

PAPERS = sorted(FOLDER.glob("paper--*.json"))

RECOMPUTE = """
async (paper) => {
  const { createBallot, parseBallot, checkBallot, parseElection, derivePrivateKey, derivePublicCredential, elementText,
          openPaper, checkOpening, trackingNumber, parseElement, combine, ciphertextFromJson, ciphertextToJson,
          encrypt, g, q } = protocol;

  const election = await parseElection(paper.election);
  const draws = paper.draws.map(BigInt);
  const rng = (n) => {
    if (n !== q) throw new Error("only numbers below q are drawn");
    return draws.shift();
  };
  const made = await createBallot(election, paper.credential, paper.votes, { rng });
  const ballot = parseBallot(made.bytes);
  await checkBallot(ballot, election, parseElement(paper.public_credential));

  const describe = async (proof, list) => {
    const commitments = proof.statements.flatMap(({ alpha, beta, value }, j) =>
      protocol.intervalCommitments(election.publicKey, ciphertextFromJson({ alpha, beta }), value, list[j]));
    return {
      prefix: proof.prefix,
      statements: proof.statements,
      commitments: commitments.map(elementText),
      hash: String(await protocol.hashCommitments(proof.prefix, commitments)),
      proofs: list.map(protocol.proofToJson),
    };
  };
  const answers = [];
  for (const [i, expected] of paper.answers.entries()) {
    const answer = ballot.answers[i];
    const choices = paper.votes[i].map((m, j) => encrypt(election.publicKey, BigInt(made.randomness[i][j]), m));
    const individual = [];
    for (const [j, proof] of expected.individual.entries()) {
      individual.push(await describe(proof, answer.individualProofs[j]));
    }
    answers.push({
      randomness: made.randomness[i],
      choices: choices.map(ciphertextToJson),
      sum: ciphertextToJson(combine(choices.slice(election.questions[i].blank ? 1 : 0))),
      individual,
      overall: await describe(expected.overall, answer.overallProof),
      blank: expected.blank === null ? null : await describe(expected.blank, answer.blankProof),
    });
  }
  const { hash, proof } = ballot.signature;
  const opening = openPaper(election, made);
  const opened = await checkOpening(election, opening);
  if (JSON.stringify(opened.votes) !== JSON.stringify(paper.votes)) throw new Error("opened as another vote");
  return {
    name: paper.name,
    election: paper.election,
    election_hash: election.hash,
    credential: paper.credential,
    private_key: String(await derivePrivateKey(election.uuid, paper.credential)),
    public_credential: elementText(await derivePublicCredential(election.uuid, paper.credential)),
    votes: made.votes,
    draws: paper.draws.slice(0, paper.draws.length - draws.length),
    answers,
    signature: {
      hash,
      prefix: `sig|${hash}|`,
      commitments: [elementText(protocol.commitment(g, proof, ballot.credential))],
      proof: protocol.proofToJson(proof),
    },
    ballot: made.bytes,
    tracking_number: await trackingNumber(made.bytes),
    opening,
  };
}
"""

REFUSE = """
async ([kind, messages]) => {
  const read = {
    elements: ({ value }) => protocol.checkKey(protocol.parseElement(value)),
    scalars: ({ value }) => protocol.parseScalar(value),
    credentials: ({ value }) => protocol.checkCredentialForm(value),
    elections: ({ value }) => protocol.parseElection(value),
    openings: async ({ election, value }) => protocol.checkOpening(await protocol.parseElection(election), value),
    signatures: async ({ key, signature, message }) => {
      const [k, s, m] = [key, signature, message].map(protocol.parseHex);
      if (!(await protocol.isEd25519Signature(k, s, m))) {
        throw new protocol.InvalidMessage(protocol.Reason.SIGNATURE, "not signed");
      }
    },
    receipts: ({ value, key }) => protocol.checkSignedReceipt(value, key),
    ballots: async ({ election, base64 }) => {
      const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
      await protocol.checkBallot(protocol.parseBallot(bytes), await protocol.parseElection(election));
    },
  }[kind];
  const words = {};
  for (const message of messages) {
    try {
      await read(message);
      words[message.name] = null;
    } catch (error) {
      words[message.name] = error instanceof protocol.InvalidMessage ? error.reason : String(error.stack);
    }
  }
  return words;
}
"""

OTHER_WORDS = {
    # The page decodes points as it reads them; Python when it first calculates with them: here, after another fault.
    "ballots.subgroup--off-the-curve-without-proofs, height 1": "element-subgroup",
    # Browsers' reader of JSON is not Python's: no depth is too deep for it, NaN is no JSON, any number can be read.
    "ballots.form--deep, height 1": "not-json",
    "ballots.form--not-a-number, height 1": "not-json",
    "ballots.form--huge-number, height 1": "wrong-fields",
}
"""Refused by both, but for another of several faults."""


@pytest.mark.parametrize("path", PAPERS, ids=lambda path: path.stem)
def test_the_page_finds_every_value_that_python_found(protocol: Page, path: Any) -> None:
    paper = json.loads(path.read_text())

    assert protocol.evaluate(RECOMPUTE, paper) == paper


@pytest.mark.parametrize("path", sorted(FOLDER.glob("messages--*.json")), ids=lambda path: path.stem)
def test_the_page_refuses_what_python_refuses_by_the_same_word(protocol: Page, path: Any) -> None:
    messages = json.loads(path.read_text())
    found = protocol.evaluate(REFUSE, [path.stem.split("--")[1], messages])

    assert found == {message["name"]: OTHER_WORDS.get(message["name"], message["reason"]) for message in messages}


def test_the_page_finds_the_fingerprint_whatever_the_elections_are_called(protocol: Page) -> None:
    vectors = json.loads((FOLDER / "fingerprints.json").read_text())
    found = protocol.evaluate(
        """(vectors) => Promise.all(vectors.map(({ terms, keys, elections }) =>
            protocol.programmeFingerprint(terms, keys, JSON.parse(elections))))""",
        vectors,
    )
    assert found == [vector["fingerprint"] for vector in vectors]
