/**
 * Pages of an officer or the scrutineer: sign in one's own browser, so that the key need not be on the server; or make
 * the key.
 *
 * The key file and the passphrase are read from fields without a name, which no browser sends. Only the signature is
 * posted, and a new key's public half. A form's `data-sign` is the purpose of the signature and `data-message` the exact
 * text that is signed; `data-make` is the role that a new key is for. Nothing is stored.
 */

import { SHORTEST, openKeyFile, sealKeyFile } from "./ceremony.js";
import { InvalidMessage, hexText, parseHex } from "./protocol.js";
import { getPublicKeyAsync, signAsync } from "./vendor/noble-ed25519/index.js";

const FORMAT = "ballot-officer-key-1";
const UNKNOWN = "This did not work, and nothing was sent. Load the page again.";
const utf8 = new TextEncoder();

/** A message for the officer: our own words, so the page shows it unchanged. */
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
  const known = fault instanceof Told || fault instanceof InvalidMessage;
  part(form, "fault").textContent = known ? (fault.detail ?? fault.message) : UNKNOWN;
  say(form, "");
}

// -- key --
// Open the key file, or make one.

/** The private key, a secret, from the file and the passphrase on the page. */
async function keyOf(form) {
  const file = part(form, "key-file").files[0];
  if (!file) throw new Told("Choose your key file.");
  const { value } = part(form, "passphrase");
  if (value === "") throw new Told("Enter the passphrase of your key file.");
  const whose = form.dataset.role === "scrutineer" ? "scrutineer" : "officer";
  say(form, "Opening your key file...");
  const [role, digits] = (await openKeyFile(FORMAT, whose, await file.text(), value)).split(" ");
  const key = parseHex(digits);
  if (role !== form.dataset.role) throw new Told(`This is the key file of the ${role.replace("-", " ")}, not yours.`);
  if (hexText(await getPublicKeyAsync(key)) !== form.dataset.key) {
    throw new Told("This key is not the one that the ballot was prepared with. Choose the file of that key.");
  }
  return key;
}

async function sign(form) {
  const key = await keyOf(form);
  say(form, "Signing...");
  const signed = utf8.encode(`ballot ${form.dataset.sign} v1\n${form.dataset.message}`);
  const signature = await signAsync(signed, key);
  form.elements.signature.value = btoa(String.fromCharCode(...signature));
}

async function make(form) {
  const [first, again] = [part(form, "new").value, part(form, "again").value];
  if ([...first.normalize("NFC")].length < SHORTEST) {
    throw new Told(`The passphrase must have ${SHORTEST} characters or more.`);
  }
  if (first !== again) throw new Told("The two passphrases differ. Enter the same one twice.");
  const key = crypto.getRandomValues(new Uint8Array(32));
  save(`${form.dataset.make}-key.json`, await sealKeyFile(FORMAT, `${form.dataset.make} ${hexText(key)}`, first));
  form.elements.key.value = hexText(await getPublicKeyAsync(key));
}

function save(name, written) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([written], { type: "application/json" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

// -- start --
// Every form signs, or makes a key, and is then sent.

function start(form, act) {
  part(form, "in-page").hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const buttons = form.querySelectorAll("button");
    for (const button of buttons) button.disabled = true;
    part(form, "fault").textContent = "";
    try {
      await act(form);
      form.submit();
      return;
    } catch (fault) {
      complain(form, fault);
    }
    for (const button of buttons) button.disabled = false;
  });
}

for (const form of document.querySelectorAll("form[data-sign]")) start(form, sign);
for (const form of document.querySelectorAll("form[data-make]")) start(form, make);
