// Starts the NHS's components. Every page of the public board works without this script.
// FileUpload is left out on purpose: its drop zone puts a button in place of the browser's own control, and axe-core
// finds that the button's name does not hold its visible words. The plain control needs no script.
import {
  Button, CharacterCount, Checkboxes, ErrorSummary, NotificationBanner, PasswordInput, Radios, SkipLink, createAll,
} from "./vendor/nhsuk-frontend/nhsuk-frontend.min.js";

document.body.classList.add("js-enabled", "nhsuk-frontend-supported");
for (const component of [
  Button, CharacterCount, Checkboxes, ErrorSummary, NotificationBanner, PasswordInput, Radios, SkipLink,
]) {
  createAll(component);
}
