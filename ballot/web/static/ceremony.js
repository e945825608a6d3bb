/**
 * The mathematics of a trustee's page: the key ceremony, the key file, verifying an archive and decrypting its total.
 *
 * Belenios 3.3.0 (version 1, group Ed25519), with the names of ballot/protocol; a section for each Python module that
 * it mirrors in part. Voters' pages do not load it. It uses no page, network or storage: text and bytes in, text out.
 * Randomness is `randomBelow` unless a caller passes `rng`; it is drawn in Python's order, so that the same draws give
 * the same bytes. Every refusal throws `InvalidMessage`, with `trustee` if a trustee's part is not valid.
 */

import {
  BASE58,
  GROUP,
  InvalidMessage,
  Reason,
  array,
  basePower,
  check,
  checkBallot,
  checkCanonical,
  checkCiphertext,
  checkKey,
  ciphertextFromJson,
  ciphertextToJson,
  combine,
  commitment,
  divide,
  elementText,
  fields,
  g,
  hashCommitments,
  hexText,
  integer,
  isHash,
  isKnowledge,
  lengthOf,
  modQ,
  multiply,
  one,
  parseBallot,
  parseElection,
  parseElement,
  parseHex,
  parseJson,
  parseScalar,
  pause,
  power,
  product,
  proofFromJson,
  proofToJson,
  proveKnowledge,
  publicPower,
  q,
  randomBelow,
  sha256Hex,
  sha256Integer,
  text,
  trackingNumber,
  writeJson,
} from "./protocol.js";

const utf8 = new TextEncoder();
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

// -- ballot/protocol/errors.py --
// Names the trustee whose part is not valid.

/** Turn any refusal inside into a refusal of this trustee's part, with the trustee's number. */
export async function partOfTrustee(number, act) {
  try {
    return await act();
  } catch (fault) {
    if (!(fault instanceof InvalidMessage)) throw fault;
    const named = new InvalidMessage(fault.reason, `trustee ${number}: ${fault.detail}`);
    named.trustee = number;
    throw named;
  }
}

// -- ballot/protocol/signatures.py --
// Messages between trustees, signed.
//
// Spec: Public key infrastructure, Signing. A signed message is `{message, signature}`.

/** Sign `message` with a trustee's signing key. */
export async function signMessage(sk, message, rng) {
  return { message, signature: await proveKnowledge(`sigmsg|${message}|`, sk, rng) };
}

/** Whether the trustee with verification key `vk` signed `message`. */
export function isMessageSigned(vk, message, signature) {
  return isKnowledge(`sigmsg|${message}|`, vk, signature);
}

export function signedMessageToJson(signed) {
  return { message: signed.message, signature: proofToJson(signed.signature) };
}

export function signedMessageFromJson(value) {
  fields(value, ["message", "signature"]);
  return { message: text(value.message), signature: proofFromJson(value.signature) };
}

// -- ballot/protocol/pki.py --
// The trustees' own key infrastructure: seeds, certificates, sealed and signed messages.
//
// Spec: Public key infrastructure; Certificates; Channels. AES-GCM is the browser's.

export const ALGORITHM = "AES-GCM";

/** A trustee's secret seed: 22 Base58 characters. */
export function generateSeed(rng = (n) => Number(randomBelow(BigInt(n)))) {
  return Array.from({ length: 22 }, () => BASE58[rng(58)]).join("");
}

/** sk = SHA-256("sk|" seed) modulo q. A secret. */
export async function deriveSigningKey(seed) {
  return modQ(await sha256Integer(`sk|${seed}`));
}

/** dk = SHA-256("dk|" seed) modulo q. A secret. */
export async function deriveDecryptionKey(seed) {
  return modQ(await sha256Integer(`dk|${seed}`));
}

/** The certificate of the trustee who holds `seed`, signed by its own signing key. */
export async function createCertificate(seed, size, threshold, index, rng = randomBelow) {
  const [sk, dk] = [await deriveSigningKey(seed), await deriveDecryptionKey(seed)];
  const context = { group: GROUP, size, threshold, index };
  const [verification, encryption] = [elementText(basePower(sk)), elementText(basePower(dk))];
  return signMessage(sk, writeJson({ context, verification, encryption }), rng);
}

/** The keys inside a certificate; says nothing about its signature. */
export function parseCertificate(cert) {
  const value = fields(parseJson(cert.message), ["context", "verification", "encryption"]);
  const context = fields(value.context, ["group", "size", "threshold", "index"]);
  checkCanonical(cert.message, value, "the certificate");
  return {
    group: text(context.group),
    size: integer(context.size, 1),
    threshold: integer(context.threshold, 1),
    index: integer(context.index, 1),
    verification: parseElement(value.verification),
    encryption: parseElement(value.encryption),
  };
}

/** The keys in `cert`; throws unless it is valid for that place and self-signed. */
export function checkCertificate(cert, size, threshold, index) {
  return partOfTrustee(index, async () => {
    const keys = parseCertificate(cert);
    const found = [keys.group, keys.size, keys.threshold, keys.index];
    if (found.join() !== [GROUP, size, threshold, index].join()) {
      throw new InvalidMessage(Reason.CERTIFICATE, "the certificate was made for another place or ceremony");
    }
    checkKey(keys.verification);
    checkKey(keys.encryption);
    if (!(await isMessageSigned(keys.verification, cert.message, cert.signature))) {
      throw new InvalidMessage(Reason.CERTIFICATE, "the certificate is not signed by its own key");
    }
    return keys;
  });
}

/** The exponentiated coefficients in a raw_coefexps message, each in the group. */
export function parseCoefexps(message) {
  const value = fields(parseJson(message), ["coefexps"]);
  const elements = array(value.coefexps).map(parseElement);
  if (elements.length === 0) throw new InvalidMessage(Reason.COEFEXPS, "a polynomial has at least one coefficient");
  checkCanonical(message, value, "the coefexps");
  elements.forEach(check);
  return elements;
}

