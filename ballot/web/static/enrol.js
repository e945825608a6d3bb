// Fills the form with the enrolment code after the # of the link, which no server and no log has seen.
function take() {
  const code = decodeURIComponent(location.hash.slice(1));
  if (!code) return;
  history.replaceState(null, "", location.pathname);
  document.querySelector("#code").value = code;
}

take();
addEventListener("hashchange", take);  // if the page was already open, the link only changes the part after the #
