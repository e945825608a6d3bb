/**
 * Elections: the parameters that every ballot is made for (ballot/protocol/elections.py).
 *
 * Spec: Messages, Elections; Basic types (uuid). The election's *text* is what is hashed and what ballots name.
 */

import { array, checkCanonical, fields, integer, parseJson, text, writeJson } from "./canonical.js";
import { InvalidMessage, Reason } from "./errors.js";
import { checkKey, parseElement } from "./group.js";
import { sha256Base64 } from "./hashing.js";
import { questionFromJson } from "./questions.js";
import { BASE58, GROUP, PROTOCOL_VERSION } from "./spec.js";

const FIELDS = [
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
const OPTIONAL = ["administrator", "credential_authority", "language"];

/**
 * The election written as `data` (text, or the bytes as they came): uuid, description, name, publicKey, questions and
 * `hash`, the Base64 that ballots name. Throws InvalidMessage unless it is canonical and of a kind supported here.
 */
export async function parseElection(data) {
  const value = parseJson(data);
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  if (isObject && value.version !== PROTOCOL_VERSION) {
    throw new InvalidMessage(Reason.UNSUPPORTED, `expected protocol version ${PROTOCOL_VERSION}`);
  }
  if (isObject && value.group !== GROUP) throw new InvalidMessage(Reason.UNSUPPORTED, `expected the group ${GROUP}`);
  fields(value, FIELDS, OPTIONAL);
  integer(value.version);
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
