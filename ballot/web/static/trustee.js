/**
 * A trustee's page: it opens the key file, does one step with it, and puts the result into that step's form.
 *
 * The key file and the passphrase are read from fields without a name, which no browser sends; the mathematics is in
 * ceremony.js. A form's `data-act` says what it is for. The page stores only, in localStorage, which total of which
 * election was decrypted with which public key.
 */

import {
  SHORTEST,
  certificatesFromJson,
  checkArchiveTerms,
  createCertificate,
  createPolynomial,
  createTrialDecryption,
  createShare,
  createVoutput,
  checkThresholdParameters,
  generateSeed,
  openDecryptionKey,
  openTrusteeKey,
  sayTotal,
  sealTrusteeKey,
  signedMessageToJson,
  thresholdParametersFromJson,
  trusteeOf,
  verifyClosed,
} from "./ceremony.js";
import { InvalidMessage, Reason, basePower, elementText, parseJson, sha256Hex, writeJson } from "./protocol.js";

const MEMORY = "ballot-trustee-decrypted";
const UNKNOWN = "This did not work, and nothing was handed in. Load the page again, or work offline.";

/** A message for the trustee: our own words, so the page shows it unchanged. */
class Told extends Error {}

// -- page --
// Find elements on the page, and show messages on it.

function part(form, name) {
  return form.querySelector(`[data-${name}]`);
}

function say(form, sentence) {
  part(form, "told").textContent = sentence;
}

function complain(form, fault) {
  let sentence = UNKNOWN;
  if (fault instanceof Told) sentence = fault.message;
  if (fault instanceof InvalidMessage) sentence = fault.detail.charAt(0).toUpperCase() + fault.detail.slice(1);
  part(form, "fault").textContent = sentence.replace(/[^.]$/, "$&.");
  say(form, "");
}

async function fileOf(input, what) {
  const file = input?.files[0];
  if (!file) throw new Told(`Choose ${what}.`);
  return file.text();
}

/** What a file is that was chosen in place of another, in words; null if it is none that we know. */
function kindOf(written) {
  try {
    const value = JSON.parse(written);
    if (typeof value === "string") return "a dkey file";
    if (value.format === "ballot-trustee-key-1") return "a key file";
    if (Array.isArray(value)) return "the certificates of a ceremony";
    if ("verification_keys" in value) return "parameters.json, which is public";
    if ("coefexps" in value) return "a part of the ceremony";
  } catch {
    // Not JSON
  }
  return null;
}

/** Say that the file chosen is not the expected one, what it is, and which one is. */
function wrongFile(input, written, expected) {
  const kind = kindOf(written);
  const what = kind ? `it is ${kind}` : "it is another file, or it is damaged";
  return new Told(`${input.files[0].name} is not ${expected}: ${what}.`);
}

async function download(url) {
  const answer = await fetch(url, { credentials: "same-origin" });
  if (!answer.ok) throw new Told("The file for this step could not be downloaded. Load the page again.");
  return answer;
}

const textFrom = async (form, name) => (await download(`${form.dataset.files}/${name}`)).text();

/**
 * The seed, from the file and the passphrase on the page. A secret. `certs` are the certificates of the ceremony: the
 * key must be this trustee's among them. Without them any key opens.
 */
async function seedOf(form, certs = null) {
  const input = part(form, "key-file");
  const { expected } = input.dataset;
  const written = await fileOf(input, "your key file");
  const { name } = input.files[0];
  if (kindOf(written) !== "a key file") throw wrongFile(input, written, `your key file, ${expected}`);
  const { value } = part(form, "passphrase");
  if (value === "") throw new Told("Enter the passphrase of your key file.");
  say(form, "Opening your key file...");
  const seed = await openTrusteeKey(written, value).catch((fault) => {
    if (fault.reason !== Reason.CHANNEL) throw wrongFile(input, "", `your key file, ${expected}`);
    throw new Told(`The passphrase does not open ${name}. Or it is another trustee's file: yours is ${expected}.`);
  });
  const number = certs === null ? form.dataset.number : String(await trusteeOf(certs, seed));
  if (number === form.dataset.number) return seed;
  if (number !== "0") throw new Told(`${name} is the key file of trustee ${number}. Choose yours, ${expected}.`);
  throw new Told(`${name} is a key file of another ballot, or of an earlier ceremony. Choose the last ${expected}.`);
}

