/**
 * Credentials: what a voter holds, and what is derived from it (ballot/protocol/credentials.py).
 *
 * Spec: Messages, Credentials. The private credential never leaves the registrar's vault and this page.
 */

import { InvalidMessage, Reason } from "./errors.js";
import { basePower, modQ } from "./group.js";
import { sha256Hex } from "./hashing.js";
import { BASE58 } from "./spec.js";

const FORM = new RegExp(`^${[5, 6, 5, 6].map((n) => `[${BASE58}]{${n}}`).join("-")}$`);

/** Throw InvalidMessage unless `c` is written as a private credential is (it has no checksum); never shows it. */
export function checkCredential(c) {
  if (typeof c !== "string" || !FORM.test(c)) {
    throw new InvalidMessage(Reason.CREDENTIAL_FORM, "expected XXXXX-XXXXXX-XXXXX-XXXXXX in Base58");
  }
}

/** secret(c): SHA-256(derive_credential|uuid|i|c) for i = 0, 1, one after the other, modulo q. */
export async function derivePrivateKey(uuid, c) {
  checkCredential(c);
  const digits = await Promise.all([0, 1].map((i) => sha256Hex(`derive_credential|${uuid}|${i}|${c}`)));
  return modQ(BigInt(`0x${digits.join("")}`));
}

/** public(c) = g^secret(c), a group element. */
export async function derivePublicCredential(uuid, c) {
  return basePower(await derivePrivateKey(uuid, c));
}
