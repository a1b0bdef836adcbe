// Slash commands: which there are here, and the fields of the one that was chosen.

import { call, withFiles } from "./api.js";
import { chooser } from "./chooser.js";
import { combobox } from "./combobox.js";
import { byId, el, toast } from "./dom.js";
import { channels, people, roles } from "./entities.js";
import { state } from "./store.js";

const SUB = [1, 2];
const KIND = { 3: "text", 4: "whole number", 5: "true or false", 6: "person", 7: "channel", 8: "role", 9: "person or role", 10: "number", 11: "file" };

let offered = [];
let fetchedFor = "";

/** The commands usable here, subcommands flattened. @returns {Promise<any[]>} */
export async function usable() {
  const key = JSON.stringify([state.me, state.current, [...state.commands]]);
  if (key !== fetchedFor) {
    offered = (await call("GET", `commands?as=${state.me}&channel=${state.current}`) ?? []).flatMap((c) => flat(c, c.name, c));
    fetchedFor = key;
  }
  return offered;
}

function flat(item, path, command) {
  const nested = (item.options ?? []).filter((option) => SUB.includes(option.type));
  if (nested.length) return nested.flatMap((option) => flat(option, `${path} ${option.name}`, command));
  return [{ path, description: item.description, options: item.options ?? [], application: command.application_id }];
}

let form = null;

/** @typedef {{node: HTMLElement, value: () => any, file?: () => File|undefined}} Field */

/** Open the fields of a command, or run it at once when it has none. */
export function choose(command, done) {
  if (!command.options.length) { run(command, {}, {}); done(); return; }
  /** @type {Map<string, Field>} */
  const fields = new Map();
  form = byId("command-form");
  form.setAttribute("aria-label", `/${command.path}`);
  form.onsubmit = (event) => { event.preventDefault(); submit(command, fields, done); };
  form.onkeydown = (event) => {
    if (event.key === "Escape" && !event.defaultPrevented) { event.preventDefault(); closeForm(); done(); }
  };
  form.replaceChildren(el("div.command-name", {}, el("b", {}, `/${command.path}`), el("small", {}, command.description)),
    ...command.options.map((option) => field(command, option, fields)),
    el("div.row.end", {}, el("small", {}, "Enter runs it · Escape leaves"), el("button.button.primary", { type: "submit", id: "run-command" }, "Run")));
  form.hidden = false;
  document.body.classList.add("commanding");
  form.querySelector("input, .chooser")?.focus();
}

export function closeForm() {
  if (form) { form.hidden = true; form.replaceChildren(); }
  form = null;
  document.body.classList.remove("commanding");
}

async function submit(command, fields, done) {
  const options = {};
  const files = {};
  for (const [name, one] of fields) {
    const file = one.file?.();
    if (file) files[name] = file;
    else if (one.value() !== "") options[name] = one.value();
  }
  const missing = command.options.find(({ name, required }) => required && !(name in options) && !(name in files));
  if (missing) toast(`This option is required: ${missing.name}`);
  else if (await run(command, options, files)) { closeForm(); done(); }
}

function run(command, options, files) {
  const numbers = Object.fromEntries(Object.keys(files).map((name, index) => [name, index]));
  const body = { as: state.me, channel: state.current, name: command.path, application: command.application, options, files: numbers };
  return call("POST", "commands", withFiles(body, Object.values(files)));
}

/** discord.py sends a mere "…" where a bot describes nothing. */
const says = (description) => description && description !== "…";

function field(command, option, fields) {
  const one = input(command, option, fields);
  fields.set(option.name, one);
  const star = option.required && el("b.required", { "aria-hidden": "true" }, " *");
  const native = one.node.matches("input, .combobox");
  return el(native ? "label.field" : "div.field", { data: { option: option.name, ...(option.required && { required: "" }) } },
    el("span", {}, option.name, star), one.node, says(option.description) && el("small", {}, option.description));
}

/** @returns {Field} */
function input(command, option, fields) {
  const choices = choicesOf(option);
  if (choices) return listed(option, choices);
  if (option.type === 11) return upload(option);
  const props = { name: option.name, required: option.required, placeholder: KIND[option.type], minlength: option.min_length, maxlength: option.max_length };
  if (option.autocomplete) return combobox({ label: option.name, props, ask: (text) => suggestions(command, option, text, fields) });
  const number = [4, 10].includes(option.type);
  const box = /** @type {HTMLInputElement} */ (el("input", {
    ...props, type: number ? "number" : "text", step: option.type === 10 ? "any" : null, min: option.min_value, max: option.max_value, autocomplete: "off",
  }));
  return { node: box, value: () => box.value };
}

function listed(option, choices) {
  const { node, values } = chooser({ label: option.name, placeholder: KIND[option.type], choices, min: option.required ? 1 : 0, onChoose: goOn });
  return { node, value: () => values()[0] ?? "" };
}

/** The way on: to the next empty field that is required, else to the button that runs the command. */
function goOn() {
  const empty = form?.querySelector("input:required:placeholder-shown, [data-required] .chooser:has(.empty)");
  (empty ?? byId("run-command"))?.focus();
}

function upload(option) {
  const box = /** @type {HTMLInputElement} */ (el("input", { type: "file", name: option.name, required: option.required }));
  return { node: box, value: () => "", file: () => box.files?.[0] };
}

/** @returns {import("./chooser.js").Choice[]|null} */
function choicesOf(option) {
  if (option.choices?.length) return option.choices.map((choice) => ({ value: String(choice.value), label: choice.name }));
  if (option.type === 5) return [{ value: "true", label: "True" }, { value: "false", label: "False" }];
  return { 6: people, 7: () => channels(option.channel_types), 8: roles, 9: () => [...people(), ...roles()] }[option.type]?.() ?? null;
}

async function suggestions(command, option, text, fields) {
  const filled = [...fields].map(([name, one]) => [name, one.value()]).filter(([, value]) => value !== "");
  const options = { ...Object.fromEntries(filled), [option.name]: text };
  return await call("POST", "autocomplete", { as: state.me, channel: state.current, name: command.path, application: command.application, focused: option.name, options }) ?? [];
}
