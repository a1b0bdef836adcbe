// Forms that answer an interaction, in a dialog.

import { call, withFiles } from "./api.js";
import { byId, el } from "./dom.js";
import { field } from "./fields.js";
import { state } from "./store.js";

/** @param {any} data of a MODAL_OPEN event */
export function openModal(data) {
  const dialog = byId("modal");
  /** @type {import("./fields.js").Form} */
  const form = { values: {}, files: {} };
  dialog.setAttribute("aria-label", data.modal.title);
  dialog.replaceChildren(el("form", { onsubmit: async (event) => { event.preventDefault(); if (await submit(data.id, form)) dialog.close(); } },
    el("h2", {}, data.modal.title), ...data.modal.components.map((part) => field(part, form)),
    el("div.row.end", {}, el("button.button.secondary", { type: "button", onclick: () => dialog.close() }, "Cancel"),
      el("button.button.primary", { type: "submit" }, "Submit"))));
  dialog.showModal();
  dialog.querySelector("input, textarea, .chooser")?.focus();
}

function submit(interaction, form) {
  const fields = Object.fromEntries(Object.entries(form.values).map(([id, read]) => [id, read()]));
  const files = [];
  for (const [id, chosen] of Object.entries(form.files)) fields[id] = chosen().map((one) => files.push(one) - 1);
  return call("POST", "modals", withFiles({ as: state.me, interaction, fields }, files));
}