/** Seal `message` to the encryption key `ek`; the encrypted_msg as JSON text. */
export async function encryptMessage(ek, message, rng) {
  const r = rng(q);
  const key = basePower(rng(q));
  const alpha = basePower(r);
  const beta = multiply(power(ek, r), key);
  const parameters = { name: ALGORITHM, iv: await initialization(alpha) };
  const data = await crypto.subtle.encrypt(parameters, await cipher(key, "encrypt"), utf8.encode(message));
  const [shownAlpha, shownBeta] = [elementText(alpha), elementText(beta)];
  return writeJson({ algorithm: ALGORITHM, alpha: shownAlpha, beta: shownBeta, data: hexText(new Uint8Array(data)) });
}

/** The message that `encryptMessage` sealed; throws unless it opens with the decryption key `dk`. */
export async function decryptMessage(dk, sealed) {
  const value = fields(parseJson(sealed), ["algorithm", "alpha", "beta", "data"]);
  if (value.algorithm !== ALGORITHM) {
    throw new InvalidMessage(Reason.UNSUPPORTED, `expected the algorithm ${ALGORITHM}`);
  }
  const [alpha, beta] = [parseElement(value.alpha), parseElement(value.beta)];
  check(alpha);
  check(beta);
  const key = divide(beta, power(alpha, dk));
  try {
    const parameters = { name: ALGORITHM, iv: await initialization(alpha) };
    const data = parseHex(text(value.data));
    return strict.decode(await crypto.subtle.decrypt(parameters, await cipher(key, "decrypt"), data));
  } catch {
    throw new InvalidMessage(Reason.CHANNEL, "a message does not open with this trustee's key");
  }
}

async function cipher(key, use) {
  const raw = parseHex(await sha256Hex(`key|${elementText(key)}`));
  return crypto.subtle.importKey("raw", raw, ALGORITHM, false, [use]);
}

async function initialization(alpha) {
  return parseHex(await sha256Hex(`iv|${elementText(alpha)}`));
}

/** Sign with `sk`, then seal to `recipient`: safe to pass through anyone. */
export async function send(sk, recipient, message, rng) {
  const inner = writeJson({ recipient: elementText(recipient), message });
  return encryptMessage(recipient, writeJson(signedMessageToJson(await signMessage(sk, inner, rng))), rng);
}

/** The message sent by the owner of `vk` to the owner of `dk`; throws for anything else. */
export async function receive(dk, vk, sealed) {
  const signed = signedMessageFromJson(parseJson(await decryptMessage(dk, sealed)));
  if (!(await isMessageSigned(vk, signed.message, signed.signature))) {
    throw new InvalidMessage(Reason.CHANNEL, "a message is not signed by the trustee it should come from");
  }
  const value = fields(parseJson(signed.message), ["recipient", "message"]);
  if (!parseElement(value.recipient).equals(basePower(dk))) {
    throw new InvalidMessage(Reason.CHANNEL, "a message was meant for another trustee");
  }
  return text(value.message);
}

// -- ballot/protocol/trustees.py --
// Trustees: who can decrypt, each alone (`Single`) or t of n together (`Pedersen`).
//
// Spec: Verification keys; Threshold parameters; Trustees.

/** The public key g^x of the private key x, with its proof of knowledge. */
export async function createTrusteePublicKey(x, rng) {
  const X = basePower(x);
  return { pok: await proveKnowledge(pokPrefix(X), x, rng), publicKey: X };
}

/** Throw unless the owner has proved to know the private key. */
export async function checkTrusteePublicKey(key) {
  checkKey(key.publicKey);
  if (!(await isKnowledge(pokPrefix(key.publicKey), key.publicKey, key.pok))) {
    throw new InvalidMessage(Reason.TRUSTEE_PROOF, `no proof of knowledge for ${elementText(key.publicKey)}`);
  }
}

function pokPrefix(X) {
  return `pok|${GROUP}|${elementText(X)}|`;
}

export function trusteePublicKeyToJson(key) {
  const signature = key.signature === undefined ? {} : { signature: proofToJson(key.signature) };
  return { pok: proofToJson(key.pok), public_key: elementText(key.publicKey), ...signature };
}

export function trusteePublicKeyFromJson(value) {
  fields(value, ["pok", "public_key", "signature", "name"], ["signature", "name"]);
  if ("name" in value) text(value.name);
  return {
    pok: proofFromJson(value.pok),
    publicKey: parseElement(value.public_key),
    signature: "signature" in value ? proofFromJson(value.signature) : undefined,
  };
}

/** What a ceremony publishes, as JSON has it. */
export function thresholdParametersFromJson(value) {
  fields(value, ["threshold", "certs", "coefexps", "signatures", "verification_keys"]);
  const n = array(value.certs).length;
  return {
    threshold: integer(value.threshold, 1, n),
    certs: value.certs.map(signedMessageFromJson),
    coefexps: array(value.coefexps, n).map(signedMessageFromJson),
    signatures: array(value.signatures, n).map(proofFromJson),
    verificationKeys: array(value.verification_keys, n).map(trusteePublicKeyFromJson),
    written: writeJson(value),
  };
}

/** Throw, with the trustee's number, unless the ceremony's outcome is consistent. */
export async function checkThresholdParameters(parameters) {
  const { certs, threshold } = parameters;
  const certificates = [];
  for (const [i, cert] of certs.entries()) {
    certificates.push(await checkCertificate(cert, certs.length, threshold, i + 1));
  }
  const coefexps = [];
  for (const [i, certificate] of certificates.entries()) {
    coefexps.push(await checkCoefexps(certificate, parameters.coefexps[i], parameters.signatures[i], certs, threshold));
  }
  for (const [j, X] of verificationKeys(coefexps).entries()) {
    await checkVerificationKey(certificates[j], parameters.verificationKeys[j], X, j + 1);
  }
}

