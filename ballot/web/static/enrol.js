// Takes the enrolment code from behind the # of the link, where no server and no log saw it, into the form.
function take() {
  const code = decodeURIComponent(location.hash.slice(1));
  if (!code) return;
  history.replaceState(null, "", location.pathname);
  document.querySelector("#code").value = code;
}

take();
addEventListener("hashchange", take);  // where the page was open already, the link only changes what is behind the #
