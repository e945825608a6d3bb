/**
 * What is asked of the server. The token goes into a header, the credential nowhere.
 *
 * An answer is `{status, text}`; `null` means that none came: the network, or a server that could not say what it did.
 * What is *not* done here: judging any of it.
 */

const PATIENCE = 30_000; // milliseconds for one attempt
const PAUSES = [0, 1_000, 3_000, 6_000]; // before each attempt to cast

/** Whose token it is, and what it opens: the JSON of the answer with its status, or null. */
export async function enter(place, token) {
  const answer = await ask(`/api/programmes/${place}/entry`, { method: "POST", headers: bearer(token) });
  if (answer === null) return null;
  try {
    const said = JSON.parse(answer.text);
    return typeof said.word === "string" ? { ...said, status: answer.status } : null;
  } catch {
    return null;
  }
}

/** A public file as text, or null. */
export async function read(address) {
  const answer = await ask(address, { method: "GET" });
  return answer !== null && answer.status === 200 ? answer.text : null;
}

/**
 * Send the same ballot until the server says what became of it, a few times at most; null if it never did.
 * Sending again is harmless: the server gives the same receipt for the same ballot. `onSilence` is told of each silence.
 */
export async function cast(address, token, ballot, onSilence) {
  for (const [attempt, wait] of PAUSES.entries()) {
    await new Promise((resolve) => setTimeout(resolve, wait));
    const headers = { ...bearer(token), "Content-Type": "application/json" };
    const answer = await ask(address, { method: "POST", headers, body: ballot });
    if (answer !== null) return answer;
    onSilence(attempt + 1);
  }
  return null;
}

function bearer(token) {
  return { Authorization: `Bearer ${token}` };
}

async function ask(address, request) {
  const options = { ...request, credentials: "omit", cache: "no-store", redirect: "error", referrerPolicy: "no-referrer" };
  try {
    const response = await fetch(address, { ...options, signal: AbortSignal.timeout(PATIENCE) });
    const text = await response.text();
    return response.status >= 500 ? null : { status: response.status, text };
  } catch {
    return null;
  }
}
