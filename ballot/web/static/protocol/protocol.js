/**
 * The voting protocol in the page, in one import: Belenios 3.3.0 (version 1, group Ed25519), as ballot/protocol.
 *
 * No page, no network, no storage in here: text in, text out. Randomness is `crypto.getRandomValues` unless a caller
 * passes `rng`. Everything refused throws `InvalidMessage` with a `reason` that is one word.
 */

export { checkBallot, createBallot, parseBallot, trackingNumber } from "./ballots.js";
export { checkCredential, derivePrivateKey, derivePublicCredential } from "./credentials.js";
export { parseElection } from "./elections.js";
export { InvalidMessage, Reason } from "./errors.js";
export { elementText, parseElement, parseScalar, randomBelow } from "./group.js";
export { linkFault, LinkReason, readLink } from "./links.js";
export { checkOpening, openPaper } from "./openings.js";
export { checkVote } from "./questions.js";
export { checkReceipt, checkSignedReceipt } from "./receipts.js";
