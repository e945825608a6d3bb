/**
 * The booth: from the code in the link to a receipt that this page verified, one step at a time.
 *
 * One file, so that the page makes one request. Each section uses only those above it; the order of the steps (`flow`)
 * knows no page, and the page (`page`) decides no step. The mathematics is in protocol.js.
 */

import {
  array, checkReceipt, checkSignedReceipt, createBallot, fields, letterKeys, linkFault, openLetter, openPaper,
  parseElection, parseJson, parseRoll, programmeFingerprint, publicCredentialsFromJson, readLetterCode, readLink,
  sayWeight, sha256Hex, text, whatCounts, writeJson,
} from "./protocol.js";

// -- times --
// Moments in British wall time, as ballot/record/times.py writes them.

const DATE = { weekday: "long", day: "numeric", month: "long", year: "numeric", timeZoneName: "long" };
const CLOCK = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23", timeZone: "Europe/London" };
const LONDON = new Intl.DateTimeFormat("en-GB", { ...DATE, ...CLOCK });

function partsOf(written) {
  const parts = LONDON.formatToParts(new Date(written));
  return Object.fromEntries(parts.map(({ type, value }) => [type, value]));
}

function day({ weekday, day: number, month, year, timeZoneName }) {
  return `${weekday} ${number} ${month} ${year}, ${timeZoneName}`;
}

/** `5pm on Friday 29 May 2020, British Summer Time`; seconds only where there are any. */
function wallTime(written) {
  const parts = partsOf(written);
  const hour = Number(parts.hour);
  if (parts.minute === "00" && parts.second === "00" && hour % 12 === 0) {
    return `${hour === 0 ? "midnight" : "midday"} on ${day(parts)}`;
  }
  const seconds = parts.second === "00" ? "" : `:${parts.second}`;
  const minutes = parts.minute === "00" && seconds === "" ? "" : `:${parts.minute}${seconds}`;
  return `${((hour + 11) % 12) + 1}${minutes}${hour < 12 ? "am" : "pm"} on ${day(parts)}`;
}

/** The moment to the second: `17:00:05 on Friday 29 May 2020, British Summer Time`. */
function exactWallTime(written) {
  const parts = partsOf(written);
  return `${parts.hour}:${parts.minute}:${parts.second} on ${day(parts)}`;
}

// -- flow --
// The way through the booth: which step follows which, and where "back" leads. No page, no network, no secrets in here.
//
//     code -> checking -> welcome -> question-0 ... -> authority -> review -> paper -> casting -> receipt
//                                                                               |         |
//                                                                            spoilt    unknown (-> casting again)
//
// `authority` is there only if the ballot asks who casts it.
//
// Any step may end in a problem page, `trouble-<word>`.

/** Steps that "back" must not leave: something is on its way, or has arrived. */
const HELD = new Set(["checking", "casting", "unknown", "receipt"]);

/** The steps of a ballot with this many questions that "back" may lead to, in order. */
function wayOf(questions, asksAuthority) {
  const answers = Array.from({ length: questions }, (_, i) => `question-${i}`);
  return ["welcome", ...answers, ...(asksAuthority ? ["authority"] : []), "review", "paper"];
}

/** The step after `step`, or null after the last one. */
function after(step, way) {
  return way[way.indexOf(step) + 1] ?? null;
}

/**
 * The step to show when the browser's back or forward button asks for `wanted` while `step` is shown: one of the two.
 *
 * Forward only as far as was reached before, and never into a ballot: leaving a ballot throws it away.
 */
function onHistory(step, wanted, way) {
  if (HELD.has(step) || !way.includes(wanted)) return step;
  if (step === "spoilt") return "review";
  if (!way.includes(step)) return step;
  return wanted === "paper" ? step : wanted;
}

/** Whether leaving the page now could leave the voter in doubt. */
function isInDoubt(step) {
  return step === "casting" || step === "unknown";
}

