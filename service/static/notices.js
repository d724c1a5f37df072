/** What stops everything, said above the images: a full queue, a missing key, a service that is away, a cancellation. */

import { element, find } from "./dom.js";

export function clearNotices() {
  find("notices").replaceChildren();
}

/** Say what went wrong and offer to send what is left, where the service asks for it not before a while. */
export function offerRetry(problem, onRetry) {
  const button = element("button", { type: "button", className: "primary" }, "Send again");
  button.addEventListener("click", onRetry);
  show(problem.title, problem.detail, button);
  countDown(button, problem.retryAfter);
}

export function offerRest(words, onRetry) {
  show("Cancelled", words, element("button", { type: "button", className: "primary", onclick: onRetry }, "Send the rest"));
}

/** Ask for an API key, or, when one was `tried`, for another; it is handed on and kept nowhere. */
export function askForKey(problem, { tried, onKey }) {
  const field = element("input", { type: "password", id: "api-key", required: true, autocomplete: "off", spellcheck: false });
  const form = element("form", { className: "key" }, element("label", { for: "api-key" }, "API key or token"), field,
    element("button", { className: "primary" }, "Use key"));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    onKey(field.value.trim());
  });
  show(problem.title, `${refusal(tried)} The key is kept in this page's memory only, until the page is closed or reloaded.`, form);
  field.focus();
}

const refusal = (tried) => tried
  ? "The service does not accept this key. Check it, or ask whoever runs the service for another."
  : "This service answers only those who have an API key. Whoever runs it can give you one.";

function show(title, words, ...actions) {
  const said = element("div", { role: "alert" }, element("p", { className: "note-title" }, title), element("p", {}, words));
  find("notices").replaceChildren(element("div", { className: "notice" }, said, ...actions));
}

/** The button comes free when the service has said that it will have room. */
function countDown(button, seconds) {
  const label = button.textContent;
  const end = performance.now() + 1000 * (seconds ?? 0);
  const tick = () => {
    const left = Math.ceil((end - performance.now()) / 1000);
    button.disabled = left > 0;
    button.textContent = left > 0 ? `${label} in ${left} s` : label;
    if (left > 0 && button.isConnected) setTimeout(tick, 200);
  };
  tick();
}