/** The coefexps in `signed`; throws unless their author signed them together with all certificates. */
export function checkCoefexps(certificate, signed, signature, certs, threshold) {
  return partOfTrustee(certificate.index, async () => {
    if (!(await isMessageSigned(certificate.verification, signed.message, signed.signature))) {
      throw new InvalidMessage(Reason.COEFEXPS, "did not sign these coefexps");
    }
    const coefexps = parseCoefexps(signed.message);
    if (coefexps.length !== threshold) {
      throw new InvalidMessage(Reason.COEFEXPS, `expected ${threshold} coefexps, found ${coefexps.length}`);
    }
    if (!(await isMessageSigned(certificate.verification, certsMessage(certs, coefexps), signature))) {
      throw new InvalidMessage(Reason.COEFEXPS, "did not sign these certificates");
    }
    return coefexps;
  });
}

/** The text that a trustee's `signature` signs: it links the coefexps to all certificates. */
export function certsMessage(certs, coefexps) {
  return `certs_sig|${writeJson({ certs: certs.map(signedMessageToJson), coefexps: coefexps.map(elementText) })}`;
}

/** Throw unless `key` is the expected X, proved known, and signed by the owner of the certificate. */
export function checkVerificationKey(certificate, key, X, j) {
  return partOfTrustee(j, async () => {
    if (!key.publicKey.equals(X)) {
      throw new InvalidMessage(Reason.VERIFICATION_KEY, "the verification key does not follow from the coefexps");
    }
    await checkTrusteePublicKey(key);
    const { signature } = key;
    if (!signature || !(await isMessageSigned(certificate.verification, elementText(X), signature))) {
      throw new InvalidMessage(Reason.VERIFICATION_KEY, "did not sign the verification key");
    }
  });
}

/** The product of A_k^(j^k): g^f(j) for the polynomial f behind the coefexps. */
export function evaluateCoefexps(coefexps, j) {
  let exponent = 1n;
  return coefexps.reduce((found, A) => {
    const next = multiply(found, publicPower(A, exponent));
    exponent = modQ(exponent * BigInt(j));
    return next;
  }, one);
}

/** The public key of each trustee j = 1..n: g^f(j) for the sum f of all polynomials. */
export function verificationKeys(coefexps) {
  const total = coefexps[0].map((_, k) => product(coefexps.map((row) => row[k])));
  return coefexps.map((_, i) => evaluateCoefexps(total, i + 1));
}

/** The trustees structure: `{kind, item}` for each. */
export function parseTrustees(data) {
  const value = parseJson(data);
  const items = array(value).map((entry) => {
    const [kind, item] = array(entry, 2);
    if (kind === "Single") return { kind, item: trusteePublicKeyFromJson(item) };
    if (kind === "Pedersen") return { kind, item: thresholdParametersFromJson(item) };
    throw new InvalidMessage(Reason.WRONG_FIELDS, "expected Single or Pedersen");
  });
  checkCanonical(data, value, "the trustees");
  return items;
}

/** Throw unless the item's keys are proved. */
export function checkTrustee({ kind, item }) {
  return kind === "Single" ? checkTrusteePublicKey(item) : checkThresholdParameters(item);
}

/** The election public key y: the product of the sub-keys of all items. */
export function combineKeys(trustees) {
  return product(trustees.map(subKey));
}

/** The key that one item contributes: its own, or the product of the first coefexps. */
export function subKey({ kind, item }) {
  if (kind === "Single") return item.publicKey;
  return product(item.coefexps.map((signed) => parseCoefexps(signed.message)[0]));
}

/** Every key that a partial decryption can come from; the owner numbered i + 1 holds entry i. */
export function publicKeys(trustees) {
  return trustees.flatMap(({ kind, item }) =>
    kind === "Single" ? [item.publicKey] : item.verificationKeys.map((key) => key.publicKey),
  );
}

// -- ballot/protocol/ceremony.py --
// The Pedersen ceremony, a trustee's part of it: certificates in, a polynomial out; a vinput in, a voutput out.
//
// Spec: Polynomials; Vinputs; Voutputs. The polynomial's degree is t - 1.

/** The certificates in a file of all of them, each `{message, signature}`. */
export function certificatesFromJson(data) {
  const value = parseJson(data);
  const certs = array(value).map(signedMessageFromJson);
  checkCanonical(data, value, "the certificates");
  return certs;
}

/** The keys in all certificates; throws unless they are of one ceremony, in order. */
export async function checkCertificates(certs) {
  if (certs.length === 0) throw new InvalidMessage(Reason.CERTIFICATE, "a ceremony needs at least one trustee");
  const { threshold } = await partOfTrustee(1, () => parseCertificate(certs[0]));
  if (threshold > certs.length) {
    throw new InvalidMessage(Reason.CERTIFICATE, `a threshold of ${threshold} of ${certs.length} cannot be met`);
  }
  const found = [];
  for (const [i, cert] of certs.entries()) found.push(await checkCertificate(cert, certs.length, threshold, i + 1));
  return found;
}

/** Step 3: draw f of degree t - 1, seal f(j) to each trustee j, sign the g^coefficients. As JSON has it. */
export async function createPolynomial(certs, seed, rng = randomBelow) {
  const certificates = await checkCertificates(certs);
  const me = await find(certificates, seed);
  const sk = await deriveSigningKey(seed);
  const a = Array.from({ length: me.threshold }, () => rng(q));
  const coefexps = a.map(basePower);
  const polynomial = await send(sk, me.encryption, writeJson({ polynomial: a.map(String) }), rng);
  const secrets = [];
  for (const to of certificates) {
    await pause();
    secrets.push(await send(sk, to.encryption, writeJson({ secret: String(evaluate(a, to.index)) }), rng));
  }
  const signed = await signMessage(sk, writeJson({ coefexps: coefexps.map(elementText) }), rng);
  const { signature } = await signMessage(sk, certsMessage(certs, coefexps), rng);
  return { polynomial, secrets, coefexps: signedMessageToJson(signed), signature: proofToJson(signature) };
}