// -- service --
// Requests to the server. The token goes into a header, and so does who casts the ballot; the credential is never sent.
//
// An answer is `{status, text}`; `null` means that none came: no network, or a server that could not say what it did.
// What is *not* done here: judging any of it.

const PATIENCE = 30_000; // milliseconds for one attempt
const PAUSES = [0, 1_000, 3_000, 6_000]; // before each attempt to cast

/** Ask whose token it is and what it opens: the JSON of the answer with its status, or null. */
async function enter(place, token) {
  return said(await ask(`/api/programmes/${place}/entry`, { method: "POST", headers: bearer(token) }));
}

/**
 * A text with the voting code, in `{code}`: what was pasted, or what the typed code of a letter opens. Else the
 * `{word}` of what is wrong, or null if no answer came.
 */
async function openTyped(place, pasted) {
  const letter = readLetterCode(pasted);
  if (letter === null) return { code: pasted };
  if (letter.reason) return { word: letter.reason };
  const { id, key } = await letterKeys(letter.code);
  const answer = said(await ask(`/api/programmes/${place}/letter`, { method: "POST", body: id }));
  if (answer?.status !== 200) return answer;
  return openLetter(key, answer.sealed).then((code) => ({ code }), () => ({ word: "does-not-fit" }));
}

/** The JSON of an answer, with its status; null if it is no answer of ours. */
function said(answer) {
  if (answer === null) return null;
  try {
    const parsed = JSON.parse(answer.text);
    return typeof parsed.word === "string" ? { ...parsed, status: answer.status } : null;
  } catch {
    return null;
  }
}

/**
 * Send the same ballot, a few times at most, until the server says what became of it; null if it never does.
 * Sending again is harmless: the same ballot gets the same receipt. `authority` says who casts it, or is null.
 * `onSilence` is called each time no answer comes.
 */
async function cast(address, token, ballot, authority, onSilence) {
  for (const [attempt, wait] of PAUSES.entries()) {
    await new Promise((resolve) => setTimeout(resolve, wait));
    const by = authority === null ? {} : { "Ballot-Authority": base64(JSON.stringify(authority)) };
    const headers = { ...bearer(token), ...by, "Content-Type": "application/json" };
    const answer = await ask(address, { method: "POST", headers, body: ballot });
    if (answer !== null) return answer;
    onSilence(attempt + 1);
  }
  return null;
}

