/** The page that checks a spoilt ballot: from election and opening to what the ballot encrypts. Nothing is sent. */

import { checkOpening, parseElection } from "./protocol.js";

const form = document.querySelector("[data-checker]");
const told = document.querySelector("[data-told]");

async function textOf(name) {
  const file = form.elements[name].files[0];
  return file ? (await file.text()).trim() : form.elements[`${name}-text`].value.trim();
}

async function check() {
  const election = await parseElection(await textOf("election"));
  const opening = await textOf("opening");
  const found = await checkOpening(election, opening);
  const answers = election.questions.map((question, i) => {
    const at = found.votes[i].indexOf(1);
    return [question.question, question.answers[at]];
  });
  const whose = [["Tracking number", found.trackingNumber], ["Election", election.name]];
  return [["Result", "This ballot encrypts exactly these answers."], ...answers, ...whose];
}

function tell(rows) {
  const heading = document.createElement("h2");
  heading.textContent = "What the ballot encrypts";
  const list = document.createElement("dl");
  list.className = "nhsuk-summary-list";
  for (const [i, [key, value]] of rows.entries()) {
    const row = list.appendChild(document.createElement("div"));
    row.translate = i === 0; // the other rows are words of the sealed election, not to be translated
    row.className = "nhsuk-summary-list__row";
    for (const [tag, part, text] of [["dt", "key", key], ["dd", "value", value]]) {
      const cell = row.appendChild(document.createElement(tag));
      cell.className = `nhsuk-summary-list__${part}`;
      cell.textContent = text;
    }
  }
  told.replaceChildren(heading, list);
  told.focus();
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    tell(await check());
  } catch (error) {
    const failed = "The check FAILED. Do not vote with that page. Ask for help.";
    tell([["Result", failed], ["Reason", error.reason ?? "unreadable"]]);
  }
});
document.querySelector("[data-starting]").hidden = true;
form.hidden = false;