/**
 * Step 5: check every secret against its author's coefexps, add them up, publish the public key. As JSON has it.
 * Throws with the number of the trustee whose part is not valid.
 */
export async function createVoutput(certs, seed, vinputText, rng = randomBelow) {
  const certificates = await checkCertificates(certs);
  const me = await find(certificates, seed);
  const vinput = fields(parseJson(vinputText), ["polynomial", "secrets", "coefexps", "signatures"]);
  checkCanonical(vinputText, vinput, "the vinput");
  for (const part of ["secrets", "coefexps", "signatures"]) array(vinput[part], certificates.length);
  const [sk, dk] = [await deriveSigningKey(seed), await deriveDecryptionKey(seed)];
  const mine = await partOfTrustee(me.index, async () => {
    const sent = parseJson(await receive(dk, me.verification, text(vinput.polynomial)));
    return array(fields(sent, ["polynomial"]).polynomial).map(parseScalar).map((a) => elementText(basePower(a)));
  });
  let S = 0n;
  for (const [i, cert] of certificates.entries()) {
    await pause();
    const signed = signedMessageFromJson(vinput.coefexps[i]);
    const signature = proofFromJson(vinput.signatures[i]);
    const coefexps = await checkCoefexps(cert, signed, signature, certs, cert.threshold);
    S += await partOfTrustee(cert.index, async () => {
      if (cert === me && coefexps.map(elementText).join() !== mine.join()) {
        const detail = "the coefexps published are not those of my own polynomial";
        throw new InvalidMessage(Reason.POLYNOMIAL, detail);
      }
      const sent = parseJson(await receive(dk, cert.verification, text(vinput.secrets[i])));
      const s = parseScalar(fields(sent, ["secret"]).secret);
      if (!basePower(s).equals(evaluateCoefexps(coefexps, me.index))) {
        throw new InvalidMessage(Reason.SECRET, "the secret does not fit the coefexps");
      }
      return s;
    });
  }
  S = modQ(S);
  const key = await createTrusteePublicKey(S, rng);
  const { signature } = await signMessage(sk, elementText(key.publicKey), rng);
  const sealed = await send(sk, me.encryption, writeJson({ decryption_key: String(S) }), rng);
  return { private_key: sealed, public_key: trusteePublicKeyToJson({ ...key, signature }) };
}

/** A trustee's decryption key, from the voutput's `private_key` that comes back. A secret. */
export async function openDecryptionKey(seed, sealed) {
  const [sk, dk] = [await deriveSigningKey(seed), await deriveDecryptionKey(seed)];
  const sent = parseJson(await receive(dk, basePower(sk), sealed));
  return parseScalar(fields(sent, ["decryption_key"]).decryption_key);
}

/** Which trustee's key a seed is, by signed certificates that are all there; 0 if it is none of theirs. */
export async function trusteeOf(certs, seed) {
  const vk = elementText(basePower(await deriveSigningKey(seed)));
  return 1 + certs.findIndex((cert) => text(parseJson(cert.message).verification) === vk);
}

async function find(certificates, seed) {
  const vk = basePower(await deriveSigningKey(seed));
  const ek = basePower(await deriveDecryptionKey(seed));
  const me = certificates.find((one) => one.verification.equals(vk) && one.encryption.equals(ek));
  if (me) return me;
  throw new InvalidMessage(Reason.CERTIFICATE, "none of the certificates belongs to this seed");
}

function evaluate(a, j) {
  return a.reduceRight((sum, a_k) => modQ(sum * BigInt(j) + a_k), 0n);
}

// -- ballot/protocol/trial_decryption.py --
// A trial decryption: what is decrypted follows from the ceremony's parameters, and is never a ballot or a total.

/** alpha = g^r, where r is the hash of what the ceremony published. */
export async function trialAlpha(parameters) {
  return basePower(modQ(await sha256Integer(`practice|${await sha256Hex(parameters.written)}`)));
}

/** Decrypt the trial ciphertext with the private key x. As JSON has it. */
export async function createTrialDecryption(parameters, x, rng = randomBelow) {
  const X = basePower(x);
  const number = 1 + parameters.verificationKeys.findIndex((key) => key.publicKey.equals(X));
  if (number === 0) throw new InvalidMessage(Reason.VERIFICATION_KEY, "the key is not one of this ceremony");
  const context = `ballot-practice|1|${await sha256Hex(parameters.written)}|${number}|${elementText(X)}`;
  const { F, proof } = await proveDecryption(context, await trialAlpha(parameters), x, rng);
  return { practice: number, factor: elementText(F), proof: proofToJson(proof) };
}

// -- ballot/protocol/proofs.py --
// Equal logarithms: that a factor opens a ciphertext. The challenge hashes the whole statement.

/** `{F, proof}`: F = alpha^x, proved for X = g^x under a context that contains X. A fresh w for every proof. */
export async function proveDecryption(context, alpha, x, rng = randomBelow) {
  const [F, w] = [power(alpha, x), rng(q)];
  const prefix = decryptionPrefix(context, basePower(x), alpha, F);
  const challenge = await hashCommitments(prefix, [basePower(w), power(alpha, w)]);
  return { F, proof: { challenge, response: modQ(w - x * challenge) } };
}

