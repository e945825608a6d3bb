/**
 * Receipts: the board's signed word that a ballot was accepted (ballot/record/receipts.py).
 *
 * The signature is Ed25519 over the line "ballot receipt v1" and the canonical receipt without key and signature.
 */

import { Point, verifyAsync } from "../vendor/noble-ed25519/index.js";
import { trackingNumber } from "./ballots.js";
import { checkCanonical, fields, integer, parseJson, text, writeJson } from "./canonical.js";
import { InvalidMessage, Reason } from "./errors.js";
import { checkKey } from "./group.js";
import { isHash, parseHex } from "./hashing.js";

const FIELDS = ["programme", "ccg", "election_uuid", "tracking_number", "height", "chain_head", "time"];

/** As `checkSignedReceipt`; throws InvalidMessage too unless the receipt is about the ballot with exactly this text. */
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
  const written = receiptText.trim();
  const value = fields(parseJson(written), [...FIELDS, "key", "signature"]);
  checkCanonical(written, value, "the receipt");
  if (!isHash(value.chain_head)) throw new InvalidMessage(Reason.WRONG_TYPE, "expected a hash as chain_head");
  for (const name of ["programme", "ccg", "election_uuid", "tracking_number"]) text(value[name]);
  integer(value.height, 1);
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text(value.time))) {
    throw new InvalidMessage(Reason.WRONG_TYPE, "expected a time such as 2020-05-29T16:00:00Z");
  }
  checkBoardKey(value.key);
  const signature = parseSignature(value.signature);
  if (value.key !== boardKeyHex) {
    throw new InvalidMessage(Reason.PUBLIC_KEY, "the receipt is signed with a key that is not the board's");
  }
  const receipt = Object.fromEntries(FIELDS.map((name) => [name, value[name]]));
  const message = new TextEncoder().encode(`ballot receipt v1\n${writeJson(receipt)}`);
  if (!(await verifyAsync(signature, message, parseHex(boardKeyHex), { zip215: false }))) {
    throw new InvalidMessage(Reason.SIGNATURE, "the board did not sign this receipt");
  }
  return Object.freeze(receipt);
}

/** A key of small order fits many messages: the board's must be of prime order. Its bytes here are RFC 8032's. */
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
    // told below
  }
  if (bytes.length !== 64 || btoa(bytes) !== written) {
    throw new InvalidMessage(Reason.WRONG_TYPE, "expected 64 bytes in Base64");
  }
  return Uint8Array.from(bytes, (c) => c.charCodeAt(0));
}
