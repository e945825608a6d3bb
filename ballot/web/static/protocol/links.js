/**
 * What stands behind the # of a voting link: `token.credential` (ballot/registrar/issuing.py, ballot/record/tokens.py).
 *
 * Mail systems re-encode dots, wrap lines and cut ends, and people paste: all that can be undone is undone, and what
 * cannot has one word. The registrar's signature on the token is checked by the server, not here.
 */

import { checkCanonical, fields, parseJson } from "./canonical.js";
import { checkCredential, derivePublicCredential } from "./credentials.js";
import { elementText } from "./group.js";

export const LinkReason = Object.freeze({
  MISSING: "missing",
  CUT: "cut",
  NOT_A_CODE: "not-a-code",
  OTHER_CREDENTIAL: "credential-of-another",
});

const TOKEN_FIELDS = ["programme", "ccg", "practice", "credential", "serial", "expires"];
const BEGINNING = "eyJwcm9ncmFtbWUiOi"; // every token begins with {"programme": in Base64
const SIGNATURE = 86; // characters of 64 bytes in Base64
const CREDENTIAL = 25;
const MAX_LENGTH = 1000; // of a token, as the server reads it
const NOISE = /=\r?\n|^[ \t]*>+|[\s\u00ad\u200b-\u200d\u2060\ufeff<>"'\u2018\u2019\u201c\u201d]/gm;
const OTHER_HYPHENS = /[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]/g;

/**
 * The code in a fragment, a pasted link, or a pasted code: `{token, credential, names}`, where `names` is what the
 * token says (programme, ccg, practice, credential, serial, expires); otherwise `{reason}`: `missing` (nothing there),
 * `cut` (it begins as a code does but is not whole) or `not-a-code`.
 */
export function readLink(fragment) {
  const code = repaired(String(fragment ?? ""));
  if (code === "") return { reason: LinkReason.MISSING };
  const reason = code.startsWith(BEGINNING) || BEGINNING.startsWith(code) ? LinkReason.CUT : LinkReason.NOT_A_CODE;
  const [payload, signature = "", credential = "", ...more] = code.split(".");
  const names = namesIn(payload);
  if (names === null) return { reason };
  if (more.length > 0 || !/^[\w-]{0,86}$/.test(signature)) return { reason: LinkReason.NOT_A_CODE };
  if (signature.length < SIGNATURE || credential.length < CREDENTIAL) return { reason: LinkReason.CUT };
  try {
    checkCredential(credential);
  } catch {
    return { reason: LinkReason.NOT_A_CODE };
  }
  return { token: `${payload}.${signature}`, credential, names };
}

/** `null` if the credential of a link that `readLink` read is the one its token names; else `credential-of-another`. */
export async function linkFault(election, link) {
  const derived = elementText(await derivePublicCredential(election.uuid, link.credential));
  return derived === link.names.credential ? null : LinkReason.OTHER_CREDENTIAL;
}

/** Without what mail systems and people add: percent signs (twice at most), line breaks, quotes, the link before it. */
function repaired(pasted) {
  let code = pasted;
  for (let i = 0; i < 2 && code.includes("%"); i += 1) {
    code = code.replace(/%([0-9a-f]{2})/gi, (_, digits) => String.fromCharCode(Number.parseInt(digits, 16)));
  }
  code = code.replace(NOISE, "").replace(OTHER_HYPHENS, "-");
  return code.slice(code.lastIndexOf("#") + 1).replace(/[.,;]+$/, "");
}

/** What a token's first part says, or null if that is not the canonical JSON of a token. */
function namesIn(payload) {
  if (payload.length > MAX_LENGTH || !/^[\w-]+$/.test(payload)) return null;
  try {
    const bytes = Uint8Array.from(atob(payload.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
    const value = fields(parseJson(bytes), TOKEN_FIELDS);
    checkCanonical(bytes, value, "the token");
    return Object.freeze(value);
  } catch {
    return null;
  }
}
