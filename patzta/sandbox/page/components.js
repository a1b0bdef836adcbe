// Buttons, selects and forms that bots attach to messages.

import { call } from "./api.js";
import { byId, el } from "./dom.js";
import { markdown } from "./markdown.js";
import { here, state, user } from "./store.js";

const STYLE = { 1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "link", 6: "primary" };

/** @param {any} message */
export const drawComponents = (message) => message.components.map((part) => drawPart(part, message));

function drawPart(part, message) {
  if (part.type === 2) return button(part, message);
  if ([3, 5, 6, 7, 8].includes(part.type)) return select(part, (values) => use(message, part, values));
  if (part.type === 10) return el("div.content", {}, ...markdown(part.content));
  if (part.type === 14) return el("hr");
  const inner = [...(part.components ?? []), ...(part.accessory ? [part.accessory] : [])];
  return el(part.type === 1 ? "div.row" : part.type === 17 ? "div.container" : "div.section", {}, ...inner.map((one) => drawPart(one, message)));
}

function button(part, message) {
  const label = [part.emoji?.name, part.label].filter(Boolean).join(" ");
  if (part.style === 5) return el("a.button.link", { href: /^https?:/.test(part.url) ? part.url : "#", target: "_blank", rel: "noopener noreferrer" }, label);
  return el(`button.button.${STYLE[part.style]}`, {
    type: "button", disabled: part.disabled, data: { customId: part.custom_id }, onclick: () => use(message, part, []),
  }, label || "…");
}

const use = (message, part, values) =>
  call("POST", "components", { as: state.me, channel: message.channel_id, message: message.id, custom_id: part.custom_id, values });

/** What a select offers: [value, label, chosen by default]. */
function offered(part) {
  if (part.type === 3) return part.options.map((o) => [o.value, [o.emoji?.name, o.label].filter(Boolean).join(" "), o.default]);
  const guild = state.guilds.get(here()?.guild_id);
  const users = here().viewers.map((id) => [id, user(id).display_name]);
  const roles = (guild?.roles ?? []).map((role) => [role.id, `@${role.name}`]);
  const channels = [...state.channels.values()].filter((c) => c.guild_id === guild?.id && c.type === 0).map((c) => [c.id, `#${c.name}`]);
  return { 5: users, 6: roles, 7: [...users, ...roles], 8: channels }[part.type];
}

function select(part, choose) {
  const many = (part.max_values ?? 1) > 1;
  const box = /** @type {HTMLSelectElement} */ (el("select", { data: { customId: part.custom_id }, multiple: many, disabled: part.disabled, "aria-label": part.placeholder ?? "Choose" }));
  if (!many) box.append(el("option", { value: "", disabled: true, selected: true }, part.placeholder ?? "Choose…"));
  box.append(...offered(part).map(([value, label, chosen]) => el("option", { value, selected: chosen }, label)));
  const values = () => [...box.selectedOptions].map((option) => option.value);
  if (!many) { box.addEventListener("change", () => choose(values())); return box; }
  return el("div.row", {}, box, el("button.button.secondary", { type: "button", onclick: () => choose(values()) }, "Choose"));
}

/** Open the form that answered an interaction. @param {any} data of a MODAL_OPEN event */
export function openModal(data) {
  const dialog = byId("modal");
  const fields = new Map();
  const form = el("form", { method: "dialog", onsubmit: (event) => {
    event.preventDefault();
    const values = Object.fromEntries([...fields].map(([id, read]) => [id, read()]));
    call("POST", "modals", { as: state.me, interaction: data.id, fields: values }).then((sent) => sent && dialog.close());
  } },
  el("h2", {}, data.modal.title), ...data.modal.components.map((part) => field(part, fields)),
  el("div.row.end", {}, el("button.button.link", { type: "button", onclick: () => dialog.close() }, "Cancel"), el("button.button.primary", { type: "submit" }, "Submit")));
  dialog.replaceChildren(form);
  dialog.showModal();
}

function field(part, fields, label = "", hint = "") {
  if (part.type === 1) return el("div", {}, ...part.components.map((one) => field(one, fields)));
  if (part.type === 18) return field(part.component, fields, part.label, part.description);
  if (part.type === 10) return el("div.content", {}, ...markdown(part.content));
  const required = part.required ?? true;
  const limits = { maxlength: part.max_length ?? 4000, minlength: part.min_length, required, placeholder: part.placeholder };
  let box;
  if (part.type === 4) {
    box = el(part.style === 2 ? "textarea" : "input", { name: part.custom_id, ...limits });
    box.value = part.value ?? "";
    fields.set(part.custom_id, () => box.value);
  } else {
    let chosen = [];
    box = select({ ...part, max_values: 1 }, (values) => (chosen = values));
    fields.set(part.custom_id, () => chosen);
  }
  return el("label.field", {}, el("span", {}, part.label ?? label, required && el("b.required", { "aria-label": "required" }, " *")), hint && el("small", {}, hint), box);
}
