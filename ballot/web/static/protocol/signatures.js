/**
 * Schnorr signatures of a ballot by its credential (ballot/protocol/signatures.py).
 *
 * Spec: Messages, Signatures. `is...` answers whether the equation holds.
 */

import { fields, text } from "./canonical.js";
import { isKnowledge, proofFromJson, proofToJson, proveKnowledge } from "./proofs.js";

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