/** Whether the proof of `proveDecryption` holds. */
export async function isDecryption(context, X, alpha, F, proof) {
  const commitments = [commitment(g, proof, X), commitment(alpha, proof, F)];
  return (await hashCommitments(decryptionPrefix(context, X, alpha, F), commitments)) === proof.challenge;
}

function decryptionPrefix(context, X, alpha, F) {
  if (!context.includes(elementText(X))) throw new TypeError("a decryption proof's context must contain the key X");
  return `${context}|${elementText(alpha)},${elementText(F)}|`;
}

// -- ballot/protocol/decryption.py --
// Partial decryptions: alpha^x for every ciphertext of a tally, with its proof.
//
// Spec: Partial decryptions. What is *not* done here: binding the total (see strong_decryption.py below), and deciding
// what may be decrypted (see `verifyClosed`).

/** A trustee's share with the private key x. As JSON has it. */
export async function createPartialDecryption(election, tally, x, rng = randomBelow) {
  const prefix = `decrypt|${election.hash}|${elementText(basePower(x))}|`;
  const [factors, proofs] = [[], []];
  for (const row of tally) {
    const pairs = [];
    for (const c of row) {
      await pause();
      pairs.push(await decryptWithProof(prefix, c.alpha, x, rng));
    }
    factors.push(pairs.map(({ F }) => elementText(F)));
    proofs.push(pairs.map(({ proof }) => proofToJson(proof)));
  }
  return { decryption_factors: factors, decryption_proofs: proofs };
}

async function decryptWithProof(prefix, alpha, x, rng) {
  const w = rng(q);
  const challenge = await hashCommitments(prefix, [basePower(w), power(alpha, w)]);
  return { F: power(alpha, x), proof: { challenge, response: modQ(w - x * challenge) } };
}

/** Throw unless every factor of the share is proved to be alpha^x for X = g^x. A trustee checks its own share. */
export async function checkPartialDecryption(election, tally, X, share) {
  const prefix = `decrypt|${election.hash}|${elementText(X)}|`;
  for (const [i, row] of tally.entries()) {
    for (const [j, c] of row.entries()) {
      const F = parseElement(share.decryption_factors[i][j]);
      const proof = proofFromJson(share.decryption_proofs[i][j]);
      const commitments = [commitment(g, proof, X), commitment(c.alpha, proof, F)];
      if ((await hashCommitments(prefix, commitments)) !== proof.challenge) {
        throw new InvalidMessage(Reason.TRUSTEE_PROOF, `the decryption of question ${i}, choice ${j} is not proved`);
      }
    }
  }
}

// -- ballot/protocol/strong_decryption.py --
// Strong proofs of decryption, beside those of the archive, whose challenge leaves ciphertext and factor out.

const STRONG_CONTEXT = "ballot-decrypt|1";

/** What trustee `owner` with the private key x hands in: partial decryption and strong proofs. As JSON has it. */
export async function createShare(election, tally, owner, x, rng = randomBelow) {
  const partial = await createPartialDecryption(election, tally, x, rng);
  return { partial_decryption: partial, strong_proofs: await createStrongProofs(election, tally, owner, x, rng) };
}

/** A strong proof for every factor. As JSON has it. */
export async function createStrongProofs(election, tally, owner, x, rng = randomBelow) {
  const context = await strongContext(election, tally, owner, basePower(x));
  const proofs = [];
  for (const [i, row] of tally.entries()) {
    proofs.push([]);
    for (const [j, c] of row.entries()) {
      await pause();
      proofs[i].push(proofToJson((await proveDecryption(`${context}|${i}|${j}`, c.alpha, x, rng)).proof));
    }
  }
  return proofs;
}

/** Throw unless every factor of the owner's share has a strong proof for X = g^x. */
export async function checkStrongProofs(election, tally, owner, X, share) {
  const context = await strongContext(election, tally, owner, X);
  for (const [i, row] of tally.entries()) {
    for (const [j, c] of row.entries()) {
      const F = parseElement(share.partial_decryption.decryption_factors[i][j]);
      const proof = proofFromJson(share.strong_proofs[i][j]);
      if (!(await isDecryption(`${context}|${i}|${j}`, X, c.alpha, F, proof))) {
        throw new InvalidMessage(Reason.TRUSTEE_PROOF, `question ${i}, choice ${j} has no valid strong proof`);
      }
    }
  }
}

async function strongContext(election, tally, owner, X) {
  const tallyHash = await sha256Hex(encryptedTallyToText(tally));
  return `${STRONG_CONTEXT}|${election.hash}|${election.uuid}|${tallyHash}|${owner}|${elementText(X)}`;
}

// -- ballot/protocol/tally.py --
// The encrypted tally: the product of the ballots that count, each to the power of its weight.
//
// Spec: Encrypted tally; Tallied ballots (`last`).

/** The product over `[choices, weight]` of the ballots that count; one row per question. */
export async function tallyBallots(election, counted) {
  const rows = election.questions.map((question) => Array.from({ length: lengthOf(question) }, () => combine([])));
  for (const [choices, weight] of counted) {
    await pause();
    for (const [i, answer] of choices.entries()) {
      for (const [j, c] of answer.entries()) {
        const raised = { alpha: publicPower(c.alpha, weight), beta: publicPower(c.beta, weight) };
        rows[i][j] = combine([rows[i][j], weight === 1n ? c : raised]);
      }
    }
  }
  return rows;
}

/** The encrypted tally as published. */
export function encryptedTallyToText(tally) {
  return writeJson(tally.map((row) => row.map(ciphertextToJson)));
}

/** The encrypted tally written as `data`; throws unless canonical, of the election's shape and in the group. */
export function parseEncryptedTally(data, election) {
  const value = parseJson(data);
  const rows = array(value, election.questions.length).map((row, i) =>
    array(row, lengthOf(election.questions[i])).map(ciphertextFromJson),
  );
  checkCanonical(data, value, "the encrypted tally");
  rows.flat().forEach(checkCiphertext);
  return rows;
}