/** The trustee's share of the key, a secret, from the seed and what is sealed to it. */
async function shareOfKey(form, parameters) {
  const seed = await seedOf(form, parameters.certs);
  const input = part(form, "dkey-file");
  const dkey = `dkey-${form.dataset.number}.json`;
  const sealed = input ? await fileOf(input, "your dkey file") : await textFrom(form, dkey);
  if (input && kindOf(sealed.trim()) !== "a dkey file") throw wrongFile(input, sealed, `your dkey file, ${dkey}`);
  try {
    return await openDecryptionKey(seed, parseJson(sealed.trim()));
  } catch (fault) {
    if (!input || !(fault instanceof InvalidMessage)) throw fault;
    throw new Told(`Your key file does not open ${input.files[0].name}. Choose ${dkey} of this ballot.`);
  }
}

/** What the ceremony published: its certificates say whose key is whose. */
async function parametersOf(form) {
  return thresholdParametersFromJson(parseJson(await textFrom(form, "parameters.json")));
}

// -- steps --
// One for each `data-act`: returns what is handed in, as text.

async function certificate(form) {
  const { size, threshold, number } = form.dataset;
  const seed = await seedOf(form);
  return writeJson(signedMessageToJson(await createCertificate(seed, Number(size), Number(threshold), Number(number))));
}

/** The certificates as they are now: the ones whose fingerprint is on the page. */
async function certificates(form) {
  const written = await textFrom(form, "certificates.json");
  if ((await sha256Hex(written)) !== form.dataset.fingerprint) {
    throw new Told("These certificates do not have the fingerprint on this page. Load it again, and compare.");
  }
  return certificatesFromJson(written);
}

async function polynomial(form) {
  if (!form.elements.compared.checked) {
    throw new Told("Compare the fingerprint with every other trustee first, and tick the box.");
  }
  const certs = await certificates(form);
  const seed = await seedOf(form, certs);
  say(form, "Making your polynomial...");
  return writeJson(await createPolynomial(certs, seed));
}

async function voutput(form) {
  const certs = await certificates(form);
  const seed = await seedOf(form, certs);
  const vinput = await textFrom(form, `vinput-${form.dataset.number}.json`);
  say(form, "Checking what the others sent you...");
  try {
    return writeJson(await createVoutput(certs, seed, vinput));
  } catch (fault) {
    if (fault.trustee && String(fault.trustee) !== form.dataset.number) blame(fault);
    throw fault;
  }
}

/** Fill in the form that stops the ceremony, and show it. */
function blame(fault) {
  const form = document.querySelector("form[data-complaint]");
  form.elements.about.value = String(fault.trustee);
  form.elements.word.value = fault.reason;
  form.querySelector("details").open = true;
}

async function practice(form) {
  const parameters = await parametersOf(form);
  const x = await shareOfKey(form, parameters);
  await checkThresholdParameters(parameters);
  return writeJson(await createTrialDecryption(parameters, x));
}

// -- the count --
// Check and show every total that is ready, then decrypt them. A second total of the same election is refused.

function remembered() {
  return JSON.parse(localStorage.getItem(MEMORY) ?? "{}");
}

function checkMemory(name, hash, of) {
  const before = remembered()[name];
  if (before === undefined || before === hash) return;
  throw new Told(
    `Nothing is decrypted: this browser has already decrypted another total of ${of}. ` +
      "Two totals of one election can reveal a single vote. Ask the other trustees what they see",
  );
}

/** Check one closed archive, and the terms that it was sealed under. */
async function verify(form, x, total, terms) {
  say(form, `Downloading the ballots of ${total.name}...`);
  const bytes = new Uint8Array(await (await download(total.archive)).arrayBuffer());
  const bar = part(form, "progress");
  bar.hidden = false;
  const X = basePower(x);
  const refused = (fault) => {
    if (!(fault instanceof InvalidMessage)) throw fault;
    throw new Told(`Nothing is decrypted. ${total.name}: ${fault.detail}`);
  };
  const found = await verifyClosed(bytes, X, (done, all) => {
    bar.querySelector("progress").max = Math.max(all, 1);
    bar.querySelector("progress").value = all === 0 ? 1 : done;
    say(form, `${total.name}: ${done} of ${all} ballots checked`);
  }).catch(refused);
  const sealed = await checkArchiveTerms(terms, found.election, found.credentials).catch((fault) => {
    throw new Told(`Nothing is decrypted. ${total.name}: ${fault.detail ?? "the terms cannot be read"}`);
  });
  const name = `${found.election.uuid} ${elementText(X)}`;
  checkMemory(name, found.hash, total.name);
  const member = parseJson(terms).words?.member ?? ["practice", "practices"];
  return { x, name, found, total, sealed, member };
}

