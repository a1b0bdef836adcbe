// Asking the reader: a line of text, or whether they are sure.

import { byId, el } from "./dom.js";

/** @returns {Promise<string|null>} what was said, null where the dialog was left */
function ask(title, fields, action, danger = false) {
  const dialog = byId("asking");
  return new Promise((resolve) => {
    let answer = null;
    const form = el("form", { onsubmit: (event) => { event.preventDefault(); answer = form.querySelector("input")?.value ?? ""; dialog.close(); } },
      el("h2", {}, title), ...fields, el("div.row.end", {},
        el("button.button.secondary", { type: "button", onclick: () => dialog.close() }, "Cancel"),
        el(`button.button.${danger ? "danger" : "primary"}`, { type: "submit", autofocus: danger }, action)));
    dialog.setAttribute("aria-label", title);
    dialog.replaceChildren(form);
    dialog.onclose = () => resolve(answer);
    dialog.showModal();
    form.querySelector("input")?.select();
  });
}

/** @param {string} title @param {string} label @param {string} value @param {string} action  the button's words */
export function askText(title, label, value, action) {
  const box = el("input", { type: "text", required: true, maxlength: "100", value });
  return ask(title, [el("label.field", {}, el("span", {}, label), box)], action);
}

/** @param {string} title @param {string} text @param {string} action */
export const sure = async (title, text, action) => (await ask(title, [el("p", {}, text)], action, true)) !== null;