// -- ballot/record/terms.py --
// The sealed terms, as far as an archive is compared with them.

/** The election in its terms; throws unless it names them, and they the hash of its list of credentials and weights. */
export async function checkArchiveTerms(termsText, election, credentials) {
  if (election.description !== `terms:sha256:${await sha256Hex(termsText)}`) {
    throw new InvalidMessage(Reason.WRONG_FIELDS, "the election names other terms");
  }
  const sealed = array(parseJson(termsText).elections).find(({ uuid }) => uuid === election.uuid);
  if (sealed?.credentials !== credentials) {
    const detail = "the list of credentials and weights is not the one that was sealed";
    throw new InvalidMessage(Reason.WRONG_FIELDS, detail);
  }
  return sealed;
}

// -- ballot/record/counting.py --
// What a total weight means, in words.

const [PRACTICE, WEIGHTED] = [["practice", "practices"], ["weighted vote", "weighted votes"]];

/**
 * The words of a total weight (Python's `Counting.say_total`): `count`, `heads` and perhaps `nouns` are those of the
 * election in the terms. A packed total is shown as its two numbers.
 */
export function sayTotal({ count, heads, nouns }, total) {
  const [unit, member] = [nouns?.unit ?? WEIGHTED, nouns?.member ?? PRACTICE];
  if (count === "heads") return counted(total, member);
  if (count === "patients") return counted(total, unit);
  return `${counted(total / BigInt(heads), member)} and ${counted(total % BigInt(heads), unit)}`;
}

function counted(number, [one, many]) {
  return number === 1n ? `one ${one}` : `${number.toLocaleString("en-GB")} ${many}`;
}

// -- ballot/protocol/events.py --
// The chain of events: each names the one before by its hash.
//
// Spec: Public data.

const MAY_FOLLOW = {
  "": ["Setup"],
  Setup: ["Ballot", "EndBallots"],
  Ballot: ["Ballot", "EndBallots"],
  EndBallots: ["EncryptedTally"],
  EncryptedTally: ["PartialDecryption"],
  PartialDecryption: ["PartialDecryption", "Result"],
  Result: [],
};
const PAYLOADS = { Setup: 4, Ballot: 1, EndBallots: 0, EncryptedTally: 2, PartialDecryption: 2, Result: 1 };

/** The event written as `data`. */
export function parseEvent(data) {
  const value = fields(parseJson(data), ["parent", "height", "type", "payload"], ["parent", "payload"]);
  for (const name of ["parent", "payload"]) {
    if (name in value && !isHash(value[name])) {
      throw new InvalidMessage(Reason.WRONG_TYPE, `expected a hash as ${name}`);
    }
  }
  if (!Object.hasOwn(PAYLOADS, text(value.type))) {
    throw new InvalidMessage(Reason.WRONG_FIELDS, "expected a known type of event");
  }
  integer(value.height);
  checkCanonical(data, value, "the event");
  return value;
}

/** Throw unless `event` follows `previous` (an event with its `hash`, or null): parent, height, order. */
export function checkLink(previous, event) {
  const height = previous === null ? 0 : previous.height + 1;
  const at = `at height ${height}`;
  if (event.parent !== previous?.hash) {
    throw new InvalidMessage(Reason.EVENT_PARENT, `${at}: the event does not name the one before it`);
  }
  if (event.height !== height) {
    throw new InvalidMessage(Reason.EVENT_HEIGHT, `expected height ${height}, found ${event.height}`);
  }
  if (!MAY_FOLLOW[previous?.type ?? ""].includes(event.type)) {
    const detail = `${at}: ${event.type} may not follow ${previous?.type ?? "the start"}`;
    throw new InvalidMessage(Reason.EVENT_SEQUENCE, detail);
  }
}

// -- ballot/protocol/archive.py --
// The `.bel` archive: an old-style tar file whose members are named after the SHA-256 of their contents.
//
// Spec: Public data. The whole archive is in memory here; the offline tool reads it as a stream.

const BLOCK = 512;