/** Check every total that is listed. Nothing is decrypted if one of them does not hold. */
async function verifyAll(form) {
  const x = await shareOfKey(form, await parametersOf(form));
  const terms = await (await download(form.dataset.terms)).text();
  const checked = [];
  for (const total of JSON.parse(form.dataset.totals)) checked.push(await verify(form, x, total, terms));
  part(form, "rows").replaceChildren(...checked.flatMap(shown));
  say(form, "This page checked every ballot. Each published total is the one that its ballots add up to.");
  part(form, "verify").hidden = true;
  part(form, "summary").hidden = false;
  part(form, "summary").focus();
  return checked;
}

/** What is about to be decrypted of one election: a heading and a list. */
function shown({ found, total, sealed, member: [one, many] }) {
  const { struck } = total;
  const rows = [
    ["Ballot", found.election.name],
    ["Ballots in the total", `${found.counted} of ${found.registered - struck} that could be cast`],
    ...(struck > 0 ? [["Struck off the roll", `${struck} of the ${found.registered} ${many} on the list`]] : []),
    ...(sealed.count === "heads" ? [] : [["They count for", sayTotal(sealed, found.weight)]]),
    ["SHA-256 of the encrypted total", found.hash.match(/.{4}/g).join(" ")],
  ];
  const replaced = found.ballots - found.counted;
  if (replaced > 0) rows.splice(2, 0, ["Ballots replaced by later ones", String(replaced)]);
  if (found.counted === 1) {
    rows.push(["Take care", `Only one ballot was cast: its total is that ${one}'s vote. Speak to the others first.`]);
  }
  const heading = document.createElement("h3");
  heading.textContent = total.name;
  const list = document.createElement("dl");
  list.className = "nhsuk-summary-list";
  for (const [key, value] of rows) {
    const row = list.appendChild(document.createElement("div"));
    row.className = "nhsuk-summary-list__row";
    for (const [tag, kind, written] of [["dt", "key", key], ["dd", "value", value]]) {
      const cell = row.appendChild(document.createElement(tag));
      cell.className = `nhsuk-summary-list__${kind}`;
      cell.textContent = written;
    }
  }
  return [heading, list];
}

let checked = null;

async function share(form) {
  if (checked === null) {
    checked = await verifyAll(form);
    return null;
  }
  if (!form.elements.compared.checked) {
    throw new Told("Compare every SHA-256 with the other trustees first, and tick the box.");
  }
  const made = {};
  for (const { x, name, found, total } of checked) {
    checkMemory(name, found.hash, total.name);
    localStorage.setItem(MEMORY, JSON.stringify({ ...remembered(), [name]: found.hash }));
    say(form, `Decrypting the total of ${total.name}...`);
    made[total.election] = writeJson(await createShare(found.election, found.tally, found.owner, x));
  }
  return writeJson(made);
}

// -- start --
// Every form on the page does its step when it is sent, unless it is sent with a file made offline.

const ACTS = { certificate, polynomial, voutput, practice, share };

function start(form) {
  const act = ACTS[form.dataset.act];
  part(form, "in-page").hidden = false;
  form.addEventListener("submit", async (event) => {
    if (event.submitter && "offline" in event.submitter.dataset) return;
    event.preventDefault();
    const buttons = form.querySelectorAll("button");
    for (const button of buttons) button.disabled = true;
    part(form, "fault").textContent = "";
    try {
      const made = await act(form);
      if (made !== null) {
        form.elements.part.value = made;
        say(form, "Handing it in...");
        form.submit();
        return;
      }
    } catch (fault) {
      complain(form, fault);
    }
    for (const button of buttons) button.disabled = false;
  });
}

function startMaking(form) {
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    part(form, "fault").textContent = "";
    const [first, again] = [part(form, "new").value, part(form, "again").value];
    try {
      if ([...first.normalize("NFC")].length < SHORTEST) {
        throw new Told(`The passphrase must have ${SHORTEST} characters or more.`);
      }
      if (first !== again) throw new Told("The two passphrases differ. Enter the same one twice.");
      save(form.dataset.name, await sealTrusteeKey(generateSeed(), first));
      say(form, `${form.dataset.name} is saved in your downloads folder. Copy it to a second place too.`);
    } catch (fault) {
      complain(form, fault);
    }
  });
}

function save(name, written) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([written], { type: "application/json" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

for (const form of document.querySelectorAll("form[data-act]")) start(form);
for (const form of document.querySelectorAll("form[data-make]")) startMaking(form);
