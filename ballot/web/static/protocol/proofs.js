/**
 * Zero-knowledge proofs: knowledge, interval membership, possibly-blank votes (ballot/protocol/proofs.py).
 *
 * Spec: Verification keys (pok); Proofs of interval membership; Proofs of possibly-blank votes. A proof is
 * `{challenge, response}` in Z_q; every commitment is recomputed from them. Randomness is drawn in the order of the
 * Python module, so that the same draws give the same bytes. `rng(n)` is uniform in [0, n).
 *
 * In the page a secret (r, w, a private key) is an exponent of `power` only; what ends up in the ballot anyway, and the
 * simulated half of a proof does, goes through `publicPower`. Each choice has one true and one simulated disjunct, so
 * the time says nothing about which is which.
 */

import { array, fields } from "./canonical.js";
import { basePower, divide, elementText, g, modQ, multiply, parseScalar, power, publicPower, q } from "./group.js";
import { sha256Integer } from "./hashing.js";
import { pause } from "./pace.js";

export function proofToJson(proof) {
  return { challenge: String(proof.challenge), response: String(proof.response) };
}

export function proofFromJson(value) {
  fields(value, ["challenge", "response"]);
  return { challenge: parseScalar(value.challenge), response: parseScalar(value.response) };
}

/** An array of proofs. */
export function proofsFromJson(value) {
  return array(value).map(proofFromJson);
}

/** SHA-256 of the prefix and the commitments separated by commas, modulo q. */
export async function hashCommitments(prefix, commitments) {
  return modQ(await sha256Integer(prefix + commitments.map(elementText).join(",")));
}

/** base^response times claimed^challenge: what the prover must have committed to. */
export function commitment(base, proof, claimed) {
  return multiply(publicPower(base, proof.response), publicPower(claimed, proof.challenge));
}

// -- Knowledge of a discrete logarithm ----------------------------------------------------------------------------

/** A proof of knowledge of x for g^x under the challenge prefix given. */
export async function proveKnowledge(prefix, x, rng) {
  const w = rng(q);
  const challenge = await hashCommitments(prefix, [basePower(w)]);
  return { challenge, response: modQ(w - x * challenge) };
}

/** Whether the proof of knowledge of the logarithm of X holds. */
export async function isKnowledge(prefix, X, proof) {
  return (await hashCommitments(prefix, [commitment(g, proof, X)])) === proof.challenge;
}

// -- Interval membership ------------------------------------------------------------------------------------------

/** iprove(S, r, i, M_0, ..., M_k): the ciphertext c = (g^r, y^r g^(M_i)) holds one of `values`. */
export function proveInterval(y, S, r, i, values, c, rng) {
  const statements = values.map((M) => [{ c, r }, M]);
  return proveOneOf(y, intervalPrefix(S, c), statements, i, rng);
}

/** Whether the proofs show that c holds one of `values`. */
export function isInterval(y, S, values, c, proofs) {
  return isOneOf(y, intervalPrefix(S, c), values.map((M) => [c, M]), proofs);
}

/** What the challenge of an interval proof hashes before its commitments. */
export function intervalPrefix(S, c) {
  return `prove|${S}|${elementText(c.alpha)},${elementText(c.beta)}|`;
}

/** A = g^response alpha^challenge and B = y^response (beta / g^M)^challenge. */
export function intervalCommitments(y, c, M, proof) {
  const shifted = M === 0 ? c.beta : divide(c.beta, basePower(BigInt(M)));
  return [commitment(g, proof, c.alpha), commitment(y, proof, shifted)];
}

// -- Possibly-blank votes -----------------------------------------------------------------------------------------
// An opening is {c, r, m}: a ciphertext with what is inside.

/** blank_proof: m_0 = 0 or m_sigma = 0. */
export function proveBlank(y, S, zero, sigma, rng) {
  const statements = [[zero, 0], [sigma, 0]];
  return proveOneOf(y, `bproof0|${S}|`, statements, zero.m === 0 ? 0 : 1, rng);
}

/** Whether the proofs show that m_0 = 0 or m_sigma = 0. */
export function isBlank(y, S, zero, sigma, proofs) {
  return isOneOf(y, `bproof0|${S}|`, [[zero, 0], [sigma, 0]], proofs);
}

/** overall_proof where blank votes are allowed: m_0 = 1, or m_sigma is one of `values`. */
export function proveOverallOrBlank(y, S, zero, sigma, values, rng) {
  const statements = [[zero, 1], ...values.map((M) => [sigma, M])];
  return proveOneOf(y, `bproof1|${S}|`, statements, zero.m === 1 ? 0 : 1 + values.indexOf(sigma.m), rng);
}

/** Whether the proofs show that m_0 = 1, or m_sigma is one of `values`. */
export function isOverallOrBlank(y, S, zero, sigma, values, proofs) {
  return isOneOf(y, `bproof1|${S}|`, [[zero, 1], ...values.map((M) => [sigma, M])], proofs);
}

/**
 * One of the statements "this ciphertext holds M" is true, over one or several ciphertexts.
 * The commitments of the others are simulated; the true one closes the sum of the challenges.
 */
async function proveOneOf(y, prefix, statements, true_, rng) {
  const w = rng(q);
  const proofs = [];
  const commitments = [];
  for (const [j, [opening, M]] of statements.entries()) {
    await pause();
    if (j === true_) {
      proofs.push({ challenge: 0n, response: 0n });
      commitments.push(basePower(w), power(y, w));
    } else {
      const challenge = rng(q);
      const fake = { challenge, response: rng(q) };
      proofs.push(fake);
      commitments.push(...intervalCommitments(y, opening.c, M, fake));
    }
  }
  const rest = proofs.reduce((sum, proof) => sum + proof.challenge, 0n);
  const challenge = modQ((await hashCommitments(prefix, commitments)) - rest);
  proofs[true_] = { challenge, response: modQ(w - statements[true_][0].r * challenge) };
  return proofs;
}

async function isOneOf(y, prefix, statements, proofs) {
  if (proofs.length !== statements.length) return false;
  const commitments = [];
  for (const [j, [c, M]] of statements.entries()) {
    await pause();
    commitments.push(...intervalCommitments(y, c, M, proofs[j]));
  }
  const total = modQ(proofs.reduce((sum, proof) => sum + proof.challenge, 0n));
  return (await hashCommitments(prefix, commitments)) === total;
}