/** A document of the voting pack, if it has the sealed SHA-256: `{bytes}`; else `{word}` of what is wrong. */
async function download(address, sealed) {
  const options = { credentials: "omit", redirect: "error", referrerPolicy: "no-referrer" };
  let bytes = null;
  try {
    const response = await fetch(address, { ...options, signal: AbortSignal.timeout(PATIENCE) });
    if (response.status !== 200) return { word: "unreachable" };
    bytes = await response.arrayBuffer();
  } catch {
    return { word: "unreachable" };
  }
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const found = [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return found === sealed ? { bytes } : { word: "differs" };
}

function bearer(token) {
  return { Authorization: `Bearer ${token}` };
}

function base64(words) {
  return btoa(String.fromCharCode(...new TextEncoder().encode(words)));
}

async function ask(address, request) {
  const options = { credentials: "omit", cache: "no-store", redirect: "error", referrerPolicy: "no-referrer" };
  try {
    const response = await fetch(address, { ...request, ...options, signal: AbortSignal.timeout(PATIENCE) });
    const text = await response.text();
    return response.status >= 500 ? null : { status: response.status, text };
  } catch {
    return null;
  }
}

// -- vouch --
// Do the page, the election, the terms and the fingerprint belong together?
//
// The page works out the fingerprint from what the server sent: if it equals the one in the invitation, then the terms,
// every key and this election are the real ones. Only the voter can compare it.

const ROLES = ["board", "registrar", "returning-officer", "deputy"];

/** Something does not match; `part` names it in one word. */
class DoesNotFit extends Error {
  constructor(part) {
    super(`does not fit: ${part}`);
    this.name = "DoesNotFit";
    this.part = part;
  }
}

/**
 * The election, the board's key and the calculated fingerprint; throws DoesNotFit or InvalidMessage.
 * (1) The election's description names these terms, (2) the fingerprint is the hash of terms, keys and elections,
 * (3) this election is one of them, (4) the questions in the page are the election's, label for label, (5) the
 * statement to be confirmed and the documents of the voting pack, by name and hash, are those of the terms.
 */
async function vouch(entry, labels, statement, packs) {
  const { election_text: electionText, terms_text: termsText } = entry;
  const election = await parseElection(electionText);
  const termsHash = await sha256Hex(termsText);
  if (election.description !== `terms:sha256:${termsHash}`) throw new DoesNotFit("terms");
  const terms = parseJson(termsText);
  const keys = fields(terms.keys, ROLES);
  const fingerprint = await programmeFingerprint(termsHash, keys, entry.elections);
  if (fingerprint !== entry.fingerprint) throw new DoesNotFit("fingerprint");
  if (!Object.values(entry.elections).includes(await sha256Hex(electionText))) throw new DoesNotFit("election");
  if (terms.policy !== entry.policy || terms.programme !== entry.programme) throw new DoesNotFit("policy");
  const asked = election.questions.map((question) => [question.question, ...array(question.answers)]);
  if (writeJson(asked) !== writeJson(labels)) throw new DoesNotFit("questions");
  const documents = array(terms.voting_pack).map(({ name, sha256 }) => [name, sha256]);
  if (writeJson(documents) !== writeJson(packs)) throw new DoesNotFit("documents");
  if ((terms.authority ?? null) !== statement) throw new DoesNotFit("questions");
  const named = array(terms.elections).find(({ uuid }) => uuid === election.uuid);
  if (named === undefined) throw new DoesNotFit("election");
  return { election, named, boardKey: text(keys.board), fingerprint, returned: text(terms.returned) };
}

const COMMITMENT = /^sha256:[0-9a-f]{64}$/;

/**
 * What a vote with this link's credential counts for, and what the roll says of the practice in the link:
 * `{practice, listed, rolled, counts, differ}`, both in words, with what the number on the roll counts. Throws
 * DoesNotFit or InvalidMessage.
 * (1) Both lists are the ones that the terms name for this election, (2) the credential is in the one and the
 * practice in the other.
 */
async function vouchForWeight(entry, named, names) {
  const { credentials_text: listText, roll_text: rollText } = entry;
  if ((await sha256Hex(listText)) !== named.credentials) throw new DoesNotFit("credentials");
  if ((await sha256Hex(rollText)) !== named.roll) throw new DoesNotFit("roll");
  const weights = publicCredentialsFromJson(parseJson(listText));
  if (entry.practice.code !== names.practice) throw new DoesNotFit("voter");
  const practice = parseRoll(rollText).find((row) => row.practice === names.practice && row.ccg === names.ccg);
  if (practice === undefined || !weights.has(names.credential)) throw new DoesNotFit("voter");
  const weight = weights.get(names.credential);
  const [listed, rolled] = [weight, practice.weight].map((each) => sayWeight(named, each, practice.listSize));
  const counts = whatCounts(named)[practice.listSize === 1 ? 0 : 1];
  // Of a person the roll has a commitment instead of the name, which only the office can tell
  const own = COMMITMENT.test(practice.name) ? { ...practice, name: entry.practice.name } : practice;
  return { practice: own, listed, rolled, counts, differ: weight !== practice.weight };
}

/** The receipt in an entry, if the board of these terms signed it for this election; throws otherwise. */
async function vouchForReceipt(receiptText, boardKey, election, entry) {
  const receipt = await checkSignedReceipt(receiptText, boardKey);
  checkPlace(receipt, election, entry);
  return receipt;
}

/** Throw DoesNotFit unless the receipt is for this programme, CCG and election. */
function checkPlace(receipt, election, entry) {
  const fits = receipt.programme === entry.programme && receipt.election_uuid === election.uuid;
  if (!fits || receipt.ccg !== entry.ccg.code) throw new DoesNotFit("receipt");
}

// -- page --
// The booth's page: show one of the steps that the server rendered, fill in words, say what is missing.
//
// Words are put in as text, never as HTML. What is *not* done here: deciding which step comes next.

const all = (selector, root = document) => [...root.querySelectorAll(selector)];

/** The section of a step. */
function section(step) {
  return document.querySelector(`[data-step="${step}"]`);
}

/** Show one step and hide the others; its heading takes the focus, and the title says where we are. */
function showStep(step) {
  for (const other of all("[data-step]")) other.hidden = other.dataset.step !== step;
  const heading = section(step).querySelector("h1");
  setTitle(heading.textContent.trim());
  heading.setAttribute("tabindex", "-1");
  heading.focus();
  window.scrollTo(0, 0);
}

function setTitle(begins) {
  const service = document.documentElement.dataset.title ?? document.title.split(" - ").slice(1).join(" - ");
  document.documentElement.dataset.title = service;
  document.title = `${begins} - ${service}`;
}

/** Put words into the elements with `data-fill`. */
function fill(words) {
  for (const place of all("[data-fill]")) {
    if (place.dataset.fill in words) place.textContent = words[place.dataset.fill];
  }
}

/** Put a tracking number in groups of six, easy to read out, and copied as one. */
function fillGroups(name, written) {
  for (const place of all(`[data-groups="${name}"]`)) {
    const groups = written.match(/.{1,6}/g) ?? [];
    place.replaceChildren(
      ...groups.map((group) => {
        const span = document.createElement("span");
        span.className = "app-group";
        span.textContent = group;
        return span;
      }),
    );
  }
}

const flags = {};

/** Set what is true now: elements whose `data-if` (one word or several) is true are shown, all others hidden. */
function setFlags(more) {
  Object.assign(flags, more);
  for (const place of all("[data-if]")) {
    place.hidden = !place.dataset.if.split(" ").some((word) => flags[word]);
  }
}

/** The ballot's labels in the page: for each question its text, then its answers. */
function labels() {
  return all('[data-step^="question-"]').map((question) => [
    question.querySelector("legend").textContent.trim(),
    ...all("input[type=radio]", question).map((radio) => radio.labels[0].textContent.trim()),
  ]);
}

/** The documents of the voting pack that the page names: each with its name and hash. */
function packsOf() {
  return all('[data-step="question-0"] [data-pack]').map(({ dataset: { name, pack } }) => [name, pack]);
}

/** Have the browser save a file, and never show it: it could hold a script. */
function saveFile(filename, bytes) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([bytes], { type: "application/octet-stream" }));
  link.download = filename;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/**
 * Whether something other than the server changed the words of this page: a browser that translates puts its words into
 * new elements, marks the ones it read, or declares another language.
 */
