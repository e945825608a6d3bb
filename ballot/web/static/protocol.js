/**
 * The voting protocol in the page: Belenios 3.3.0 (version 1, group Ed25519), as in ballot/protocol, name for name.
 *
 * This is one long file on purpose. The page needs one request for it, and the bytes are the same in the repository, in
 * the browser and in the list of hashes, without a build step. It has a section for each Python module that it mirrors,
 * in the order of the table of ballot/protocol. A name here is Python's in camelCase, and a test compares them.
 *
 * Nothing here uses the page, the network or storage: text in, text out. Randomness is `crypto.getRandomValues` unless
 * a caller passes `rng`. A refusal throws `InvalidMessage` with a `reason` of one word.
 */

import { Point } from "./vendor/noble-ed25519/index.js";

// -- ballot/protocol/spec.py --
// The version of the specification that this follows.

export const PROTOCOL_VERSION = 1;
export const GROUP = "Ed25519";
export const BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

// -- ballot/protocol/canonical.py --
// JSON in the one form that counts: compact, fields in the specification's order.
//
// Spec: Messages, Conventions. A message is accepted only if writing it again gives the same text. That one rule covers
// duplicate keys, spaces, escapes, field order and number forms. What is *not* done here: knowing what messages mean.

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const MAX_DEPTH = 32;
const STRINGS = /"(?:[^"\\]|\\.)*"/gs;
const HALF_A_SURROGATE_PAIR = /\\ud[89a-f]/;

/** The canonical text of a value made of strings, whole numbers, booleans, arrays and objects. */
export function writeJson(value) {
  return JSON.stringify(value).replaceAll("\x7f", "\\u007f");
}

/**
 * The canonical text of an object whose names are data, from `[name, value]` pairs, in their order. A JavaScript object
 * would put names such as "101" first.
 */
export function writeEntries(entries) {
  return `{${entries.map(([name, value]) => `${writeJson(name)}:${writeJson(value)}`).join(",")}}`;
}

/** The value of JSON with few levels and no fractions, from text or UTF-8 bytes; throws InvalidMessage otherwise. */
export function parseJson(data) {
  const written = decoded(data);
  let value;
  try {
    value = JSON.parse(written);
  } catch {
    throw new InvalidMessage(Reason.NOT_JSON, "expected JSON");
  }
  checkDepth(value);
  if (/[0-9][.eE]/.test(written.replace(STRINGS, ""))) {
    throw new InvalidMessage(Reason.WRONG_TYPE, "expected whole numbers only");
  }
  if (HALF_A_SURROGATE_PAIR.test(written) && HALF_A_SURROGATE_PAIR.test(JSON.stringify(value))) {
    throw new InvalidMessage(Reason.NOT_CANONICAL, "expected JSON that holds only Unicode text");
  }
  return value;
}

function decoded(data) {
  try {
    const written = typeof data === "string" ? data : utf8.decode(data);
    if (written.isWellFormed?.() !== false) return written;
  } catch {
    // the check below throws
  }
  throw new InvalidMessage(Reason.NOT_JSON, "expected UTF-8");
}

function checkDepth(value) {
  let level = [value];
  for (let i = 0; i < MAX_DEPTH; i += 1) {
    level = level.flatMap((entry) => (typeof entry === "object" && entry !== null ? Object.values(entry) : []));
    if (level.length === 0) return;
  }
  throw new InvalidMessage(Reason.TOO_DEEP, `expected JSON of fewer than ${MAX_DEPTH} levels`);
}

/** Throw unless `value`, which `parseJson` read from `data`, is written as exactly `data`. */
export function checkCanonical(data, value, what) {
  if (writeJson(value) !== decoded(data)) {
    throw new InvalidMessage(Reason.NOT_CANONICAL, `${what} is not in compact, ordered JSON`);
  }
}

/** The object `value`; throws InvalidMessage unless it has the fields `names` in order, `optional` ones or not. */
export function fields(value, names, optional = []) {
  if (kindOf(value) !== "an object") wrongType("an object", value);
  const found = Object.keys(value);
  const expected = names.filter((name) => Object.hasOwn(value, name) || !optional.includes(name));
  if (found.length !== expected.length || found.some((name, i) => name !== expected[i])) {
    throw new InvalidMessage(Reason.WRONG_FIELDS, `expected the fields ${expected.join(", ")}`);
  }
  return value;
}

/** The array `value`; throws InvalidMessage unless it is one, of `length` entries if given. */
export function array(value, length = null) {
  if (!Array.isArray(value)) wrongType("an array", value);
  if (length !== null && value.length !== length) {
    throw new InvalidMessage(Reason.WRONG_SHAPE, `expected ${length} entries, found ${value.length}`);
  }
  return value;
}

/** The string `value`; throws InvalidMessage for another type. */
export function text(value) {
  if (typeof value !== "string") wrongType("a string", value);
  return value;
}

/** The whole number `value`; throws InvalidMessage unless it is in [minimum, maximum]. */
export function integer(value, minimum = 0, maximum = Number.MAX_SAFE_INTEGER) {
  if (typeof value !== "number") wrongType("a whole number", value);
  if (!Number.isSafeInteger(value) || value < minimum || value > maximum) {
    throw new InvalidMessage(Reason.NUMBER_RANGE, `expected a number from ${minimum} to ${maximum}`);
  }
  return value;
}

/** The boolean `value`; throws InvalidMessage for another type. */
export function boolean(value) {
  if (typeof value !== "boolean") wrongType("true or false", value);
  return value;
}

function wrongType(expected, value) {
  throw new InvalidMessage(Reason.WRONG_TYPE, `expected ${expected}, found ${kindOf(value)}`);
}

/** The type of a JSON value in words for a message. The value itself could be a secret. */
function kindOf(value) {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  return { object: "an object", string: "a string", boolean: "a boolean", number: "a number" }[typeof value] ?? "null";
}

