// The fields of forms that bots open: texts, selects, uploads, radio groups and checkboxes.

import { el } from "./dom.js";
import { markdown } from "./markdown.js";
import { SELECTS, select } from "./selects.js";

/**
 * @typedef {{values: Record<string, () => any>, files: Record<string, () => File[]>}} Form
 *   how to read what was entered, by custom id
 * @param {any} part @param {Form} form @param {{label?: string, hint?: string}} [about] what the label around it says
 * @returns {HTMLElement}
 */
export function field(part, form, about = {}) {
  if (part.type === 1) return el("div", {}, ...part.components.map((one) => field(one, form)));
  if (part.type === 18) return field(part.component, form, { label: part.label, hint: part.description });
  if (part.type === 10) return el("div.content", {}, ...markdown(part.content));
  const kind = SELECTS.includes(part.type) ? "select" : { 4: "text", 19: "upload", 21: "group", 22: "group", 23: "box" }[part.type];
  if (!kind) return el("p.unknown", {}, `This page cannot draw fields of type ${part.type}.`);
  const label = about.label ?? part.label ?? "";
  return MAKE[kind](part, form, label, about.hint);
}

const MAKE = { text, select: choice, upload, group, box };
const required = (part) => part.required ?? true;
const star = (part) => required(part) && el("b.required", { "aria-hidden": "true" }, " *");
const titled = (part, label, hint) => [el("span", {}, label, star(part)), hint && el("small", {}, hint)];

function text(part, form, label, hint) {
  const box = /** @type {HTMLInputElement} */ (el(part.style === 2 ? "textarea" : "input", {
    name: part.custom_id, required: required(part), placeholder: part.placeholder, minlength: part.min_length, maxlength: part.max_length ?? 4000, rows: part.style === 2 ? "4" : null,
  }));
  box.value = part.value ?? "";
  form.values[part.custom_id] = () => box.value;
  return el("label.field", {}, ...titled(part, label, hint), box);
}

function choice(part, form, label, hint) {
  const { node, values } = select(part, undefined, label);
  form.values[part.custom_id] = values;
  return el("div.field", { data: { required: String(required(part)) } }, ...titled(part, label, hint), node);
}

function upload(part, form, label, hint) {
  const box = /** @type {HTMLInputElement} */ (el("input", { type: "file", name: part.custom_id, multiple: (part.max_values ?? 1) > 1, required: required(part) }));
  form.files[part.custom_id] = () => [...(box.files ?? [])];
  return el("label.field", {}, ...titled(part, label, hint), box);
}

function group(part, form, label, hint) {
  const type = part.type === 21 ? "radio" : "checkbox";
  const boxes = part.options.map((option) => /** @type {HTMLInputElement} */ (el("input", { type, name: part.custom_id, value: option.value, checked: option.default, required: type === "radio" && required(part) })));
  form.values[part.custom_id] = () => boxes.filter((box) => box.checked).map((box) => box.value);
  return el("fieldset.field", {}, el("legend", {}, label, star(part)), hint && el("small", {}, hint), ...part.options.map((option, index) =>
    el("label.tickable", {}, boxes[index], el("span", {}, option.label, option.description && el("small", {}, option.description)))));
}

function box(part, form, label, hint) {
  const tick = /** @type {HTMLInputElement} */ (el("input", { type: "checkbox", name: part.custom_id, checked: part.default }));
  form.values[part.custom_id] = () => tick.checked;
  return el("label.tickable", {}, tick, el("span", {}, label, hint && el("small", {}, hint)));
}
