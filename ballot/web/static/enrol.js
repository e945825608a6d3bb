// Takes the enrolment code from behind the # of the link, where no server and no log saw it, into the form.
const code = decodeURIComponent(location.hash.slice(1));
if (code) {
  history.replaceState(null, "", location.pathname);
  document.querySelector("#code").value = code;
}
