/**
 * The booth's page: showing one step of those that the server rendered, filling words in, saying what is missing.
 *
 * Words are put in as text, never as HTML. What is *not* done here: deciding which step comes next.
 */

const all = (selector, root = document) => [...root.querySelectorAll(selector)];

/** The section of a step. */
export function section(step) {
  return document.querySelector(`[data-step="${step}"]`);
}

/** Show one step and hide the others; its heading takes the focus, and the title says where we are. */
export function showStep(step) {
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

/** Put words where `data-fill` asks for them. */
export function fill(words) {
  for (const place of all("[data-fill]")) {
    if (place.dataset.fill in words) place.textContent = words[place.dataset.fill];
  }
}

/** Put a tracking number in groups of six, which are read out easily and copied whole. */
export function fillGroups(name, written) {
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

/** Note what is true here; what is said only then (`data-if`, one word or several) is shown, all else is not. */
export function setFlags(more) {
  Object.assign(flags, more);
  for (const place of all("[data-if]")) {
    place.hidden = !place.dataset.if.split(" ").some((word) => flags[word]);
  }
}

/** The labels of the paper as they stand in the page: for each question its text, then its answers. */
export function labels() {
  return all('[data-step^="question-"]').map((question) => [
    question.querySelector("legend").textContent.trim(),
    ...all("input[type=radio]", question).map((radio) => radio.labels[0].textContent.trim()),
  ]);
}

/** Which answer of a question is ticked, by its place; null if none. */
export function chosen(number) {
  const radio = section(`question-${number}`).querySelector("input:checked");
  return radio === null ? null : Number(radio.value);
}

/** Forget every tick and every pasted code. */
export function clearPaper() {
  for (const radio of all("input[type=radio]")) radio.checked = false;
  for (const box of all("[data-code]")) box.value = "";
}

/** Say that something is missing in a step, above it and beside its field, and move there; `null` takes it back. */
export function showError(step, message) {
  const place = section(step);
  const [summary, group] = [place.querySelector("[data-errors]"), place.querySelector(".nhsuk-form-group")];
  place.querySelector(".nhsuk-error-message")?.remove();
  group.classList.toggle("nhsuk-form-group--error", message !== null);
  summary.hidden = message === null;
  if (message === null) return;
  summary.querySelector("a").textContent = message;
  const said = document.createElement("span");
  said.className = "nhsuk-error-message";
  said.id = `${step}-error`;
  said.textContent = `Error: ${message}`;
  const field = group.querySelector("input, textarea");
  (field.closest(".nhsuk-radios") ?? field).before(said);
  (field.closest("fieldset") ?? field).setAttribute("aria-describedby", said.id);
  setTitle(`Error: ${place.querySelector("h1").textContent.trim()}`);
  summary.focus();
}

/** Offer text as a file. */
export function offer(name, filename, text) {
  for (const link of all(`[data-file="${name}"]`)) {
    if (link.href.startsWith("blob:")) URL.revokeObjectURL(link.href);
    link.href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
    link.download = filename;
  }
}

/** Point links and pictures at addresses. */
export function point(addresses) {
  for (const [name, address] of Object.entries(addresses)) {
    for (const link of all(`[data-href="${name}"]`)) link.href = address;
    for (const picture of all(`[data-src="${name}"]`)) picture.src = address;
  }
}
