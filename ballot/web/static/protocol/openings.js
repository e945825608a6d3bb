/**
 * Opening a paper that is spoilt: showing what its encryption holds (ballot/protocol/openings.py).
 *
 * Cast or audit: whoever doubts the page lets it encrypt, notes the tracking number, and then has the paper opened
 * instead of cast. Any copy of this check, or scripts/check_paper.py, confirms what it encrypts. A paper once opened
 * must never be cast: its vote is public to whoever holds the opening.
 */

import { parseBallot, checkBallot, trackingNumber } from "./ballots.js";
import { array, checkCanonical, fields, integer, parseJson, text, writeJson } from "./canonical.js";
import { encrypt } from "./elgamal.js";
import { InvalidMessage, Reason } from "./errors.js";
import { elementText, parseScalar } from "./group.js";
import { pause } from "./pace.js";
import { checkVote, lengthOf } from "./questions.js";

const FIELDS = ["election_uuid", "election_hash", "ballot", "votes", "randomness"];

/** The opening of a paper that `createBallot` made, as canonical JSON text. */
export function openPaper(election, paper) {
  return writeJson({
    election_uuid: election.uuid,
    election_hash: election.hash,
    ballot: paper.bytes,
    votes: paper.votes,
    randomness: paper.randomness,
  });
}

/**
 * What an opened paper encrypts: `{votes, trackingNumber, credential}`; throws InvalidMessage with the first reason
 * why it is not shown to encrypt that.
 * (1) It is canonical, (2) names this election, (3) holds one allowed vote for each question and a number for each
 * choice, (4) every choice encrypts its entry with that number, (5) the ballot's proofs and signature hold.
 */
export async function checkOpening(election, openingText) {
  const written = openingText.trim();
  const value = fields(parseJson(written), FIELDS);
  const votes = array(value.votes).map((vote) => array(vote).map((m) => integer(m, 0, 1)));
  const randomness = array(value.randomness).map((numbers) => array(numbers).map(parseScalar));
  const ballotText = text(value.ballot);
  text(value.election_hash);
  text(value.election_uuid);
  checkCanonical(written, value, "the opening");
  if (value.election_uuid !== election.uuid) {
    throw new InvalidMessage(Reason.ELECTION_UUID, `expected election ${election.uuid}`);
  }
  if (value.election_hash !== election.hash) {
    throw new InvalidMessage(Reason.ELECTION_HASH, "the paper was made for other election parameters");
  }
  const ballot = parseBallot(ballotText);
  const parts = [ballot.answers, votes, randomness];
  if (parts.some((part) => part.length !== election.questions.length)) {
    throw new InvalidMessage(Reason.WRONG_SHAPE, `expected ${election.questions.length} answers, each opened`);
  }
  for (const [i, question] of election.questions.entries()) {
    if ([ballot.answers[i].choices, votes[i], randomness[i]].some((part) => part.length !== lengthOf(question))) {
      const detail = `expected ${lengthOf(question)} choices in answer ${i}, each opened`;
      throw new InvalidMessage(Reason.WRONG_SHAPE, detail);
    }
    checkVote(question, votes[i]);
    for (const [j, c] of ballot.answers[i].choices.entries()) {
      await pause();
      const again = encrypt(election.publicKey, randomness[i][j], votes[i][j]);
      if (!again.alpha.equals(c.alpha) || !again.beta.equals(c.beta)) {
        throw new InvalidMessage(Reason.OPENING, `choice ${j} of answer ${i} does not encrypt ${votes[i][j]}`);
      }
    }
  }
  await checkBallot(ballot, election);
  return { votes, trackingNumber: await trackingNumber(ballotText), credential: elementText(ballot.credential) };
}