function isTranslated() {
  const { lang, className } = document.documentElement;
  const marked = document.querySelector("font, [_msttexthash], [_msthash]");
  return lang !== "en-GB" || /\btranslated-(?:ltr|rtl)\b/.test(className) || marked !== null;
}

/** The position of the selected answer to a question; null if none. */
function chosen(number) {
  const radio = section(`question-${number}`).querySelector("input:checked");
  return radio === null ? null : Number(radio.value);
}

/** Forget every tick, the voter's name and every pasted code. */
function clearPaper() {
  for (const tick of all("input[type=radio], input[type=checkbox]")) tick.checked = false;
  for (const box of all("[data-code], #authority-name")) box.value = "";
  fill({ "authority-name": "", "authority-capacity": "" });
}

/** Say that something is missing in a step with one field; `null` removes the message. */
function showError(step, message) {
  const field = section(step).querySelector(".nhsuk-form-group").querySelector("input, textarea");
  showErrors(step, message === null ? [] : [[field.id, message]]);
}

/** Say what is missing in a step, above it and at each field, and move there; an empty list removes the messages. */
function showErrors(step, faults) {
  const place = section(step);
  const summary = place.querySelector("[data-errors]");
  for (const old of all(".nhsuk-error-message", place)) old.remove();
  for (const marked of all("[data-described]", place)) {
    marked.setAttribute("aria-describedby", marked.dataset.described);
    if (marked.dataset.described === "") marked.removeAttribute("aria-describedby");
  }
  for (const group of all(".nhsuk-form-group", place)) group.classList.remove("nhsuk-form-group--error");
  summary.hidden = faults.length === 0;
  summary.querySelector("ul").replaceChildren(...faults.map(([id, message]) => linkTo(id, message)));
  if (faults.length === 0) return;
  for (const [id, message] of faults) markField(document.getElementById(id), message);
  setTitle(`Error: ${place.querySelector("h1").textContent.trim()}`);
  summary.focus();
}

