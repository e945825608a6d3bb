/**
 * Ballots: create, check, track (ballot/protocol/ballots.py).
 *
 * Spec: Messages, Ballots; Processes, Vote. What is *not* done here: whether voting is open, and sending anything.
 */

import { array, checkCanonical, fields, parseJson, text, writeJson } from "./canonical.js";
import { derivePrivateKey } from "./credentials.js";
import { parseUuid } from "./elections.js";
import { InvalidMessage, Reason } from "./errors.js";
import { basePower, check, elementText, parseElement, randomBelow } from "./group.js";
import { sha256Base64 } from "./hashing.js";
import { answerFromJson, answerToJson, checkAnswer, createAnswer } from "./questions.js";
import { isSigned, signatureFromJson, signatureToJson, signHash } from "./signatures.js";

const FIELDS = ["election_uuid", "election_hash", "credential", "answers", "signature"];

/** The smart ballot tracker: the hash of the whole ballot's text, in Base64 (43 characters). */
export function trackingNumber(ballotText) {
  return sha256Base64(ballotText);
}

/**
 * Encrypt, prove and sign one plain vote per question, with a private credential; the page can paint meanwhile.
 *
 * Answers a paper: `bytes` (the ballot's canonical text, to be sent as it is), `trackingNumber`, `votes`, and
 * `randomness` (the r of every choice, in base 10), which opens the encryption and must be forgotten once it is cast.
 * The randomness of the signature is not kept: with it, the private key could be calculated.
 */
export async function createBallot(election, credential, votes, { rng = randomBelow } = {}) {
  if (votes.length !== election.questions.length) {
    throw new InvalidMessage(Reason.VOTE, `expected ${election.questions.length} votes`);
  }
  const s = await derivePrivateKey(election.uuid, credential);
  const shown = elementText(basePower(s));
  const S0 = `${election.hash}|${shown}`;
  const answers = [];
  const randomness = [];
  for (const [i, question] of election.questions.entries()) {
    const { answer, r } = await createAnswer(election.publicKey, S0, question, votes[i], rng);
    answers.push(answer);
    randomness.push(r.map(String));
  }
  const { uuid: electionUuid, hash: electionHash } = election;
  const unsigned = unsignedToJson({ electionUuid, electionHash, credential: shown, answers });
  const signature = await signHash(s, await sha256Base64(writeJson(unsigned)), rng);
  const bytes = writeJson({ ...unsigned, signature: signatureToJson(signature) });
  return Object.freeze({
    bytes,
    trackingNumber: await trackingNumber(bytes),
    votes: votes.map((vote) => [...vote]),
    randomness,
  });
}

function unsignedToJson({ electionUuid, electionHash, credential, answers }) {
  return {
    election_uuid: electionUuid,
    election_hash: electionHash,
    credential,
    answers: answers.map(answerToJson),
  };
}

/** The ballot written as `data`; throws InvalidMessage unless it is canonical, whole and of the right types. */
export function parseBallot(data) {
  const value = fields(parseJson(data), FIELDS);
  const ballot = {
    electionUuid: parseUuid(value.election_uuid),
    electionHash: text(value.election_hash),
    credential: parseElement(value.credential),
    answers: array(value.answers).map(answerFromJson),
    signature: signatureFromJson(value.signature),
  };
  checkCanonical(data, value, "the ballot");
  return ballot;
}

/**
 * Accept a ballot, or throw InvalidMessage with the first reason.
 *
 * Spec: Processes, Vote, step 4; Messages, Ballots. (1) it names this election, (2) its credential is `credential`,
 * where one is given, (3) the credential signed it, (4) every answer's proofs hold.
 */
export async function checkBallot(ballot, election, credential = null) {
  if (ballot.electionUuid !== election.uuid) {
    throw new InvalidMessage(Reason.ELECTION_UUID, `expected election ${election.uuid}`);
  }
  if (ballot.electionHash !== election.hash) {
    throw new InvalidMessage(Reason.ELECTION_HASH, "the ballot was made for other election parameters");
  }
  if (ballot.answers.length !== election.questions.length) {
    throw new InvalidMessage(Reason.WRONG_SHAPE, `expected ${election.questions.length} answers`);
  }
  if (credential !== null && !ballot.credential.equals(credential)) {
    throw new InvalidMessage(Reason.UNKNOWN_CREDENTIAL, "the ballot is under another credential");
  }
  const shown = elementText(ballot.credential);
  const unsigned = unsignedToJson({ ...ballot, credential: shown });
  if (ballot.signature.hash !== (await sha256Base64(writeJson(unsigned)))) {
    throw new InvalidMessage(Reason.SIGNATURE_HASH, "the signature speaks of another ballot");
  }
  if (ballot.credential.is0()) {
    throw new InvalidMessage(Reason.ELEMENT_IDENTITY, "the identity stands where a credential is meant");
  }
  check(ballot.credential);
  if (!(await isSigned(ballot.credential, ballot.signature))) {
    throw new InvalidMessage(Reason.SIGNATURE, "the credential did not sign this ballot");
  }
  const S0 = `${election.hash}|${shown}`;
  for (const [i, question] of election.questions.entries()) {
    await checkAnswer(election.publicKey, S0, question, ballot.answers[i]);
  }
}
