/**
 * ElGamal ciphertexts with the message in the exponent (ballot/protocol/elgamal.py).
 *
 * Spec: Messages, Common structures; Homomorphic answers (encryption).
 * A ciphertext is `{alpha, beta}` = (g^r, y^r g^m).
 */

import { fields } from "./canonical.js";
import { basePower, check, elementText, g, multiply, one, parseElement, power } from "./group.js";

/** (g^r, y^r g^m) for the election public key y, secret randomness r and a bit m. */
export function encrypt(y, r, m) {
  const beta = power(y, r);
  return { alpha: basePower(r), beta: multiply(beta, m === 1 ? g : one) };
}

/** The pointwise product, an encryption of the sum; the neutral ciphertext for none. */
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
