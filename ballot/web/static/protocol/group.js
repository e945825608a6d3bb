/**
 * The group: elements, scalars, and the only module that knows a curve (ballot/protocol/group.py).
 *
 * Spec: Groups; elliptic curve Ed25519. Multiplicative notation: `multiply` adds points. An element is a point of
 * @noble/ed25519; in JSON and in every hash it is the *big-endian* hexadecimal of RFC 8032's number, the reverse of
 * its bytes. Whatever comes from outside goes through `parseElement` (canonical form, on the curve) and, before it is
 * trusted, through `check` (prime-order subgroup). Where the identity is allowed is decided by callers (`checkKey`).
 */

import { Point } from "../vendor/noble-ed25519/index.js";
import { InvalidMessage, Reason } from "./errors.js";
import { hexText, parseHex } from "./hashing.js";

export const { n: q, p } = Point.CURVE();
export const g = Point.BASE;
export const one = Point.ZERO;

const written = new WeakMap(); // a point's text costs an inversion, and is hashed several times

/** A number uniform in [0, n), from the browser's generator of secrets and nothing else: drawn again until below n. */
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

/** P^s for a *secret* 0 <= s < q, in the same number of steps whatever s is. */
export function power(P, s) {
  return s === 0n || P.is0() ? one : P.multiply(s);
}

/** P^s for a *public* 0 <= s < q: faster, and its time tells about s. */
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

/** The product of elements; the identity for none. */
export function product(elements) {
  return elements.reduce(multiply, one);
}

/** Throw InvalidMessage unless P is in the group of order q (the identity is). */
export function check(P) {
  if (!P.isTorsionFree()) {
    throw new InvalidMessage(Reason.ELEMENT_SUBGROUP, `${elementText(P)} is not in the prime-order subgroup`);
  }
}

/** Throw InvalidMessage unless P is in the group and not the identity, as a key or a credential must be. */
export function checkKey(P) {
  if (P.is0()) throw new InvalidMessage(Reason.ELEMENT_IDENTITY, "the identity stands where a key is meant");
  check(P);
}

/** An element as it stands in JSON and in hashes: 64 hexadecimal digits, big-endian. */
export function elementText(P) {
  let text = written.get(P);
  if (text === undefined) {
    text = hexText(P.toBytes().reverse());
    written.set(P, text);
  }
  return text;
}

/**
 * The element written as `value`; throws InvalidMessage unless the encoding is the canonical one, of a point on the
 * curve. Canonical: 64 lower-case digits, y below p, no sign bit on x = 0. Says nothing about the subgroup.
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

/** `s` modulo q, in [0, q) also where s is negative. */
export function modQ(s) {
  const rest = s % q;
  return rest < 0n ? rest + q : rest;
}
