// The slash command picker: type "/", choose, fill in the fields, press Enter.

import { call } from "./api.js";
import { byId, el } from "./dom.js";
import { here, state, user } from "./store.js";

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

/** @returns {boolean} whether the fields of a command are open */
export const filling = () => form !== null;

/** Open the fields of a command, or run it at once when it has none. */
export function choose(command, done) {
  if (!command.options.length) { run(command, {}); done(); return; }
  const fields = new Map();
  form = byId("command-form");
  form.onsubmit = (event) => { event.preventDefault(); submit(command, fields, done); };
  form.onkeydown = (event) => {
    if (event.key === "Escape") { event.preventDefault(); closeForm(); done(); }
    // A select swallows Enter otherwise.
    if (event.key === "Enter" && !event.defaultPrevented) { event.preventDefault(); form.requestSubmit(); }
  };
  form.replaceChildren(el("div.command-name", {}, el("b", {}, `/${command.path}`), el("small", {}, command.description)),
    ...command.options.map((option) => field(command, option, fields)),
    el("div.row.end", {}, el("small", {}, "Enter sends · Escape leaves"), el("button.button.primary", { type: "submit", id: "run-command" }, "Run")));
  form.hidden = false;
  document.body.classList.add("commanding");
  form.querySelector("input,select")?.focus();
}

export function closeForm() {
  if (form) { form.hidden = true; form.replaceChildren(); }
  form = null;
  document.body.classList.remove("commanding");
}

async function submit(command, fields, done) {
  const options = {};
  for (const [name, box] of fields) if (box.value !== "") options[name] = box.value;
  if (await run(command, options)) { closeForm(); done(); }
}

const run = (command, options) =>
  call("POST", "commands", { as: state.me, channel: state.current, name: command.path, application: command.application, options });

function field(command, option, fields) {
  const box = input(command, option, fields);
  fields.set(option.name, box);
  return el("label.field", { data: { option: option.name } },
    el("span", {}, option.name, option.required && el("b.required", { "aria-label": "required" }, " *")), box,
    el("small", {}, option.description || KIND[option.type]));
}

function input(command, option, fields) {
  const required = option.required ?? false;
  const choices = choicesOf(option);
  if (choices) {
    return el("select", { name: option.name, required }, el("option", { value: "" }, required ? "Choose…" : "—"),
      ...choices.map(([value, label]) => el("option", { value }, label)));
  }
  const number = [4, 10].includes(option.type);
  const box = el("input", {
    name: option.name, required, type: number && !option.autocomplete ? "number" : "text", step: option.type === 10 ? "any" : null, min: option.min_value, max: option.max_value,
    minlength: option.min_length, maxlength: option.max_length, placeholder: KIND[option.type], autocomplete: "off",
  });
  return option.autocomplete ? suggesting(command, option, box, fields) : box;
}

function choicesOf(option) {
  const guild = state.guilds.get(here().guild_id);
  if (option.choices?.length) return option.choices.map((choice) => [choice.value, choice.name]);
  if (option.type === 5) return [["true", "True"], ["false", "False"]];
  if (option.type === 6 || option.type === 9) return here().viewers.map((id) => [id, `${user(id).display_name} (${user(id).username})`]);
  if (option.type === 7) return [...state.channels.values()].filter((c) => guild && c.guild_id === guild.id && c.type === 0 && c.viewers.includes(state.me)).map((c) => [c.id, `#${c.name}`]);
  if (option.type === 8) return (guild?.roles ?? []).map((role) => [role.id, role.name]);
  return null;
}

let lists = 0;
function suggesting(command, option, box, fields) {
  const list = el("datalist", { id: `suggestions-${++lists}` });
  box.setAttribute("list", list.id);
  // The field is not in the form yet.
  queueMicrotask(() => box.after(list));
  let timer = 0;
  const ask = async () => {
    const options = Object.fromEntries([...fields].map(([name, one]) => [name, one.value]).filter(([name, value]) => value !== "" || name === option.name));
    const found = await call("POST", "autocomplete", { as: state.me, channel: state.current, name: command.path, application: command.application, focused: option.name, options });
    list.replaceChildren(...(found ?? []).map((choice) => el("option", { value: choice.value }, choice.name)));
  };
  box.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(ask, 200); });
  box.addEventListener("focus", ask, { once: true });
  return box;
}
