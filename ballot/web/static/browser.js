/**
 * The first script of a page that encrypts: it takes the secret out of the address bar, then starts the page's module.
 *
 * A plain script in the page's head, so that it runs at once in every browser. It may use nothing newer than
 * ECMAScript 5: a browser without modules must run it to learn that it is too old. `data-starts` on the script's own
 * element is the address of the module. `data-takes-code` says that a voting code comes with the address; the script
 * keeps it until the module asks, once. A mail gateway that escaped the # has put the code into the path or the query:
 * the script takes it out of there too, and the page says so.
 *
 * If this browser cannot run the module, the page says why, and what to do. It holds one hidden element for each
 * reason, `data-unable="..."`:
 *
 *     insecure   the address is not https: browsers then disable encryption
 *     old        something that our scripts use is missing
 *     broken     the module, or one that it imports, did not load or did not start
 *
 * Elements with `data-starting` are shown until one of these is. What is *not* done here: reading the code, and
 * replacing what is missing.
 */

(function () {
  "use strict";

  var BEGINNING = "eyJwcm9ncmFtbWUi"; // as every token begins
  var own = document.currentScript;
  var module = own && own.getAttribute("data-starts");
  var isStarted = false;

  function takeCode() {
    var sent = location.pathname + location.search; // what the server was sent
    var here = location.pathname.replace(/[%*&;].*$|\/+$/, "");
    var behind = sent.slice(here.length);
    var reencoded = /%(?:25)*23./.test(behind) || behind.indexOf(BEGINNING) !== -1;
    var kept = { code: reencoded ? behind + location.hash : location.hash.slice(1), reencoded: reencoded };
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
  }

  /** Whether this browser has everything newer than 2016 that the page's scripts use. */
  function isModern() {
    var every = [
      [window, ["BigInt", "CustomEvent", "MessageChannel", "Promise", "TextDecoder", "WeakMap", "fetch"]],
      [window.HTMLScriptElement && HTMLScriptElement.prototype, ["noModule"]],
      [window.crypto, ["getRandomValues", "subtle"]],
      [window.crypto && window.crypto.subtle, ["decrypt", "deriveBits", "digest", "encrypt", "importKey"]],
      [window.URL, ["createObjectURL"]],
      [window.AbortSignal, ["timeout"]],
      [window.Blob && Blob.prototype, ["text"]],
      [window.Element && Element.prototype, ["closest", "replaceChildren"]],
      [window.SubmitEvent && SubmitEvent.prototype, ["submitter"]],
      [window.Intl && Intl.DateTimeFormat && Intl.DateTimeFormat.prototype, ["formatToParts"]],
      [Object, ["entries", "fromEntries", "hasOwn"]],
      [Array.prototype, ["at", "flat", "flatMap", "includes"]],
      [String.prototype, ["matchAll", "normalize", "padStart", "replaceAll"]]
    ];
    for (var i = 0; i < every.length; i += 1) {
      for (var j = 0; j < every[i][1].length; j += 1) {
        if (!every[i][0] || !(every[i][1][j] in every[i][0])) return false;
      }
    }
    try {
      new RegExp("\\p{Cf}", "gmsuy");
      new Intl.DateTimeFormat("en-GB", { timeZone: "Europe/London" });
    } catch (fault) {
      return false;
    }
    return true;
  }

  function show(selector, isShown) {
    var found = document.querySelectorAll(selector);
    for (var i = 0; i < found.length; i += 1) {
      if (isShown) found[i].removeAttribute("hidden");
      else found[i].setAttribute("hidden", "");
    }
    return found[0];
  }

  function say(answer) {
    if (isStarted) return;
    isStarted = true;
    show("[data-starting]", false);
    var heading = show('[data-unable="' + answer + '"]', true).querySelector("h1");
    if (heading !== null) document.title = heading.textContent + " - " + document.title;
  }

  function start() {
    var script = document.createElement("script");
    script.type = "module";
    script.src = module;
    script.onload = function () { isStarted = true; };
    script.onerror = function () { say("broken"); };
    window.addEventListener("error", function (event) {
      if (event.error) say(event.error instanceof SyntaxError ? "old" : "broken");
    });
    document.head.appendChild(script);
  }

  function begin() {
    if (window.isSecureContext === false) say("insecure");
    else if (!module || !isModern()) say("old");
    else start();
  }

  document.documentElement.className += " app-scripts-run";
  // Internet Explorer has no currentScript, so the path shows whether a code comes with the address.
  if (own ? own.hasAttribute("data-takes-code") : /^\/vote\//.test(location.pathname)) takeCode();
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();