function linkTo(id, message) {
  const [entry, link] = [document.createElement("li"), document.createElement("a")];
  link.href = `#${id}`;
  link.textContent = message;
  entry.append(link);
  return entry;
}

/** Put the message above the field or its choices, and name it in the field's description. */
function markField(field, message) {
  const said = document.createElement("span");
  said.className = "nhsuk-error-message";
  said.id = `${field.id}-error`;
  said.textContent = `Error: ${message}`;
  field.closest(".nhsuk-form-group").classList.add("nhsuk-form-group--error");
  (field.closest(".nhsuk-radios, .nhsuk-checkboxes") ?? field).before(said);
  const described = field.closest("fieldset") ?? field;
  const usual = described.dataset.described ?? described.getAttribute("aria-describedby") ?? "";
  described.dataset.described = usual;
  described.setAttribute("aria-describedby", `${usual} ${said.id}`.trim());
}

/** Offer text as a file. */
function offer(name, filename, text) {
  for (const link of all(`[data-file="${name}"]`)) {
    if (link.href.startsWith("blob:")) URL.revokeObjectURL(link.href);
    link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
    link.download = filename;
  }
}

/** Point links and pictures at addresses. */
function point(addresses) {
  for (const [name, address] of Object.entries(addresses)) {
    for (const link of all(`[data-href="${name}"]`)) link.href = address;
    for (const picture of all(`[data-src="${name}"]`)) picture.src = address;
  }
}

// -- authority --
// Who casts the vote, as the page asks for it. What is *not* done here: sending it.

