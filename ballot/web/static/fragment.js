/**
 * Takes the secret out of the address bar before anything else happens; keeps it until the page's script asks, once.
 *
 * A plain script in the page's head, so that it runs at once and in every browser: nothing newer than ECMAScript 5
 * may stand in it. A mail gateway that escaped the # has put the code into the path or the query: it is taken out of
 * there too, and the page will say so. What is *not* done here: reading the code.
 */

(function () {
  "use strict";

  var BEGINNING = "eyJwcm9ncmFtbWUi"; // as every token begins
  var sent = location.pathname + location.search; // what the server was sent
  var here = location.pathname.replace(/[%*&;].*$|\/+$/, "");
  var behind = sent.slice(here.length);
  var reencoded = /%(?:25)*23./.test(behind) || behind.indexOf(BEGINNING) !== -1;
  var kept = { code: reencoded ? behind + location.hash : location.hash.slice(1), reencoded: reencoded };

  document.documentElement.className += " app-scripts-run";
  history.replaceState(history.state, "", here);

  window.addEventListener("hashchange", function () {
    var code = location.hash.slice(1);
    if (code === "" || code === "maincontent") return;
    history.replaceState(history.state, "", here);
    if (document.getElementById(code) !== null || typeof CustomEvent !== "function") return;
    window.dispatchEvent(new CustomEvent("votingcode", { detail: code }));
  });

  window.takeVotingCode = function () {
    var taken = kept;
    kept = { code: "", reencoded: false };
    return taken;
  };
})();
