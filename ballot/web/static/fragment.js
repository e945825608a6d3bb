/**
 * Takes the secret out of the address bar before anything else happens; keeps it until the page's script asks, once.
 *
 * A plain script in the page's head, so that it runs at once and in every browser. A mail system that wrote the # as
 * %23 has put the code into the path: it is taken out of there too, and the page will say so.
 */

"use strict";

(() => {
  document.documentElement.classList.add("app-scripts-run");
  const whole = location.pathname;
  const [path, eaten = ""] = whole.split(/%(?:25)*23(.*)/);
  let kept = { code: location.hash.slice(1) || eaten, reencoded: eaten !== "" };
  const here = eaten === "" ? whole : path;
  history.replaceState(history.state, "", here);
  window.addEventListener("hashchange", () => {
    if (location.hash.length < 2 || location.hash === "#maincontent") return;
    const code = location.hash.slice(1);
    history.replaceState(history.state, "", here);
    if (document.getElementById(code) === null) window.dispatchEvent(new CustomEvent("votingcode", { detail: code }));
  });
  window.takeVotingCode = () => {
    const taken = kept;
    kept = { code: "", reencoded: false };
    return taken;
  };
})();
