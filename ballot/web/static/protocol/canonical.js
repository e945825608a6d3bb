/**
 * JSON in the one form that counts: compact, fields in the specification's order (ballot/protocol/canonical.py).
 *
 * Spec: Messages, Conventions. A message is accepted only if writing it again gives the same text, which settles
 * duplicate keys, spaces, escapes, field order and number forms at once. What is *not* done here: knowing any message.
 */

import { InvalidMessage, Reason } from "./errors.js";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const MAX_DEPTH = 32;
const STRINGS = /"(?:[^"\\]|\\.)*"/gs;
const HALF_A_SURROGATE_PAIR = /\\ud[89a-f]/;

/** The canonical text of a value. Of strings, whole numbers, booleans, arrays and objects only. */
export function writeJson(value) {
  return JSON.stringify(value).replaceAll("\x7f", "\\u007f");
}

/** Any JSON of a few levels without fractions, from text or UTF-8 bytes; throws InvalidMessage for anything else. */
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
    // told below
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

/** The object `value`, whose fields are exactly `names` in that order, those in `optional` perhaps left out. */
export function fields(value, names, optional = []) {
  if (kindOf(value) !== "an object") wrongType("an object", value);
  const found = Object.keys(value);
  const expected = names.filter((name) => Object.hasOwn(value, name) || !optional.includes(name));
  if (found.length !== expected.length || found.some((name, i) => name !== expected[i])) {
    throw new InvalidMessage(Reason.WRONG_FIELDS, `expected the fields ${expected.join(", ")}`);
  }
  return value;
}

/** The array `value`, of `length` entries where one is given. */
export function array(value, length = null) {
  if (!Array.isArray(value)) wrongType("an array", value);
  if (length !== null && value.length !== length) {
    throw new InvalidMessage(Reason.WRONG_SHAPE, `expected ${length} entries, found ${value.length}`);
  }
  return value;
}

/** The string `value`. */
export function text(value) {
  if (typeof value !== "string") wrongType("a string", value);
  return value;
}

/** The whole number `value` in [minimum, maximum]. */
export function integer(value, minimum = 0, maximum = Number.MAX_SAFE_INTEGER) {
  if (typeof value !== "number") wrongType("a whole number", value);
  if (!Number.isSafeInteger(value) || value < minimum || value > maximum) {
    throw new InvalidMessage(Reason.NUMBER_RANGE, `expected a number from ${minimum} to ${maximum}`);
  }
  return value;
}

/** The boolean `value`. */
export function boolean(value) {
  if (typeof value !== "boolean") wrongType("true or false", value);
  return value;
}

function wrongType(expected, value) {
  throw new InvalidMessage(Reason.WRONG_TYPE, `expected ${expected}, found ${kindOf(value)}`);
}

/** What a JSON value is, in a word for a message; never the value itself, which could be a secret. */
function kindOf(value) {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  return { object: "an object", string: "a string", boolean: "a boolean", number: "a number" }[typeof value] ?? "null";
}
