/**
 * The way through the booth: which step follows which, and where "back" leads. No page, no network, no secrets in here.
 *
 *     code -> checking -> welcome -> question-0 ... -> review -> paper -> casting -> receipt
 *                                                                  |         |
 *                                                               spoilt    unknown (-> casting again)
 *
 * Any of them may end in a trouble, `trouble-<word>`.
 */

/** Steps that "back" must not leave: something is on its way, or has arrived. */
const HELD = new Set(["checking", "casting", "unknown", "receipt"]);

/** The steps of a paper with so many questions that "back" may lead to, in order. */
export function wayOf(questions) {
  return ["welcome", ...Array.from({ length: questions }, (_, i) => `question-${i}`), "review", "paper"];
}

/** The step after `step` on the way, or null at its end. */
export function after(step, questions) {
  const way = wayOf(questions);
  return way[way.indexOf(step) + 1] ?? null;
}

/**
 * Where the browser's back or forward button leads that asks for `wanted` while `step` is shown: one of the two.
 *
 * Forward only as far as was reached before, and never into a paper: leaving a paper throws it away.
 */
export function onHistory(step, wanted, questions) {
  const way = wayOf(questions);
  if (HELD.has(step) || !way.includes(wanted)) return step;
  if (step === "spoilt") return "review";
  if (!way.includes(step)) return step;
  return wanted === "paper" ? step : wanted;
}

/** Whether leaving the page now could leave the voter in doubt. */
export function isInDoubt(step) {
  return step === "casting" || step === "unknown";
}
