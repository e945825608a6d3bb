/**
 * Hashes: SHA-256 by the browser, in the three dresses that the specification uses (ballot/protocol/hashing.py).
 *
 * Spec: Messages, Basic types; every challenge is SHA-256 read as a 256-bit big-endian number modulo q.
 * `crypto.subtle` exists only where the page came over HTTPS or from this machine itself.
 */

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
