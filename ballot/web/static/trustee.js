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
  verifyClosed,
} from "./ceremony.js";
import { InvalidMessage, basePower, elementText, parseJson, sha256Hex, writeJson } from "./protocol.js";

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
  const sentence = (fault.detail ?? fault.message ?? "").replace(/[^.]$/, "$&.");
  const known = fault instanceof Told || fault instanceof InvalidMessage;
  part(form, "fault").textContent = known ? sentence.charAt(0).toUpperCase() + sentence.slice(1) : UNKNOWN;
  say(form, "");
}

async function fileOf(input, what) {
  const file = input?.files[0];
  if (!file) throw new Told(`Choose ${what}.`);
  return file.text();
}

async function download(url) {
  const answer = await fetch(url, { credentials: "same-origin" });
  if (!answer.ok) throw new Told("The file for this step could not be downloaded. Load the page again.");
  return answer;
}

const textFrom = async (form, name) => (await download(`${form.dataset.files}/${name}`)).text();

/** The seed, from the file and the passphrase on the page. A secret. */
async function seedOf(form) {
  const written = await fileOf(part(form, "key-file"), "your key file");
  const { value } = part(form, "passphrase");
  if (value === "") throw new Told("Enter the passphrase of your key file.");
  say(form, "Opening your key file...");
  return openTrusteeKey(written, value);
}

/** The trustee's share of the key, a secret, from the seed and what is sealed to it. */
async function shareOfKey(form) {
  const seed = await seedOf(form);
  const file = part(form, "dkey-file");
  const sealed = file ? await fileOf(file, "your dkey file") : await textFrom(form, `dkey-${form.dataset.number}.json`);
  return openDecryptionKey(seed, parseJson(sealed.trim()));
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
  const seed = await seedOf(form);
  const certs = await certificates(form);
  say(form, "Making your polynomial...");
  return writeJson(await createPolynomial(certs, seed));
}

async function voutput(form) {
  const seed = await seedOf(form);
  const certs = await certificates(form);
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
  const x = await shareOfKey(form);
  const parameters = thresholdParametersFromJson(parseJson(await textFrom(form, "parameters.json")));
  await checkThresholdParameters(parameters);
  return writeJson(await createTrialDecryption(parameters, x));
}

// -- the count --
// Check and show the total, then decrypt it. A second total of the same election is refused.

function remembered() {
  return JSON.parse(localStorage.getItem(MEMORY) ?? "{}");
}

function checkMemory(name, hash) {
  const before = remembered()[name];
  if (before === undefined || before === hash) return;
  throw new Told(
    "Nothing is decrypted: this browser has already decrypted another total of this election. " +
      "Two totals of one election can reveal a single vote. Ask the other trustees what they see",
  );
}

async function verify(form) {
  const x = await shareOfKey(form);
  say(form, "Downloading the ballots...");
  const bytes = new Uint8Array(await (await download(form.dataset.archive)).arrayBuffer());
  const bar = part(form, "progress");
  bar.hidden = false;
  const X = basePower(x);
  const found = await verifyClosed(bytes, X, (done, all) => {
    bar.querySelector("progress").max = Math.max(all, 1);
    bar.querySelector("progress").value = all === 0 ? 1 : done;
    say(form, `${done} of ${all} ballots checked`);
  }).catch((fault) => {
    if (fault instanceof InvalidMessage) throw new Told(`Nothing is decrypted: ${fault.detail}`);
    throw fault;
  });
  const terms = await (await download(form.dataset.terms)).text();
  const sealed = await checkArchiveTerms(terms, found.election, found.credentials).catch((fault) => {
    throw new Told(`Nothing is decrypted: ${fault.detail ?? "the terms cannot be read"}`);
  });
  const name = `${found.election.uuid} ${elementText(X)}`;
  checkMemory(name, found.hash);
  show(form, found, sealed);
  return { x, name, found };
}

function show(form, found, sealed) {
  const struck = Number(form.dataset.struck);
  const rows = [
    ["Ballot", found.election.name],
    ["Ballots in the total", `${found.counted} of ${found.registered - struck} that could be cast`],
    ...(struck > 0 ? [["Struck off the roll", `${struck} of the ${found.registered} practices on the list`]] : []),
    ...(sealed.count === "heads" ? [] : [["They count for", sayTotal(sealed, found.weight)]]),
    ["SHA-256 of the encrypted total", found.hash.match(/.{4}/g).join(" ")],
  ];
  const replaced = found.ballots - found.counted;
  if (replaced > 0) rows.splice(2, 0, ["Ballots replaced by later ones", String(replaced)]);
  if (found.counted === 1) {
    rows.push(["Take care", "Only one ballot was cast: its total is that practice's vote. Speak to the others first."]);
  }
  const list = part(form, "rows");
  list.replaceChildren();
  for (const [key, value] of rows) {
    const row = list.appendChild(document.createElement("div"));
    row.className = "nhsuk-summary-list__row";
    for (const [tag, kind, written] of [["dt", "key", key], ["dd", "value", value]]) {
      const cell = row.appendChild(document.createElement(tag));
      cell.className = `nhsuk-summary-list__${kind}`;
      cell.textContent = written;
    }
  }
  say(form, "This page checked every ballot. The published total is the one that they add up to.");
  part(form, "verify").hidden = true;
  part(form, "summary").hidden = false;
  part(form, "summary").focus();
}

let verified = null;

async function share(form) {
  if (verified === null) {
    verified = await verify(form);
    return null;
  }
  if (!form.elements.compared.checked) {
    throw new Told("Compare the SHA-256 of the encrypted total with the other trustees first, and tick the box.");
  }
  const { x, name, found } = verified;
  checkMemory(name, found.hash);
  localStorage.setItem(MEMORY, JSON.stringify({ ...remembered(), [name]: found.hash }));
  return writeJson(await createShare(found.election, found.tally, found.owner, x));
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