// -- ballot/protocol/hashing.py --
// Hashes: SHA-256 by the browser, in the three forms that the specification uses.
//
// Spec: Messages, Basic types; every challenge is SHA-256 read as a 256-bit big-endian number modulo q.
// `crypto.subtle` exists only if the page came over HTTPS or from this machine itself.

const encoder = new TextEncoder();

async function sha256(text) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", encoder.encode(text)));
}

/** Bytes as lower-case hexadecimal digits. */
export function hexText(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The bytes written as hexadecimal digits. */
export function parseHex(digits) {
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** SHA-256 of UTF-8 text in hexadecimal. */
export async function sha256Hex(text) {
  return hexText(await sha256(text));
}

/** SHA-256 of UTF-8 text in Base64 without padding: election hash, tracking number, hash in a signature. */
export async function sha256Base64(text) {
  return btoa(String.fromCharCode(...(await sha256(text)))).replace(/=+$/, "");
}

/** SHA-256 of UTF-8 text as a big-endian number, before any reduction modulo q. */
export async function sha256Integer(text) {
  return BigInt(`0x${await sha256Hex(text)}`);
}

/** Whether `value` is 64 lower-case hexadecimal digits. */
export function isHash(value) {
  return typeof value === "string" && /^[0-9a-f]{64}$/.test(value);
}

// -- ballot/protocol/group.py --
// The group: elements and scalars. Only this section and the check of Ed25519 signatures know the curve.
//
// Spec: Groups; elliptic curve Ed25519. Multiplicative notation: `multiply` adds points. An element is a point of
// @noble/ed25519; in JSON and in every hash it is the *big-endian* hexadecimal of RFC 8032's number, the reverse of
// its bytes. An element from outside goes through `parseElement` (canonical form, on the curve) and, before it is
// trusted, through `check` (prime-order subgroup). Callers decide whether the identity is allowed (`checkKey`).

export const { n: q, p } = Point.CURVE();
export const g = Point.BASE;
export const one = Point.ZERO;

const textOf = new WeakMap(); // a point's text takes an inversion, and is hashed several times

/** A uniform number in [0, n) from the browser's cryptographic generator; draws again until it is below n. */
export function randomBelow(n) {
  const bits = (n - 1n).toString(2).length;
  const bytes = new Uint8Array(Math.ceil(bits / 8));
  for (;;) {
    crypto.getRandomValues(bytes);
    bytes[0] &= 0xff >> (8 * bytes.length - bits);
    const drawn = BigInt(`0x${hexText(bytes)}`);
    if (drawn < n) return drawn;
  }
}

/** P^s for a *secret* 0 <= s < q; the number of steps does not depend on s. */
export function power(P, s) {
  return s === 0n || P.is0() ? one : P.multiply(s);
}

/** P^s for a *public* 0 <= s < q: faster, but its time depends on s. */
export function publicPower(P, s) {
  return P.multiplyUnsafe(s);
}

/** g^s for 0 <= s < q, from the fixed table of the generator. */
export function basePower(s) {
  return s === 0n ? one : g.multiply(s);
}

/** P times Q. */
export function multiply(P, Q) {
  return P.add(Q);
}

/** P times the inverse of Q. */
export function divide(P, Q) {
  return P.subtract(Q);
}

/** The product of elements; the identity if there are none. */
export function product(elements) {
  return elements.reduce(multiply, one);
}

/** Throw InvalidMessage unless P is in the group of order q. The identity is in it. */
export function check(P) {
  if (!P.isTorsionFree()) {
    throw new InvalidMessage(Reason.ELEMENT_SUBGROUP, `${elementText(P)} is not in the prime-order subgroup`);
  }
}

/** Throw InvalidMessage unless P is in the group and not the identity, as a key or a credential must be. */
export function checkKey(P) {
  if (P.is0()) throw new InvalidMessage(Reason.ELEMENT_IDENTITY, "the key is the identity element");
  check(P);
}

/** An element as written in JSON and in hashes: 64 hexadecimal digits, big-endian. */
export function elementText(P) {
  let found = textOf.get(P);
  if (found === undefined) {
    found = hexText(P.toBytes().reverse());
    textOf.set(P, found);
  }
  return found;
}

/**
 * The element written as `value`; throws InvalidMessage unless the encoding is canonical, of a point on the curve.
 * Canonical: 64 lower-case digits, y below p, no sign bit on x = 0. Does not check the subgroup.
 */
export function parseElement(value) {
  if (typeof value !== "string" || !/^[0-9a-f]{64}$/.test(value)) {
    throw new InvalidMessage(Reason.ELEMENT_ENCODING, "expected 64 lower-case hexadecimal digits");
  }
  const number = BigInt(`0x${value}`);
  const y = number & (2n ** 255n - 1n);
  const sign = number >> 255n;
  if (y >= p || (sign === 1n && (y === 1n || y === p - 1n))) {
    throw new InvalidMessage(Reason.ELEMENT_ENCODING, `${value} is a second spelling of another point`);
  }
  try {
    return Point.fromBytes(parseHex(value).reverse());
  } catch {
    throw new InvalidMessage(Reason.ELEMENT_SUBGROUP, `${value} is not on the curve`);
  }
}

/** The number in [0, q) written in base 10 as `value`; throws InvalidMessage for any other form. */
export function parseScalar(value) {
  if (typeof value !== "string" || !/^(?:0|[1-9][0-9]{0,79})$/.test(value)) {
    throw new InvalidMessage(Reason.SCALAR_RANGE, "expected a number in base 10, without sign or leading zero");
  }
  const s = BigInt(value);
  if (s >= q) throw new InvalidMessage(Reason.SCALAR_RANGE, "expected a number below the order of the group");
  return s;
}

/** `s` modulo q, in [0, q) even if s is negative. */
export function modQ(s) {
  const rest = s % q;
  return rest < 0n ? rest + q : rest;
}

// -- ballot/protocol/eddsa.py --
// Check Ed25519 signatures: the strictest reading of RFC 8032, which the Python module explains.
//
// The vendored library multiplies by the cofactor 8, so its own check accepts an R with an added point of small order,
// which OpenSSL refuses. So it is not used: every verifier accepts what is accepted here.

/** Whether `key` (32 bytes) is the canonical encoding of a point of prime order. */
export function isEd25519Key(key) {
  try {
    checkKey(parseElement(reversedHex(key)));
    return true;
  } catch (error) {
    if (error instanceof InvalidMessage) return false;
    throw error;
  }
}

/** Whether `signature` is (R, s), made with the private key of `key` over exactly this message. All are bytes. */
export async function isEd25519Signature(key, signature, message) {
  if (signature.length !== 64 || !isEd25519Key(key)) return false;
  const R = signature.slice(0, 32);
  const s = BigInt(`0x${reversedHex(signature.slice(32))}`);
  if (s >= q || reversedHex(R) === elementText(one)) return false;
  const hashed = new Uint8Array([...R, ...key, ...message]);
  const h = modQ(BigInt(`0x${reversedHex(new Uint8Array(await crypto.subtle.digest("SHA-512", hashed)))}`));
  const A = parseElement(reversedHex(key));
  return elementText(divide(publicPower(g, s), publicPower(A, h))) === reversedHex(R);
}

/** The hexadecimal digits of a little-endian number in bytes. */
function reversedHex(bytes) {
  return hexText(Uint8Array.from(bytes).reverse());
}

// -- ballot/protocol/elgamal.py --
// ElGamal ciphertexts with the message in the exponent.
//
// Spec: Messages, Common structures; Homomorphic answers (encryption).
// A ciphertext is `{alpha, beta}` = (g^r, y^r g^m).

/** (g^r, y^r g^m) for the election public key y, secret randomness r and a bit m. */
export function encrypt(y, r, m) {
  const beta = power(y, r);
  return { alpha: basePower(r), beta: multiply(beta, m === 1 ? g : one) };
}

/** The pointwise product, which encrypts the sum; the neutral ciphertext if there are none. */
export function combine(ciphertexts) {
  return ciphertexts.reduce(
    (sum, c) => ({ alpha: multiply(sum.alpha, c.alpha), beta: multiply(sum.beta, c.beta) }),
    { alpha: one, beta: one },
  );
}

/** Throw InvalidMessage unless both parts are in the group. */
export function checkCiphertext(c) {
  check(c.alpha);
  check(c.beta);
}

export function ciphertextToJson(c) {
  return { alpha: elementText(c.alpha), beta: elementText(c.beta) };
}

export function ciphertextFromJson(value) {
  fields(value, ["alpha", "beta"]);
  return { alpha: parseElement(value.alpha), beta: parseElement(value.beta) };
}

// -- ballot/protocol/proofs.py --
// Zero-knowledge proofs: knowledge, interval membership, possibly-blank votes.
//
// Spec: Verification keys (pok); Proofs of interval membership; Proofs of possibly-blank votes. A proof is
// `{challenge, response}` in Z_q; every commitment is recomputed from them. Randomness is drawn in the order of the
// Python module, so that the same draws give the same bytes. `rng(n)` is uniform in [0, n).
//
// A secret (r, w, a private key) is only used as an exponent of `power`. Numbers that are published in the ballot, such
// as the simulated half of a proof, may go through `publicPower`. Each choice has one true and one simulated disjunct,
// so the time does not show which is which.

export function proofToJson(proof) {
  return { challenge: String(proof.challenge), response: String(proof.response) };
}

export function proofFromJson(value) {
  fields(value, ["challenge", "response"]);
  return { challenge: parseScalar(value.challenge), response: parseScalar(value.response) };
}

/** The proofs in an array; throws InvalidMessage for another form. */
export function proofsFromJson(value) {
  return array(value).map(proofFromJson);
}

/** SHA-256 of the prefix and the commitments separated by commas, modulo q. */
export async function hashCommitments(prefix, commitments) {
  return modQ(await sha256Integer(prefix + commitments.map(elementText).join(",")));
}

/** base^response times claimed^challenge: the prover's commitment. */
export function commitment(base, proof, claimed) {
  return multiply(publicPower(base, proof.response), publicPower(claimed, proof.challenge));
}

// ---- Knowledge of a discrete logarithm

/** A proof of knowledge of x for g^x, under this challenge prefix. */
export async function proveKnowledge(prefix, x, rng) {
  const w = rng(q);
  const challenge = await hashCommitments(prefix, [basePower(w)]);
  return { challenge, response: modQ(w - x * challenge) };
}

/** Whether the proof of knowledge of the logarithm of X is valid. */
export async function isKnowledge(prefix, X, proof) {
  return (await hashCommitments(prefix, [commitment(g, proof, X)])) === proof.challenge;
}

// ---- Interval membership

/** iprove(S, r, i, M_0, ..., M_k): the ciphertext c = (g^r, y^r g^(M_i)) holds one of `values`. */
export function proveInterval(y, S, r, i, values, c, rng) {
  const statements = values.map((M) => [{ c, r }, M]);
  return proveOneOf(y, intervalPrefix(S, c), statements, i, rng);
}

/** Whether the proofs show that c holds one of `values`. */
export function isInterval(y, S, values, c, proofs) {
  return isOneOf(y, intervalPrefix(S, c), values.map((M) => [c, M]), proofs);
}

/** The text that the challenge of an interval proof hashes before its commitments. */
export function intervalPrefix(S, c) {
  return `prove|${S}|${elementText(c.alpha)},${elementText(c.beta)}|`;
}

/** A = g^response alpha^challenge and B = y^response (beta / g^M)^challenge. */
export function intervalCommitments(y, c, M, proof) {
  const shifted = M === 0 ? c.beta : divide(c.beta, basePower(BigInt(M)));
  return [commitment(g, proof, c.alpha), commitment(y, proof, shifted)];
}

// ---- Possibly-blank votes
// An opening is {c, r, m}: a ciphertext with its randomness and message.

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
 * Prove that one of the statements "this ciphertext holds M" is true, over one or several ciphertexts.
 * The commitments of the false ones are simulated; the true one completes the sum of the challenges.
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

// -- ballot/protocol/signatures.py --
// Schnorr signatures of a ballot by its credential.
//
// Spec: Messages, Signatures. `is...` answers whether the equation holds.

/** Sign the Base64 hash of a ballot without its signature, with the private key of its credential. */
export async function signHash(s, hash, rng) {
  return { hash, proof: await proveKnowledge(`sig|${hash}|`, s, rng) };
}

/** Whether the holder of `credential` signed the hash in `signature`. */
export function isSigned(credential, signature) {
  return isKnowledge(`sig|${signature.hash}|`, credential, signature.proof);
}

export function signatureToJson(signature) {
  return { hash: signature.hash, proof: proofToJson(signature.proof) };
}

export function signatureFromJson(value) {
  fields(value, ["hash", "proof"]);
  return { hash: text(value.hash), proof: proofFromJson(value.proof) };
}

// -- ballot/protocol/credentials.py --
// Credentials: the private one that a voter holds, and the keys derived from it.
//
// Spec: Messages, Credentials. The private credential never leaves the registrar's vault and this page.

const FORM = new RegExp(`^${[5, 6, 5, 6].map((n) => `[${BASE58}]{${n}}`).join("-")}$`);

/** Throw InvalidMessage, never showing `c`, unless it has the form of a private credential, which has no checksum. */
export function checkCredentialForm(c) {
  if (typeof c !== "string" || !FORM.test(c)) {
    throw new InvalidMessage(Reason.CREDENTIAL_FORM, "expected XXXXX-XXXXXX-XXXXX-XXXXXX in Base58");
  }
}

/** secret(c): SHA-256(derive_credential|uuid|i|c) for i = 0 and 1, concatenated, modulo q. */
export async function derivePrivateKey(uuid, c) {
  checkCredentialForm(c);
  const digits = await Promise.all([0, 1].map((i) => sha256Hex(`derive_credential|${uuid}|${i}|${c}`)));
  return modQ(BigInt(`0x${digits.join("")}`));
}

/** public(c) = g^secret(c), a group element. */
export async function derivePublicCredential(uuid, c) {
  return basePower(await derivePrivateKey(uuid, c));
}

const ENTRY = /^([0-9a-f]{64})(?:,(0|[1-9][0-9]{0,18}))?$/;

/** The list L as a Map from public credentials in hexadecimal to weights, null where weights are not used. */
export function publicCredentialsFromJson(value) {
  const weights = new Map();
  for (const entry of array(value)) {
    const [, credential, weight = null] = ENTRY.exec(text(entry)) ?? [];
    if (credential === undefined || weights.has(credential)) {
      throw new InvalidMessage(Reason.WRONG_SHAPE, "expected public credentials, each once");
    }
    weights.set(credential, weight === null ? null : integer(Number(weight)));
  }
  return weights;
}

// -- ballot/protocol/questions.py --
// Homomorphic questions and their encrypted answers.
//
// Spec: Messages, Questions; Encrypted answers, Homomorphic answers. A vote is an array of 0 and 1 with an entry for
// each answer, and a leading one for the blank vote where `blank` is allowed. Other types of question are unsupported.

const BIT = [0, 1];

/** question_h: select `min` to `max` of the answers, or none if `blank` is allowed. */
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

/** The number of ciphertexts in an answer. */
export function lengthOf(question) {
  return question.answers.length + (question.blank ? 1 : 0);
}

/** The numbers of answers that may be selected: min, ..., max. */
export function intervalOf(question) {
  return Array.from({ length: question.max - question.min + 1 }, (_, i) => question.min + i);
}

/** Throw InvalidMessage unless the question allows this plain vote. */
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
 * Encrypt and prove a plain vote; S0 is `election hash|credential`.
 * Returns the encrypted answer and the randomness r of its choices, which opens it.
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
    throw new InvalidMessage(Reason.WRONG_SHAPE, "expected a blank proof exactly if blank votes are allowed");
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

// -- ballot/protocol/elections.py --
// Elections: the parameters that every ballot is made for.
//
// Spec: Messages, Elections; Basic types (uuid). The election's *text* is what is hashed and what ballots name.

const ELECTION_FIELDS = [
  "version",
  "description",
  "name",
  "group",
  "public_key",
  "questions",
  "uuid",
  "administrator",
  "credential_authority",
  "language",
];
const OPTIONAL_FIELDS = ["administrator", "credential_authority", "language"];

/**
 * The election written as `data` (text, or the bytes as they came): uuid, description, name, publicKey, questions and
 * `hash`, the Base64 that ballots name. Throws InvalidMessage unless it is canonical and of a kind supported here.
 */
export async function parseElection(data) {
  const value = parseJson(data);
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  if (isObject && "version" in value && integer(value.version) !== PROTOCOL_VERSION) {
    throw new InvalidMessage(Reason.UNSUPPORTED, `protocol version ${value.version} is not supported`);
  }
  if (isObject && "group" in value && text(value.group) !== GROUP) {
    throw new InvalidMessage(Reason.UNSUPPORTED, `the group ${value.group.slice(0, 40)} is not supported`);
  }
  fields(value, ELECTION_FIELDS, OPTIONAL_FIELDS);
  const publicKey = parseElement(value.public_key);
  const questions = Object.freeze(array(value.questions).map(questionFromJson));
  if ("language" in value) array(value.language, 2).forEach(text);
  const election = {
    description: text(value.description),
    name: text(value.name),
    publicKey,
    questions,
    uuid: parseUuid(value.uuid),
  };
  for (const name of ["administrator", "credential_authority"]) if (name in value) text(value[name]);
  checkCanonical(data, value, "the election");
  checkKey(publicKey);
  return Object.freeze({ ...election, hash: await sha256Base64(writeJson(value)) });
}

/** The election identifier `value`: at least 14 Base58 characters. */
export function parseUuid(value) {
  const uuid = text(value);
  if (uuid.length < 14 || uuid.length > 100 || [...uuid].some((c) => !BASE58.includes(c))) {
    throw new InvalidMessage(Reason.ELECTION_UUID, "expected 14 or more Base58 characters");
  }
  return uuid;
}

// -- ballot/protocol/ballots.py --
// Ballots: create, check, track.
//
// Spec: Messages, Ballots; Processes, Vote. What is *not* done here: whether voting is open, and sending anything.

const BALLOT_FIELDS = ["election_uuid", "election_hash", "credential", "answers", "signature"];

/** The smart ballot tracker: the hash of the whole ballot's text, in Base64 (43 characters). */
export function trackingNumber(ballotText) {
  return sha256Base64(ballotText);
}

/**
 * Encrypt, prove and sign one plain vote per question, with a private credential; the page stays responsive.
 *
 * Returns a paper: `bytes` (the ballot's canonical text, to be sent unchanged), `trackingNumber`, `votes`, and
 * `randomness` (the r of every choice, in base 10), which opens the encryption and must be deleted once it is cast.
 * The randomness of the signature is not returned: it would reveal the private key.
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

/** The ballot written as `data`; throws InvalidMessage unless it is canonical, complete and of the right types. */
export function parseBallot(data) {
  const value = fields(parseJson(data), BALLOT_FIELDS);
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
 * if one is given, (3) the credential signed it, (4) every answer's proofs hold.
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
    throw new InvalidMessage(Reason.ELEMENT_IDENTITY, "the credential is the identity element");
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

// -- ballot/protocol/openings.py --
// Opening a spoilt paper: showing what its encryption holds.
//
// Cast or audit: a voter who doubts the page lets it encrypt, notes the tracking number, and has the paper opened
// instead of cast. Any copy of this check, or scripts/check_paper.py, shows what it encrypts. An opened paper must
// never be cast, because everyone who has the opening knows its vote.

const OPENING_FIELDS = ["election_uuid", "election_hash", "ballot", "votes", "randomness"];

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
 * why it does not provably encrypt that.
 * (1) It is canonical, (2) names this election, (3) holds one allowed vote for each question and a number for each
 * choice, (4) every choice encrypts its entry with that number, (5) the ballot's proofs and signature hold.
 */
export async function checkOpening(election, openingText) {
  const written = openingText.trim();
  const value = fields(parseJson(written), OPENING_FIELDS);
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
    throw new InvalidMessage(Reason.ELECTION_HASH, "the ballot was made for other election parameters");
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

// -- ballot/protocol/errors.py --
// What can be wrong with a message from outside: one word each, the same on page, in log and in test.
// `InvalidMessage` means that they sent something bad; `TypeError` and `RangeError` that we called it wrong.

export const Reason = Object.freeze({
  NOT_JSON: "not-json",
  TOO_DEEP: "too-deep",
  NOT_CANONICAL: "not-canonical",
  WRONG_FIELDS: "wrong-fields",
  WRONG_TYPE: "wrong-type",
  NUMBER_RANGE: "number-range",
  UNSUPPORTED: "unsupported",

  ELEMENT_ENCODING: "element-encoding",
  ELEMENT_SUBGROUP: "element-subgroup",
  ELEMENT_IDENTITY: "element-identity",
  SCALAR_RANGE: "scalar-range",

  ELECTION_UUID: "election-uuid",
  ELECTION_HASH: "election-hash",
  UNKNOWN_CREDENTIAL: "unknown-credential",
  CREDENTIAL_FORM: "credential-form",
  SIGNATURE_HASH: "signature-hash",
  SIGNATURE: "signature",
  WRONG_SHAPE: "wrong-shape",
  INDIVIDUAL_PROOF: "individual-proof",
  OVERALL_PROOF: "overall-proof",
  BLANK_PROOF: "blank-proof",
  VOTE: "vote",
  OPENING: "opening",

  TRUSTEE_PROOF: "trustee-proof",
  CERTIFICATE: "certificate",
  COEFEXPS: "coefexps",
  POLYNOMIAL: "polynomial",
  SECRET: "secret",
  VERIFICATION_KEY: "verification-key",
  CHANNEL: "channel",
  CREDENTIAL_TWICE: "credential-twice",

  ARCHIVE_HEADER: "archive-header",
  ARCHIVE_TRUNCATED: "archive-truncated",
  ARCHIVE_TAR: "archive-tar",
  ARCHIVE_NAME: "archive-name",
  ARCHIVE_HASH: "archive-hash",
  ARCHIVE_ORDER: "archive-order",
  EVENT_PARENT: "event-parent",
  EVENT_HEIGHT: "event-height",
  EVENT_PAYLOAD: "event-payload",
  EVENT_SEQUENCE: "event-sequence",

  PUBLIC_KEY: "public-key",
  WRONG_RECEIPT: "wrong-receipt",
});

/** Something from outside is not what the specification says; `reason` is one word, `detail` one clause. */
export class InvalidMessage extends Error {
  constructor(reason, detail) {
    super(`${reason}: ${detail}`);
    this.name = "InvalidMessage";
    this.reason = reason;
    this.detail = detail;
  }
}

// -- ballot/record/terms.py --
// The programme's fingerprint: one hash over the terms, every public key and every election.

/** The fingerprint of the terms' hash, the keys in hexadecimal by role, and the hash of each election by its name. */
export function programmeFingerprint(terms, keys, elections) {
  const named = Object.keys(elections).sort().map((name) => [name, text(elections[name])]);
  return sha256Hex(`{"terms":${writeJson(terms)},"keys":${writeJson(keys)},"elections":${writeEntries(named)}}`);
}

// -- ballot/record/tokens.py --
// The part of a voting link after the #: `token.credential`, as ballot/registrar/issuing.py writes it.
//
// Mail gateways wrap links in their own, mail programs break lines, people copy too much or too little. So the code is
// searched for in the pasted text: every token begins with the same letters, and the lengths of its signature and of
// the credential are fixed. The server, not the page, checks the registrar's signature on the token.

export const LinkReason = Object.freeze({
  MISSING: "missing",
  CUT: "cut",
  NOT_A_CODE: "not-a-code",
  WITHOUT_CODE: "without-code",
  SEVERAL: "several",
  OTHER_CREDENTIAL: "credential-of-another",
});

const TOKEN_FIELDS = ["programme", "ccg", "practice", "credential", "serial", "expires"];
const BEGINNING = "eyJwcm9ncmFtbWUiOi"; // every token begins with {"programme": in Base64
const SIGNATURE_LENGTH = 86; // characters of 64 bytes in Base64
const CREDENTIAL_LENGTH = 25;
const MAX_LENGTH = 1000; // of a token, as the server reads it
const MAX_PASTED = 200_000; // characters: more than a whole e-mail
const MAX_WRAPPINGS = 8; // links in links, and escapes of escapes
const SHAPE = `([\\w-]{1,${MAX_LENGTH}}\\.[\\w-]{${SIGNATURE_LENGTH}})\\.([\\w-]{${CREDENTIAL_LENGTH}})`;
const CODE = new RegExp(SHAPE, "y");
const TAGS = /<\/?(?:b|br|div|font|i|p|span|wbr)\b[^<>]*>/gi;
const NOISE = /=\s+|^[ \t]*[>|][>| \t]*|[\s\p{Cf}\ufffc\\<>"'\u2018-\u201f]/gmu; // \p{Cf}: soft hyphens, zero widths
const OTHER_HYPHENS = /[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]/g;
const ENTITY = /&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(amp|lt|gt|quot|nbsp|shy));/gi;
const NAMED = { amp: "&", lt: "<", gt: ">", quot: '"', nbsp: " ", shy: "" };
const PROOFPOINT_3 = /\/v3\/__(.{1,4000}?)__;([\w-]*)=*!/g; // ..., and the removed characters in Base64
const BASE64_LINK = /aHR0c[\w+/-]{100,}/g; // http in Base64

/**
 * The code in a fragment or a pasted text: `{token, credential, names}`, where `names` are the fields of the token
 * (programme, ccg, practice, credential, serial, expires); otherwise `{reason}`: `missing` (nothing was pasted), `cut`
 * (a code begins but is incomplete), `several` (different complete codes), `without-code` (an address without a code)
 * or `not-a-code`.
 */
export function readLink(pasted) {
  const plain = unwrapped(String(pasted ?? "").slice(0, MAX_PASTED));
  for (const view of viewsOf(plain)) {
    const codes = codesIn(view);
    if (codes.length > 1) return { reason: LinkReason.SEVERAL };
    if (codes.length === 1) return codes[0];
  }
  return { reason: reasonWhyNot(plain) };
}

/** The texts to search: the text, links in it in Base64, and Proofpoint's second form undone, repeatedly. */
function* viewsOf(plain) {
  yield plain;
  for (const [link] of plain.matchAll(BASE64_LINK)) yield unwrapped(fromBase64(link));
  let view = plain;
  for (let i = 0; i < 3; i += 1) {
    view = unwrapped(view.replace(/_/g, "/").replace(/-(?=[0-9A-F]{2})/g, "%"));
    yield view;
  }
}

/** Every complete code in the text, each once. */
function codesIn(view) {
  const found = new Map();
  for (let at = view.indexOf(BEGINNING); at !== -1; at = view.indexOf(BEGINNING, at + 1)) {
    CODE.lastIndex = at;
    const [code, token, credential] = CODE.exec(view) ?? [""];
    const names = namesIn(code.split(".")[0]);
    if (names !== null && isCredential(credential)) found.set(code, { token, credential, names });
  }
  return [...found.values()];
}

function isCredential(credential) {
  try {
    checkCredentialForm(credential);
    return true;
  } catch {
    return false;
  }
}

/** Why no code was found in the text. */
function reasonWhyNot(plain) {
  const last = plain.slice(plain.lastIndexOf("#") + 1);
  if (last === "" && !plain.includes("/")) return LinkReason.MISSING;
  if (last !== "" && BEGINNING.startsWith(last)) return LinkReason.CUT;
  const at = plain.lastIndexOf(BEGINNING);
  if (at === -1) return plain.includes("//") ? LinkReason.WITHOUT_CODE : LinkReason.NOT_A_CODE;
  const [, payload, signature = "", credential = ""] = /^([\w-]*)(?:\.([\w-]*))?(?:\.([\w-]*))?/.exec(plain.slice(at));
  const short = signature.length < SIGNATURE_LENGTH || credential.length < CREDENTIAL_LENGTH;
  const isCut = namesIn(payload) === null || (short && signature.length <= SIGNATURE_LENGTH);
  return isCut ? LinkReason.CUT : LinkReason.NOT_A_CODE;
}

/** `null` if the credential of a link from `readLink` is the one in its token; else `credential-of-another`. */
export async function linkFault(election, link) {
  const derived = elementText(await derivePublicCredential(election.uuid, link.credential));
  return derived === link.names.credential ? null : LinkReason.OTHER_CREDENTIAL;
}

/** The text without escapes, marks and blanks, which no code has; repeated a few times until nothing changes. */
function unwrapped(text) {
  let before = null;
  let now = withoutNoise(text);
  for (let i = 0; i < MAX_WRAPPINGS && now !== before; i += 1) {
    before = now;
    now = withoutNoise(withoutEscapes(now));
  }
  return now;
}

function withoutNoise(text) {
  return text.replace(TAGS, "").replace(NOISE, "").replace(OTHER_HYPHENS, "-");
}

/** Undo the escapes of addresses, HTML and e-mail (quoted-printable), and Proofpoint's third form. */
function withoutEscapes(text) {
  return text
    .replace(/(?:%[0-9a-f]{2})+/gi, (run) => new TextDecoder().decode(parseHex(run.replace(/%/g, ""))))
    .replace(ENTITY, (_, number, digits, name) => (name ? NAMED[name.toLowerCase()] : characterOf(number, digits)))
    .replace(/=([0-9A-F]{2})/g, (_, digits) => characterOf(undefined, digits))
    .replace(PROOFPOINT_3, (_, link, taken) => putBack(link, [...fromBase64(taken)]));
}

function characterOf(number, digits) {
  const code = number === undefined ? Number.parseInt(digits, 16) : Number(number);
  return code <= 0x10ffff ? String.fromCodePoint(code) : "";
}

/** A link in which `*` replaces one removed character, `**A` two, `**B` three, and so on. */
function putBack(link, taken) {
  const runs = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  return link.replace(/\*(?:\*([\w-]))?/g, (_, run) => taken.splice(0, run ? runs.indexOf(run) + 2 : 1).join(""));
}

/** The decoded text of Base64 in either alphabet, without incomplete characters at its end. */
function fromBase64(written) {
  const standard = written.replace(/-/g, "+").replace(/_/g, "/");
  const whole = standard.length % 4 === 1 ? standard.slice(0, -1) : standard;
  return new TextDecoder().decode(Uint8Array.from(atob(whole), (c) => c.charCodeAt(0)));
}

/** The fields in a token's first part, or null if that is not the canonical JSON of a token. */
function namesIn(payload) {
  if (payload.length > MAX_LENGTH || !/^[\w-]+$/.test(payload)) return null;
  try {
    const bytes = Uint8Array.from(atob(payload.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
    const value = fields(parseJson(bytes), TOKEN_FIELDS);
    checkCanonical(bytes, value, "the token");
    return Object.freeze(value);
  } catch {
    return null;
  }
}

// -- ballot/office/post/letters.py --
// The code on a letter: read as it was typed, and the keys that it stands for.

const LETTER_CODE = 26; // characters, without the one that checks them
const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"; // Crockford's
const NONCE = 12;
const SEPARATORS = /[\s\p{Cf}\p{Pd}\u2212.]/gu;
const MISCOUNT = 4; // so many characters may be missing or too many, and it still looks like a letter's code

/**
 * The code on a letter in a typed text: `{code}`, or `{reason: "letter-mistyped"}` if it looks like one and its check
 * character does not fit; null if the text is something else. Hyphens, blanks and case do not matter, and O, I and L
 * are read as 0 and 1.
 */
export function readLetterCode(typed) {
  const letters = typed.slice(0, MAX_LENGTH).normalize("NFKC").replace(SEPARATORS, "").toUpperCase();
  if (!/^[0-9A-Z]+$/.test(letters) || Math.abs(letters.length - LETTER_CODE - 1) > MISCOUNT) return null;
  const values = [...letters.replaceAll("O", "0").replace(/[IL]/g, "1")].map((each) => ALPHABET.indexOf(each));
  const isWhole = values.length === LETTER_CODE + 1 && !values.includes(-1) && luhn(values) === 0;
  if (!isWhole) return { reason: "letter-mistyped" };
  return { code: values.slice(0, LETTER_CODE).map((value) => ALPHABET[value]).join("") };
}

/** Luhn's sum modulo 32 of a code with its check character: 0 if they fit (Python's `check_character`). */
function luhn(values) {
  const doubled = [...values].reverse().map((value, place) => value * (1 + (place % 2)));
  return doubled.reduce((sum, value) => sum + Math.floor(value / 32) + (value % 32), 0) % 32;
}

/** The id of a letter in hexadecimal, and its key as bytes, which is a secret. */
export async function letterKeys(code) {
  const bytes = (text) => new TextEncoder().encode(text);
  const base = await crypto.subtle.importKey("raw", bytes(code), "HKDF", false, ["deriveBits"]);
  const derive = async (info) => {
    const how = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: bytes(info) };
    return new Uint8Array(await crypto.subtle.deriveBits(how, base, 256));
  };
  return { id: hexText(await derive("ballot letter id v1")), key: await derive("ballot letter key v1") };
}

/** The voting code in a letter's sealed bytes, which are Base64; throws if this key did not seal them. */
export async function openLetter(key, sealed) {
  const bytes = Uint8Array.from(atob(sealed), (c) => c.charCodeAt(0));
  const secret = await crypto.subtle.importKey("raw", key, "AES-GCM", false, ["decrypt"]);
  const how = { name: "AES-GCM", iv: bytes.slice(0, NONCE) };
  return new TextDecoder().decode(await crypto.subtle.decrypt(how, secret, bytes.slice(NONCE)));
}

// -- ballot/record/counting.py --
// What a practice's vote counts for, in words.

const [VOTE, PRACTICE] = [["vote", "votes"], ["practice", "practices"]];
const PATIENTS = ["registered patient", "registered patients"];

/**
 * The words of a weight (Python's `Counting.say_weight`): `count`, `heads` and perhaps `nouns` are those of the
 * election in the terms. A packed weight is shown as its two numbers.
 */
export function sayWeight({ count, heads, nouns }, weight, listSize) {
  if (count === "heads") return counted(weight ?? 1, VOTE);
  const votes = count === "packed" ? (weight ?? 0) % heads : (weight ?? 0);
  const unit = nouns === undefined || nouns.unit.join() === "weighted vote,weighted votes" ? VOTE : nouns.unit;
  const exact = unit === VOTE && votes === (listSize ?? 0);
  const said = counted(votes, exact ? whatCounts({ nouns }) : unit);
  if (count !== "packed") return said;
  return `${counted(Math.floor((weight ?? 0) / heads), nouns?.member ?? PRACTICE)} and ${said}`;
}

/** What the election's weights are made from, singular and plural. */
export function whatCounts({ nouns }) {
  return nouns?.counts ?? PATIENTS;
}

function counted(number, [one, many]) {
  return number === 1 ? `one ${one}` : `${number.toLocaleString("en-GB")} ${many}`;
}

// -- ballot/record/public_roll.py --
// The public columns of the roll.
//
// CSV as Python writes it: commas, LF, quotes only where needed. The hash shows whether it is the sealed roll.

const ROLL_COLUMNS = [
  "ccg_ods_code", "practice_ods_code", "practice_name", "registered_patients", "weight", "locality",
];
const CELL = /("(?:[^"]|"")*"|[^",\r\n]*)([,\n])/y;
const NUMBER = /^(?:0|[1-9][0-9]{0,11})$/;

/** The members in roll.csv, or in one election's part of it; throws InvalidMessage for another form. */
export function parseRoll(data) {
  const rows = [[]];
  for (let at = 0; at < data.length; at = CELL.lastIndex) {
    CELL.lastIndex = at;
    const [, cell, end] = CELL.exec(data) ?? wrongRoll();
    rows.at(-1).push(cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell);
    if (end === "\n") rows.push([]);
  }
  const [columns, ...members] = rows.slice(0, -1);
  if (rows.at(-1).length > 0 || columns?.join() !== ROLL_COLUMNS.join()) wrongRoll();
  return members.map((row) => {
    if (row.length !== ROLL_COLUMNS.length) wrongRoll();
    const [ccg, practice, name, patients, weight, locality] = row;
    return { ccg, practice, name, listSize: rollNumber(patients), weight: rollNumber(weight), locality };
  });
}

function rollNumber(cell) {
  if (cell === "") return null;
  return NUMBER.test(cell) ? Number(cell) : wrongRoll();
}

function wrongRoll() {
  throw new InvalidMessage(Reason.WRONG_SHAPE, "expected the rows of roll.csv");
}

// -- ballot/record/receipts.py --
// Receipts: the board's signed statement that a ballot was accepted.
//
// The signature is Ed25519 over the line "ballot receipt v1" and the canonical receipt without key and signature.

const SPACE_AROUND = /^[\t-\r ]+|[\t-\r ]+$/g; // what Python strips from bytes; other blanks are refused
const RECEIPT_FIELDS = ["programme", "ccg", "election_uuid", "tracking_number", "height", "chain_head", "time"];

/** `checkSignedReceipt`, which also throws InvalidMessage unless the receipt is for the ballot with this exact text. */
export async function checkReceipt(receiptText, boardKeyHex, ballotText) {
  const receipt = await checkSignedReceipt(receiptText, boardKeyHex);
  const ours = JSON.parse(ballotText);
  if (receipt.tracking_number !== (await trackingNumber(ballotText)) || receipt.election_uuid !== ours.election_uuid) {
    throw new InvalidMessage(Reason.WRONG_RECEIPT, "the receipt is for another ballot");
  }
  return receipt;
}

/**
 * The receipt in `receiptText`; throws InvalidMessage unless it is canonical and signed by the board whose key is given
 * in hexadecimal (Python's `check_receipt`).
 */
export async function checkSignedReceipt(receiptText, boardKeyHex) {
  const written = receiptText.replace(SPACE_AROUND, "");
  const value = fields(parseJson(written), [...RECEIPT_FIELDS, "key", "signature"]);
  checkCanonical(written, value, "the receipt");
  if (!isHash(value.chain_head)) throw new InvalidMessage(Reason.WRONG_TYPE, "expected a hash as chain_head");
  for (const name of ["programme", "ccg", "election_uuid", "tracking_number"]) text(value[name]);
  integer(value.height, 1);
  checkTime(value.time);
  checkBoardKey(value.key);
  const signature = parseSignature(value.signature);
  if (value.key !== boardKeyHex) {
    throw new InvalidMessage(Reason.PUBLIC_KEY, "the receipt is signed with a key that is not the board's");
  }
  const receipt = Object.fromEntries(RECEIPT_FIELDS.map((name) => [name, value[name]]));
  const message = new TextEncoder().encode(`ballot receipt v1\n${writeJson(receipt)}`);
  if (!(await isEd25519Signature(parseHex(boardKeyHex), signature, message))) {
    throw new InvalidMessage(Reason.SIGNATURE, "the board did not sign this receipt");
  }
  return Object.freeze(receipt);
}

/** Throw InvalidMessage unless `value` is a real moment, written as 2020-05-29T16:00:00Z (Python's `parse_time`). */
function checkTime(value) {
  const moment = new Date(/^(?!0000)\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text(value)) ? value : Number.NaN);
  if (Number.isNaN(moment.getTime()) || moment.toISOString() !== value.replace("Z", ".000Z")) {
    throw new InvalidMessage(Reason.WRONG_TYPE, "expected a time such as 2020-05-29T16:00:00Z");
  }
}

/** Check that the board's key is of prime order: under one of small order, a signature is valid for many messages. */
function checkBoardKey(key) {
  if (!isHash(key)) throw new InvalidMessage(Reason.WRONG_TYPE, "expected a public key of 64 hexadecimal digits");
  let point;
  try {
    point = Point.fromBytes(parseHex(key));
  } catch {
    throw new InvalidMessage(Reason.ELEMENT_SUBGROUP, "the board's key is not on the curve");
  }
  checkKey(point);
}

function parseSignature(value) {
  const written = text(value);
  let bytes = "";
  try {
    bytes = atob(written);
  } catch {
    // the check below throws
  }
  if (bytes.length !== 64 || btoa(bytes) !== written) {
    throw new InvalidMessage(Reason.WRONG_TYPE, "expected 64 bytes in Base64");
  }
  return Uint8Array.from(bytes, (c) => c.charCodeAt(0));
}

// -- the page's own: pace, which nothing in Python needs --
// The page never freezes: long calculations pause between two multiplications so that the browser can paint.
//
// `scheduler.yield` does not work: Chromium continues before it paints, with 110 ms between frames. `setTimeout` waits
// 4 ms each time. What is *not* done here: work of its own, or a worker.

/** Let the browser paint and handle events before continuing. */
export function pause() {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
