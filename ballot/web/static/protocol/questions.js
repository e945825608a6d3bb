/**
 * Homomorphic questions and their encrypted answers (ballot/protocol/questions.py).
 *
 * Spec: Messages, Questions; Encrypted answers, Homomorphic answers. A vote is an array of 0 and 1, one entry an
 * answer, with a leading entry for the blank vote where `blank` is allowed. Questions of other types are unsupported.
 */

import { array, boolean, fields, integer, text } from "./canonical.js";
import { checkCiphertext, ciphertextFromJson, ciphertextToJson, combine, encrypt } from "./elgamal.js";
import { InvalidMessage, Reason } from "./errors.js";
import { elementText, modQ, q } from "./group.js";
import { pause } from "./pace.js";
import {
  isBlank,
  isInterval,
  isOverallOrBlank,
  proofsFromJson,
  proofToJson,
  proveBlank,
  proveInterval,
  proveOverallOrBlank,
} from "./proofs.js";

const BIT = [0, 1];

/** question_h: select from `min` to `max` of the answers, or, with `blank`, none at all. */
export function questionFromJson(value) {
  if (typeof value === "object" && value !== null && Object.hasOwn(value, "type")) {
    throw new InvalidMessage(Reason.UNSUPPORTED, "only homomorphic questions are supported");
  }
  fields(value, ["answers", "blank", "min", "max", "question"], ["blank"]);
  const answers = Object.freeze(array(value.answers).map(text));
  const min = integer(value.min, 0, answers.length);
  const max = integer(value.max, min, answers.length);
  const blank = "blank" in value ? boolean(value.blank) : false;
  return Object.freeze({ answers, blank, min, max, question: text(value.question) });
}

/** How many ciphertexts an answer has. */
export function lengthOf(question) {
  return question.answers.length + (question.blank ? 1 : 0);
}

/** How many answers may be selected: min, ..., max. */
export function intervalOf(question) {
  return Array.from({ length: question.max - question.min + 1 }, (_, i) => question.min + i);
}

/** Throw InvalidMessage unless the plain vote is one that the question allows. */
export function checkVote(question, vote) {
  const length = lengthOf(question);
  if (!Array.isArray(vote) || vote.length !== length || vote.some((m) => m !== 0 && m !== 1)) {
    throw new InvalidMessage(Reason.VOTE, `a vote here is ${length} entries of 0 or 1`);
  }
  const sum = vote.slice(question.blank ? 1 : 0).reduce((a, b) => a + b, 0);
  if (question.blank && vote[0] === 1) {
    if (sum !== 0) throw new InvalidMessage(Reason.VOTE, "a blank vote selects nothing else");
  } else if (sum < question.min || sum > question.max) {
    throw new InvalidMessage(Reason.VOTE, `a vote here selects from ${question.min} to ${question.max} answers`);
  }
}

/**
 * Encrypt and prove a plain vote; S0 is the election hash, a bar and the credential.
 * Answers the encrypted answer and the randomness r of its choices, with which it can be opened.
 */
export async function createAnswer(y, S0, question, vote, rng) {
  checkVote(question, vote);
  const r = vote.map(() => rng(q));
  const choices = [];
  for (const [j, m] of vote.entries()) {
    await pause();
    choices.push(encrypt(y, r[j], m));
  }
  const individual = [];
  for (const [j, c] of choices.entries()) individual.push(await proveInterval(y, S0, r[j], vote[j], BIT, c, rng));
  const S = `${S0}|${choicesText(choices)}`;
  const first = question.blank ? 1 : 0;
  const sigma = {
    c: combine(choices.slice(first)),
    r: modQ(r.slice(first).reduce((a, b) => a + b, 0n)),
    m: vote.slice(first).reduce((a, b) => a + b, 0),
  };
  const values = intervalOf(question);
  if (!question.blank) {
    const overall = await proveInterval(y, S, sigma.r, sigma.m - question.min, values, sigma.c, rng);
    return { answer: { choices, individualProofs: individual, overallProof: overall, blankProof: null }, r };
  }
  const zero = { c: choices[0], r: r[0], m: vote[0] };
  const overall = await proveOverallOrBlank(y, S, zero, sigma, values, rng);
  const blank = await proveBlank(y, S, zero, sigma, rng);
  return { answer: { choices, individualProofs: individual, overallProof: overall, blankProof: blank }, r };
}

/**
 * Throw InvalidMessage with the first fault of an encrypted answer, cheap ones first.
 * (1) It has the question's shape, (2) every choice is proved 0 or 1, (3) their sum is proved to be allowed,
 * (4) where blank votes are allowed, a blank one is proved to be only blank.
 */
export async function checkAnswer(y, S0, question, answer) {
  const length = lengthOf(question);
  if (answer.choices.length !== length || answer.individualProofs.length !== length) {
    throw new InvalidMessage(Reason.WRONG_SHAPE, `expected ${length} choices, each with its proof`);
  }
  if ((answer.blankProof === null) === question.blank) {
    throw new InvalidMessage(Reason.WRONG_SHAPE, "a blank proof stands exactly where blank votes are allowed");
  }
  for (const [j, c] of answer.choices.entries()) {
    checkCiphertext(c);
    if (!(await isInterval(y, S0, BIT, c, answer.individualProofs[j]))) {
      throw new InvalidMessage(Reason.INDIVIDUAL_PROOF, `choice ${j} is not proved to be 0 or 1`);
    }
  }
  const S = `${S0}|${choicesText(answer.choices)}`;
  const sigma = combine(answer.choices.slice(question.blank ? 1 : 0));
  const values = intervalOf(question);
  const zero = answer.choices[0];
  const holds = question.blank
    ? await isOverallOrBlank(y, S, zero, sigma, values, answer.overallProof)
    : await isInterval(y, S, values, sigma, answer.overallProof);
  if (!holds) throw new InvalidMessage(Reason.OVERALL_PROOF, "the sum of the choices is not proved to be allowed");
  if (question.blank && !(await isBlank(y, S, zero, sigma, answer.blankProof))) {
    throw new InvalidMessage(Reason.BLANK_PROOF, "a blank vote is not proved to select nothing else");
  }
}

/** The choices as they are hashed: alpha, comma, beta, comma, ... */
export function choicesText(choices) {
  return choices.map((c) => `${elementText(c.alpha)},${elementText(c.beta)}`).join(",");
}

export function answerToJson(answer) {
  return {
    choices: answer.choices.map(ciphertextToJson),
    individual_proofs: answer.individualProofs.map((proofs) => proofs.map(proofToJson)),
    overall_proof: answer.overallProof.map(proofToJson),
    ...(answer.blankProof === null ? {} : { blank_proof: answer.blankProof.map(proofToJson) }),
  };
}

export function answerFromJson(value) {
  fields(value, ["choices", "individual_proofs", "overall_proof", "blank_proof"], ["blank_proof"]);
  return {
    choices: array(value.choices).map(ciphertextFromJson),
    individualProofs: array(value.individual_proofs).map(proofsFromJson),
    overallProof: proofsFromJson(value.overall_proof),
    blankProof: "blank_proof" in value ? proofsFromJson(value.blank_proof) : null,
  };
}