async function hashOfBytes(bytes) {
  return hexText(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
}

/** The 512 bytes before a member, exactly as the writer makes them. */
export function tarHeader(name, size, timestamp) {
  const block = new Uint8Array(BLOCK);
  const put = (at, written) => block.set(utf8.encode(written), at);
  put(0, name);
  put(100, "0000644");
  put(108, "0000000");
  put(116, "0000000");
  put(124, size.toString(8).padStart(11, "0"));
  put(136, timestamp.toString(8).padStart(11, "0"));
  put(148, "        ");
  put(156, "0");
  const sum = block.reduce((a, b) => a + b, 0);
  put(148, `${sum.toString(8).padStart(6, "0")}\0 `);
  return block;
}

/** Every event of an archive with its payloads as text: `{type, payloads}`; throws with the first fault. */
export async function readArchive(bytes) {
  let offset = 0;
  const member = (timestamp) => {
    const block = bytes.subarray(offset, offset + BLOCK);
    const size = Number.parseInt(new TextDecoder("latin1").decode(block.subarray(124, 135)), 8);
    const end = offset + BLOCK + size;
    if (!(end + (-size & (BLOCK - 1)) <= bytes.length)) {
      throw new InvalidMessage(Reason.ARCHIVE_TRUNCATED, `at byte ${offset}: a member is cut off`);
    }
    const name = new TextDecoder("latin1").decode(block.subarray(0, 100)).replace(/\0.*$/s, "");
    const body = bytes.subarray(offset + BLOCK, end);
    const padding = bytes.subarray(end, end + (-size & (BLOCK - 1)));
    const at = offset;
    offset = end + padding.length;
    const stamped = timestamp ?? Number(text(fields(parseJson(body), ["version", "timestamp"]).timestamp));
    if (hexText(tarHeader(name.slice(0, 99), size, stamped)) !== hexText(block) || padding.some((byte) => byte !== 0)) {
      throw new InvalidMessage(Reason.ARCHIVE_TAR, `at byte ${at}: the tar header is not as the writer makes it`);
    }
    return { name, body, at, timestamp: stamped };
  };
  const header = member(null);
  const declared = parseJson(header.body);
  checkCanonical(header.body, declared, "the archive's header");
  if (header.name !== "BELENIOS" || declared.version !== 1) {
    throw new InvalidMessage(Reason.ARCHIVE_HEADER, "expected a Belenios archive of version 1");
  }
  const events = [];
  let [previous, payloads] = [null, []];
  while (offset < bytes.length) {
    const { name, body, at } = member(header.timestamp);
    const [, hash, kind] = /^([0-9a-f]{64})\.(data|event)\.json$/.exec(name) ?? [];
    if (!hash) throw new InvalidMessage(Reason.ARCHIVE_NAME, `at byte ${at}: not the name of a member`);
    if (hash !== (await hashOfBytes(body))) {
      throw new InvalidMessage(Reason.ARCHIVE_HASH, `at byte ${at}: the contents are not those that it is named after`);
    }
    if (kind === "data") {
      payloads.push({ hash, text: decoded(body, at) });
      continue;
    }
    const event = parseEvent(decoded(body, at));
    checkLink(previous, event);
    if (event.payload !== payloads.at(-1)?.hash) {
      throw new InvalidMessage(Reason.EVENT_PAYLOAD, `at height ${event.height}: the event is about another payload`);
    }
    if (payloads.length !== PAYLOADS[event.type]) {
      throw new InvalidMessage(Reason.ARCHIVE_ORDER, `at height ${event.height}: data too many or too few`);
    }
    events.push({ type: event.type, payloads });
    [previous, payloads] = [{ ...event, hash }, []];
  }
  if (payloads.length > 0) throw new InvalidMessage(Reason.ARCHIVE_ORDER, "data of no event at the end");
  return events;
}

function decoded(body, at) {
  try {
    return strict.decode(body);
  } catch {
    throw new InvalidMessage(Reason.NOT_JSON, `at byte ${at}: expected UTF-8`);
  }
}

// -- ballot/registrar/trustee_key.py --
// A trustee's key file: the seed under a passphrase, the same file for this page and for the offline tool.

export const FORMAT = "ballot-trustee-key-1";
export const KDF = "PBKDF2-SHA-256";
export const ITERATIONS = 600_000;
export const SHORTEST = 15;
const MOST = 10_000_000;

/** The key file that keeps `seed`; `draw(n)` returns n random bytes. Throws RangeError for a short passphrase. */
export function sealTrusteeKey(seed, passphrase, draw) {
  return sealKeyFile(FORMAT, seed, passphrase, draw);
}

/** The seed, a secret; throws InvalidMessage with a sentence if it is not a key file or does not open. */
export async function openTrusteeKey(written, passphrase) {
  const seed = await openKeyFile(FORMAT, "trustee", written, passphrase);
  if (seed.length !== 22 || [...seed].some((letter) => !BASE58.includes(letter))) {
    throw new InvalidMessage(Reason.WRONG_FIELDS, "This is not a trustee's key file, or it is damaged.");
  }
  return seed;
}

/** A key file of this format that keeps `secret`. Throws RangeError for a short passphrase. */
export async function sealKeyFile(
  format,
  secret,
  passphrase,
  draw = (n) => crypto.getRandomValues(new Uint8Array(n)),
) {
  if ([...passphrase.normalize("NFC")].length < SHORTEST) throw new RangeError("the passphrase is too short");
  const [salt, iv] = [draw(16), draw(12)];
  const head = { format, kdf: KDF, iterations: ITERATIONS, salt: hexText(salt), iv: hexText(iv) };
  const key = await stretch(passphrase, salt, ITERATIONS, "encrypt");
  const parameters = { name: "AES-GCM", iv, additionalData: utf8.encode(writeJson(head)) };
  const data = await crypto.subtle.encrypt(parameters, key, utf8.encode(secret));
  return `${writeJson({ ...head, data: hexText(new Uint8Array(data)) })}\n`;
}

/** The secret in a key file of this format; `whose` key it is, for sentences. Throws InvalidMessage. */
export async function openKeyFile(format, whose, written, passphrase) {
  const line = written.replace(/^\uFEFF/, "").replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, ""); // as Python's as_sent
  const a = /^[aeiou]/.test(whose) ? "an" : "a";
  let head, sealed;
  try {
    const value = fields(parseJson(line), ["format", "kdf", "iterations", "salt", "iv", "data"]);
    checkCanonical(line, value, "the key file");
    integer(value.iterations, ITERATIONS, MOST);
    ({ data: sealed, ...head } = value);
    const lengths = [text(head.salt).length, text(head.iv).length];
    if ([head.format, head.kdf, ...lengths].join() !== [format, KDF, 32, 24].join()) throw new InvalidMessage("", "");
    text(sealed);
  } catch {
    throw new InvalidMessage(Reason.WRONG_FIELDS, `This is not ${a} ${whose}'s key file, or it is damaged.`);
  }
  const [salt, iv] = [parseHex(head.salt), parseHex(head.iv)];
  const key = await stretch(passphrase, salt, head.iterations, "decrypt");
  const parameters = { name: "AES-GCM", iv, additionalData: utf8.encode(writeJson(head)) };
  try {
    return strict.decode(await crypto.subtle.decrypt(parameters, key, parseHex(sealed)));
  } catch {
    const sentence = `The passphrase does not open the ${whose}'s key file, or the file was changed.`;
    throw new InvalidMessage(Reason.CHANNEL, sentence);
  }
}