const NAME = "authority-name";
const CAPACITY = "authority-capacity";
const STATEMENT = "authority-statement";
const NO_NAME = /[^\p{L}\p{M}\p{N} .,'\u2019\u2018()\-\u2010]/u; // what ballot/record/authority.py refuses in a name

/** The statement to be confirmed, as the page shows it; null if this ballot asks for none. */
function statement() {
  return document.getElementById(STATEMENT)?.labels[0].textContent.trim() ?? null;
}

/** What the voter says about themselves, shown for the review: `{name, capacity, statement}`; null if incomplete. */
function takeAuthority() {
  const radio = section("authority").querySelector("input[type=radio]:checked");
  const name = document.getElementById(NAME).value.replace(/\p{Zs}+/gu, " ").trim();
  const faults = [];
  if (name === "") faults.push([NAME, "Enter your full name"]);
  else if (NO_NAME.test(name)) faults.push([NAME, "Enter your name in letters: no signs such as / or @"]);
  if (radio === null) faults.push([CAPACITY, "Choose in what capacity you vote"]);
  if (!document.getElementById(STATEMENT).checked) {
    faults.push([STATEMENT, "Tick the box to confirm. If you cannot confirm it, do not vote"]);
  }
  showErrors("authority", faults);
  if (faults.length > 0) return null;
  fill({ [NAME]: name, [CAPACITY]: radio.labels[0].textContent.trim() });
  return { name, capacity: radio.value, statement: statement() };
}

// -- receipt --
// Show a verified receipt: its words, its files, its picture. What is *not* done here: verifying it.

/**
 * Fill every place about the receipt. `receiptText` is the receipt as issued, for the download; `entry` says where this
 * election's receipts are.
 */
function fillReceipt(receipt, receiptText, entry) {
  const address = `${entry.receipts}${hexOf(receipt.tracking_number)}`;
  const { time, height, chain_head: head } = receipt;
  const words = { "receipt-time": exactWallTime(time), "receipt-height": String(height), "receipt-head": head };
  fill({ ...words, "receipt-checkpoint": String(height + 1) });
  fillGroups("receipt", receipt.tracking_number);
  offer("receipt", `receipt-${receipt.ccg}-${height}.json`, receiptText);
  point({
    "receipt-pdf": `${address}.pdf`,
    "receipt-proof": `${address}.tlog-proof`,
    "receipt-qr": `${address}.svg`,
    "receipt-check": `${entry.board}?number=${encodeURIComponent(receipt.tracking_number)}`,
  });
}

/** A tracking number, which is Base64, in hexadecimal, as in addresses. */
function hexOf(trackingNumber) {
  return [...atob(trackingNumber)].map((c) => c.charCodeAt(0).toString(16).padStart(2, "0")).join("");
}

// -- booth --
// What happens when: the steps, what the voter does, what the server says.
//
// Token, credential, choice and randomness are only in this module's memory, and are dropped once they are not needed.
// Nothing is called done until the board's signature on the receipt is checked against our own ballot.

const asked = labels();
const stated = statement();
const way = wayOf(asked.length, stated !== null);
const place = location.pathname.split("/").slice(2, 4).join("/");
let step = "starting";
let given = null; // what the voter pasted or typed, or the link brought: secret
let link = null; // {token, credential, names}: secret
let paper = null; // {bytes, trackingNumber, votes, randomness}: secret until it is opened
let authority = null; // {name, capacity, statement}: who casts it, if the ballot asks
let entry = null;
let vouched = null;
let busy = false;

function show(next) {
  step = next;
  showStep(next);
}

/** Show a step and let "back" come back to the one before. */
function go(next) {
  history.pushState({ step: next }, "", location.pathname);
  show(next);
}

/** Say what is wrong. `typed` stays in the box, if there is one: a letter's code takes its time to type. */
function trouble(word, typed = "") {
  if (word !== "link-reencoded") forget();
  fill({ word });
  show(section(`trouble-${word}`) ? `trouble-${word}` : "trouble-other");
  for (const box of all("[data-code]", section(step))) box.value = typed;
}

/** Drop everything secret. */
function forget() {
  given = null;
  link = null;
  paper = null;
  authority = null;
  clearPaper();
}

async function begin(code) {
  forget();
  given = code;
  show("checking");
  const opened = await openTyped(place, code);
  if (given !== code) return undefined; // another code came in the meantime
  if (opened === null) return show("trouble-no-connection");
  if (opened.word) return trouble(opened.word, code);
  const found = readLink(opened.code);
  if (found.reason === "missing") return show("code");
  if (found.reason) return trouble(`link-${found.reason}`);
  link = found;
  const { programme, ccg, practice } = found.names;
  fill({ "token-ccg": ccg, "token-practice": practice });
  if (`${programme}/${ccg}` !== place) return trouble("token-for-another-ballot");
  const answer = await enter(place, found.token);
  if (link !== found) return undefined;
  if (answer === null) return show("trouble-no-connection");
  return arrived(answer);
}

/** Act on the server's answer about the token: go in, or say why not. A receipt in it is verified before it is used. */
async function arrived(answer) {
  if (!answer.practice) return trouble(answer.word);
  entry = answer;
  let weighed = null;
  try {
    vouched = await vouch(answer, asked, stated, packsOf());
    weighed = await vouchForWeight(answer, vouched.named, link.names);
    if (answer.receipt !== null) {
      const receipt = await vouchForReceipt(answer.receipt, vouched.boardKey, vouched.election, answer);
      fillReceipt(receipt, answer.receipt, entry);
    }
  } catch (fault) {
    return trouble(fault.part === "questions" && isTranslated() ? "translated" : "does-not-fit");
  }
  tell(answer, weighed);
  if (weighed.differ) return trouble("weight-differs");
  if (answer.status !== 200) return trouble(answer.word);
  if ((await linkFault(vouched.election, link)) !== null) return trouble("credential-of-another");
  history.replaceState({ step: "welcome" }, "", location.pathname); // "back" from here leaves the booth
  return show("welcome");
}

/** Fill in whose vote it is, with the practice as the roll has it, and what its vote counts for. */
function tell({ name, ccg, opens, closes, policy, receipt, election, voting_packs: packs }, weighed) {
  const { practice: { practice: code, name: practice, listSize }, listed, rolled, counts } = weighed;
  const who = { programme: name, "practice-name": practice, "practice-code": code, "ccg-name": ccg.name };
  fill({ ...who, "weight-listed": listed, "weight-rolled": rolled, "list-size": sayListSize(listSize), counts });
  fill({ opens: wallTime(opens), closes: wallTime(closes), fingerprint: vouched.fingerprint });
  point({ election });
  const flags = { final: policy === "final", "last-counts": policy === "last-counts", packs: packs.length > 0 };
  const voted = receipt !== null;
  setFlags({ ...flags, voted, "not-voted": !voted, returned: vouched.returned !== "never" });
}

function sayListSize(size) {
  return size === null ? "no" : size.toLocaleString("en-GB");
}

function answerQuestion(number) {
  const name = `question-${number}`;
  if (!isUnaltered()) return trouble(isTranslated() ? "translated" : "does-not-fit");
  if (chosen(number) === null) {
    return showError(name, "Choose an answer. To vote for none of them, choose the last one");
  }
  showError(name, null);
  return onward(name);
}

/** Whether the questions, and the statement to confirm, are still as they were when the page was loaded. */
function isUnaltered() {
  return writeJson(labels()) === writeJson(asked) && statement() === stated;
}

function onward(from) {
  const next = after(from, way);
  if (next === "review") review();
  return go(next);
}

/** Take down who casts the vote, unless something is missing. */
function stateAuthority() {
  if (!isUnaltered()) return trouble(isTranslated() ? "translated" : "does-not-fit");
  authority = takeAuthority();
  return authority === null ? undefined : onward("authority");
}

const TOLD = {
  asking: "Downloading. One moment.",
  saved: "Downloaded. This page checked that it is the document that was sealed.",
  unreachable: "The document could not be downloaded. Check your connection and try again.",
  differs: "What arrived is not the sealed document. It was not opened or saved. Tell us before you vote.",
};

/** Fetch a document of the voting pack, hold it against the sealed hash, and only then save it. */
async function giveDocument({ dataset: { address, format }, parentElement: line }) {
  const told = line.querySelector("[data-told]");
  const tell = (word) => { told.textContent = TOLD[word]; };
  told.hidden = false;
  tell("asking");
  const { name, pack } = line.dataset;
  const { bytes, word } = await download(address, pack);
  if (word) return tell(word);
  saveFile(`${name.replace(/[^\p{L}\p{N} ._-]/gu, "").slice(0, 80).trim() || "document"}.${format}`, bytes);
  return tell("saved");
}

function review() {
  fill(Object.fromEntries(asked.map((question, i) => [`answer-${i}`, question[1 + chosen(i)]])));
}

async function encrypt() {
  const votes = asked.map((question, i) => question.slice(1).map((_, at) => (at === chosen(i) ? 1 : 0)));
  paper = await createBallot(vouched.election, link.credential, votes);
  fillGroups("paper", paper.trackingNumber);
  go("paper");
}

/** Open the ballot instead of casting it. It can no longer be cast, since nothing keeps it. */
function spoil() {
  const spoilt = paper;
  paper = null;
  const opening = openPaper(vouched.election, spoilt);
  offer("opening", `opened-ballot-${spoilt.trackingNumber.slice(0, 6).replace(/\W/g, "-")}.json`, opening);
  fillGroups("spoilt", spoilt.trackingNumber);
  const shown = asked.map((question, i) => [`spoilt-${i}`, question[1 + spoilt.votes[i].indexOf(1)]]);
  fill({ opening, ...Object.fromEntries(shown) });
  go("spoilt");
}

async function castPaper() {
  if (step !== "unknown") go("casting");
  else show("casting");
  setFlags({ silence: false });
  const answer = await cast(entry.cast, link.token, paper.bytes, authority, () => setFlags({ silence: true }));
  if (answer === null) return show("unknown");
  if (answer.status === 200) return received(answer.text);
  const word = wordOf(answer.text);
  if (word === null) return show("unknown");
  if (word === "already-voted") return otherVote();
  return trouble(word);
}

/** A receipt came: accept it if the board signed it for exactly our ballot. */
async function received(text) {
  try {
    const receipt = await checkReceipt(text, vouched.boardKey, paper.bytes);
    checkPlace(receipt, vouched.election, entry);
    fillReceipt(receipt, text, entry);
  } catch {
    offer("answer", "answer-of-the-server.json", text);
    return show("receipt-doubtful");
  }
  forget();
  return show("receipt");
}

/** Our ballot was refused because this practice has another one: ask for its receipt. */
async function otherVote() {
  const answer = await enter(place, link.token);
  if (answer === null) return show("unknown");
  return arrived(answer);
}

function wordOf(text) {
  try {
    const { word } = JSON.parse(text);
    return typeof word === "string" ? word : null;
  } catch {
    return null;
  }
}

// -- acts --
// What each button does, and what happens when the page is loaded, left or asked to go back. One act at a time.

const ACTS = {
  "use-code": () => {
    const pasted = section(step).querySelector("[data-code]");
    const code = pasted.value;
    if (code.trim() === "") return showError(step, "Paste your voting link, or type the code of your letter");
    showError(step, null);
    return begin(code);
  },
  "use-kept": () => begin(kept.code),
  "try-again": () => begin(given),
  start: () => go(after("welcome", way)),
  state: stateAuthority,
  document: giveDocument,
  "change-authority": () => go("authority"),
  answer: (button) => answerQuestion(Number(button.dataset.question)),
  change: (button) => go(`question-${button.dataset.question}`),
  encrypt,
  cast: castPaper,
  spoil,
  "new-paper": () => go("review"),
  print: () => window.print(),
};

/** One act at a time: a second click during an act does nothing. */
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-act]");
  if (button === null) return;
  event.preventDefault();
  if (busy) return;
  busy = true;
  button.setAttribute("aria-disabled", "true");
  try {
    await ACTS[button.dataset.act](button);
  } catch {
    trouble("page-failed");
  } finally {
    button.removeAttribute("aria-disabled");
    busy = false;
  }
});

window.addEventListener("popstate", (event) => {
  const wanted = event.state?.step ?? "code";
  const next = busy ? step : onHistory(step, wanted, way);
  if (next === step) return;
  if (step === "paper") paper = null;
  show(next);
});

window.addEventListener("beforeunload", (event) => {
  if (isInDoubt(step)) event.preventDefault();
});

window.addEventListener("votingcode", (event) => {
  if (!isInDoubt(step) && !busy) run(() => begin(event.detail));
});

async function run(act) {
  busy = true;
  try {
    await act();
  } catch {
    trouble("page-failed");
  } finally {
    busy = false;
  }
}

const kept = window.takeVotingCode();
setFlags({ reloaded: history.state?.step !== undefined && kept.code === "" });
history.replaceState(null, "", location.pathname);
if (kept.reencoded) trouble("link-reencoded");
else run(() => begin(kept.code));
