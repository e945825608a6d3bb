/**
 * The booth: from the code in the link to a receipt that was verified here, one step at a time.
 *
 * Token, credential, choice and randomness are in this module's memory only, and are dropped as soon as they are not
 * needed. Nothing is called done before the board's signature on the receipt was checked against our own ballot.
 */

import { createBallot } from "../protocol/ballots.js";
import { linkFault, readLink } from "../protocol/links.js";
import { openPaper } from "../protocol/openings.js";
import { checkReceipt } from "../protocol/receipts.js";
import { after, isInDoubt, onHistory } from "./flow.js";
import { chosen, clearPaper, fill, fillGroups, labels, offer, point, section, setFlags, showError, showStep } from "./page.js";
import { fillReceipt } from "./receipt.js";
import { cast, enter, read } from "./service.js";
import { wallTime } from "./times.js";
import { checkPlace, vouch, vouchForReceipt } from "./vouch.js";

const asked = labels();
const place = location.pathname.split("/").slice(2, 4).join("/");
let step = "starting";
let link = null; // {token, credential, names}: secret
let paper = null; // {bytes, trackingNumber, votes, randomness}: secret until it is opened
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

function trouble(word) {
  if (word !== "link-reencoded") forget();
  fill({ word });
  show(section(`trouble-${word}`) ? `trouble-${word}` : "trouble-other");
}

/** Drop everything secret. */
function forget() {
  link = null;
  paper = null;
  clearPaper();
}

async function begin(code) {
  forget();
  const found = readLink(code);
  if (found.reason === "missing") return show("code");
  if (found.reason) return trouble(`link-${found.reason}`);
  link = found;
  show("checking");
  const { programme, ccg, practice } = found.names;
  fill({ "token-ccg": ccg, "token-practice": practice });
  if (`${programme}/${ccg}` !== place) return trouble("token-for-another-ballot");
  const answer = await enter(place, found.token);
  if (link !== found) return undefined; // another code came meanwhile
  if (answer === null) return show("trouble-no-connection");
  return arrived(answer);
}

/** What the server said of the token: in, or why not; a receipt that came with it is verified before it is believed. */
async function arrived(answer) {
  if (!answer.practice) return trouble(answer.word);
  entry = answer;
  const [electionText, termsText] = await Promise.all([read(answer.election), read(answer.terms)]);
  if (electionText === null || termsText === null) return show("trouble-no-connection");
  try {
    vouched = await vouch(electionText, termsText, answer, asked);
    if (answer.receipt !== null) {
      const receipt = await vouchForReceipt(answer.receipt, vouched.boardKey, vouched.election, answer);
      fillReceipt(receipt, answer.receipt, entry);
    }
  } catch {
    return trouble("does-not-fit");
  }
  tell(answer);
  if (answer.status !== 200) return trouble(answer.word);
  if ((await linkFault(vouched.election, link)) !== null) return trouble("credential-of-another");
  history.replaceState({ step: "welcome" }, "", location.pathname); // "back" from here leaves the booth
  return show("welcome");
}

/** Fill in whose vote it is. */
function tell({ name, practice, ccg, opens, closes, policy, receipt, election, voting_packs: packs }) {
  const words = { programme: name, "practice-name": practice.name, "practice-code": practice.code, "ccg-name": ccg.name };
  fill({ ...words, opens: wallTime(opens), closes: wallTime(closes), fingerprint: vouched.fingerprint });
  point({ election });
  const flags = { final: policy === "final", "last-counts": policy === "last-counts", packs: packs.length > 0 };
  setFlags({ ...flags, voted: receipt !== null, "not-voted": receipt === null, returned: vouched.returned !== "never" });
}

function answerQuestion(number) {
  const name = `question-${number}`;
  if (chosen(number) === null) return showError(name, "Choose an answer. To vote for none of them, choose the last one");
  showError(name, null);
  const next = after(name, asked.length);
  if (next === "review") review();
  return go(next);
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

/** Open the paper instead of casting it: from here on it cannot be cast, since nothing keeps it. */
function spoil() {
  const spoilt = paper;
  paper = null;
  const opening = openPaper(vouched.election, spoilt);
  offer("opening", `spoilt-paper-${spoilt.trackingNumber.slice(0, 6).replace(/\W/g, "-")}.json`, opening);
  fillGroups("spoilt", spoilt.trackingNumber);
  fill({ opening, ...Object.fromEntries(asked.map((question, i) => [`spoilt-${i}`, question[1 + spoilt.votes[i].indexOf(1)]])) });
  go("spoilt");
}

async function castPaper() {
  if (step !== "unknown") go("casting");
  else show("casting");
  setFlags({ silence: false });
  const answer = await cast(entry.cast, link.token, paper.bytes, () => setFlags({ silence: true }));
  if (answer === null) return show("unknown");
  if (answer.status === 200) return received(answer.text);
  const word = wordOf(answer.text);
  if (word === null) return show("unknown");
  if (word === "already-voted") return otherVote();
  return trouble(word);
}

/** A receipt came: believed if the board signed it for exactly our ballot. */
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

/** Our ballot was refused because there is another one of this practice: ask for its receipt. */
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

const ACTS = {
  "use-code": () => {
    const pasted = section(step).querySelector("[data-code]");
    const code = pasted.value;
    if (code.trim() === "") return showError(step, "Paste your voting code");
    showError(step, null);
    return begin(code);
  },
  "use-kept": () => begin(kept.code),
  "try-again": () => (link === null ? show("code") : retryEntry()),
  start: () => go(after("welcome", asked.length)),
  answer: (button) => answerQuestion(Number(button.dataset.question)),
  change: (button) => go(`question-${button.dataset.question}`),
  encrypt,
  cast: castPaper,
  spoil,
  "new-paper": () => go("review"),
  print: () => window.print(),
};

function retryEntry() {
  const { token, credential } = link;
  return begin(`${token}.${credential}`);
}

/** One act at a time: a second click while one is under way does nothing. */
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
  const next = busy ? step : onHistory(step, wanted, asked.length);
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