async function stretch(passphrase, salt, iterations, use) {
  const raw = utf8.encode(passphrase.normalize("NFC"));
  const base = await crypto.subtle.importKey("raw", raw, "PBKDF2", false, ["deriveKey"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations };
  return crypto.subtle.deriveKey(how, base, { name: "AES-GCM", length: 256 }, false, [use]);
}

// -- what a trustee decrypts --
// An archive verified as far as a page can, and the total recomputed from its ballots: nothing else is ever decrypted.
//
// (1) Every byte of the archive, its hashes and its chain; it ends with an encrypted tally, not yet decrypted.
// (2) The trustees' keys are proved and make the election's key, and X is one of them. (3) Every ballot: proofs,
// signature, a credential of the list. (4) The total of the last ballot of each credential, with its weight, is the
// one published. What is *not* checked: terms, rules, roll, tokens, the programme's events, checkpoints, and whether
// others are shown the same archive. The offline tool checks all of an archive, `ballot verify` all of a record.

/** Why nothing is decrypted, by the last event of an archive. */
const NOT_NOW = {
  Setup: "voting is not closed",
  Ballot: "voting is not closed",
  EndBallots: "voting was ended, and there is no encrypted total yet",
  PartialDecryption: "shares of its total are in it, and no result. Ask whose they are",
  Result: "it is decrypted already",
};

/** `{election, owner, credentials, tally, hash, registered, ballots, counted, weight}`; throws with the first fault. */
export async function verifyClosed(bytes, X, progress = () => {}) {
  const events = await readArchive(bytes);
  const last = events.at(-1)?.type;
  if (last !== "EncryptedTally") throw new InvalidMessage(Reason.EVENT_SEQUENCE, NOT_NOW[last] ?? NOT_NOW.Setup);
  const [election, trustees, weights] = await readSetup(events[0].payloads);
  for (const item of trustees) await checkTrustee(item);
  if (!combineKeys(trustees).equals(election.publicKey)) {
    throw new InvalidMessage(Reason.PUBLIC_KEY, "the election's key is not the product of the trustees' keys");
  }
  const owner = 1 + publicKeys(trustees).findIndex((key) => key.equals(X));
  if (owner === 0) throw new InvalidMessage(Reason.PUBLIC_KEY, "your key is not one of the keys of this election");
  const papers = events.filter(({ type }) => type === "Ballot").map(({ payloads: [paper] }) => paper);
  const [published, sizedText] = events.at(-1).payloads;
  const counted = new Map();
  const seen = new Set();
  for (const [i, paper] of papers.entries()) {
    progress(i, papers.length);
    const ballot = parseBallot(paper.text);
    const shown = elementText(ballot.credential);
    if (!weights.has(shown)) {
      throw new InvalidMessage(Reason.UNKNOWN_CREDENTIAL, `ballot ${i + 1} is under a credential off the list`);
    }
    if (seen.has(paper.hash)) throw new InvalidMessage(Reason.CREDENTIAL_TWICE, `ballot ${i + 1} is there twice`);
    seen.add(paper.hash);
    await checkBallot(ballot, election);
    counted.set(shown, [ballot.answers.map((answer) => answer.choices), weights.get(shown)]);
  }
  progress(papers.length, papers.length);
  const tally = await tallyBallots(election, counted.values());
  await checkPublished(election, tally, published.text, papers);
  const weight = [...counted.values()].reduce((sum, [, each]) => sum + each, 0n);
  const total = weight < 2n ** 30n ? Number(weight) : String(weight);
  const sized = { num_tallied: counted.size, total_weight: total, encrypted_tally: published.hash };
  if (sizedText.text !== writeJson(sized)) {
    throw new InvalidMessage(Reason.WRONG_SHAPE, "the number of ballots counted, or their weight, is another");
  }
  const [ballots, registered, credentials] = [papers.length, weights.size, events[0].payloads[2].hash];
  const { hash } = published;
  return { election, owner, credentials, tally, hash, registered, ballots, counted: counted.size, weight };
}

async function readSetup([electionPart, trusteesPart, credentialsPart, setup]) {
  const named = { election: electionPart.hash, trustees: trusteesPart.hash, credentials: credentialsPart.hash };
  if (setup.text !== writeJson(named)) {
    throw new InvalidMessage(Reason.EVENT_PAYLOAD, "the setup names other data than is there");
  }
  const listed = parseJson(credentialsPart.text);
  checkCanonical(credentialsPart.text, listed, "the credentials");
  const weights = new Map();
  for (const entry of array(listed).map(text)) {
    const [, shown, , digits] = /^([0-9a-f]{64})(,(0|[1-9][0-9]{0,18}))?$/.exec(entry) ?? [];
    const credential = parseElement(shown);
    checkKey(credential);
    if (weights.has(shown)) throw new InvalidMessage(Reason.CREDENTIAL_TWICE, `${shown} is listed twice`);
    weights.set(shown, BigInt(digits ?? 1));
  }
  return [await parseElection(electionPart.text), parseTrustees(trusteesPart.text), weights];
}

/** Throw unless the recomputed total is the published one; say so if a single ballot was put in its place. */
async function checkPublished(election, tally, published, papers) {
  if (encryptedTallyToText(tally) === published) return;
  const asked = encryptedTallyToText(parseEncryptedTally(published, election));
  for (const paper of papers) {
    if (encryptedTallyToText(parseBallot(paper.text).answers.map((answer) => answer.choices)) === asked) {
      const number = await trackingNumber(paper.text);
      const detail = `what it asks for is not the total but a single ballot (tracking number ${number})`;
      throw new InvalidMessage(Reason.WRONG_SHAPE, detail);
    }
  }
  throw new InvalidMessage(Reason.WRONG_SHAPE, "the encrypted total is not the one that follows from the ballots");
}
