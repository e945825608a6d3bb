/**
 * Do the page, the election, the terms and the fingerprint belong together?
 *
 * The fingerprint is calculated here from what the server sent, not taken from it: if it is the one in the invitation,
 * then so are the terms, every key and this election. Comparing it is the voter's part; nobody can do it for them.
 */

import { array, fields, parseJson, text, writeJson } from "../protocol/canonical.js";
import { parseElection } from "../protocol/elections.js";
import { sha256Hex } from "../protocol/hashing.js";
import { checkSignedReceipt } from "../protocol/receipts.js";

const ROLES = ["board", "registrar", "returning-officer", "deputy"];

/** Something does not fit; `part` says what, in one word. */
export class DoesNotFit extends Error {
  constructor(part) {
    super(`does not fit: ${part}`);
    this.name = "DoesNotFit";
    this.part = part;
  }
}

/**
 * The election, the board's key and the calculated fingerprint; throws DoesNotFit or InvalidMessage.
 * (1) The election's description names these terms, (2) the fingerprint is the hash of terms, keys and elections,
 * (3) this election is one of them, (4) the questions in the page are the election's, label for label.
 */
export async function vouch(electionText, termsText, entry, labels) {
  const election = await parseElection(electionText);
  const termsHash = await sha256Hex(termsText);
  if (election.description !== `terms:sha256:${termsHash}`) throw new DoesNotFit("terms");
  const terms = parseJson(termsText);
  const keys = fields(terms.keys, ROLES);
  const names = Object.keys(entry.elections).sort();
  const elections = Object.fromEntries(names.map((name) => [name, text(entry.elections[name])]));
  const fingerprint = await sha256Hex(writeJson({ terms: termsHash, keys, elections }));
  if (fingerprint !== entry.fingerprint) throw new DoesNotFit("fingerprint");
  if (!Object.values(elections).includes(await sha256Hex(electionText))) throw new DoesNotFit("election");
  if (terms.policy !== entry.policy || terms.programme !== entry.programme) throw new DoesNotFit("policy");
  const asked = election.questions.map((question) => [question.question, ...array(question.answers)]);
  if (writeJson(asked) !== writeJson(labels)) throw new DoesNotFit("questions");
  return { election, boardKey: text(keys.board), fingerprint, returned: text(terms.returned) };
}

/** The receipt that an entry handed out, if the board of these terms signed it for this election; throws otherwise. */
export async function vouchForReceipt(receiptText, boardKey, election, entry) {
  const receipt = await checkSignedReceipt(receiptText, boardKey);
  checkPlace(receipt, election, entry);
  return receipt;
}

/** Throw DoesNotFit unless the receipt is for this programme, CCG and election. */
export function checkPlace(receipt, election, entry) {
  const fits = receipt.programme === entry.programme && receipt.election_uuid === election.uuid;
  if (!fits || receipt.ccg !== entry.ccg.code) throw new DoesNotFit("receipt");
}
