// The list above the message box: commands after "/", people and roles after "@", channels after "#".

import { choose, usable } from "./commands.js";
import { avatar, byId, el } from "./dom.js";
import { colored } from "./levels.js";
import { Listbox } from "./listbox.js";
import { guildHere, here, sees, state, user } from "./store.js";

const MANY = 25;
const FEW = 8;
const list = new Listbox("Suggestions");

/** @param {{clear: () => void, focus: () => void}} composer */
export function startSuggestions(composer) {
  const box = byId("composer");
  byId("picker").append(list.node);
  list.own(box);
  chosen = composer;
}
let chosen = { clear: () => {}, focus: () => {} };

export const suggesting = () => list.options.length > 0;

/** @param {KeyboardEvent} event @returns {boolean} whether the list took it */
export function steerSuggestions(event) {
  if (!suggesting()) return false;
  if (event.key === "Escape") { event.preventDefault(); closeSuggestions(); return true; }
  return list.steer(event);
}

export const takeSuggestion = () => list.options[list.active].run();

export const closeSuggestions = () => show([]);

function show(options) {
  list.show(options);
  byId("picker").hidden = !options.length;
}

/** Offer what fits the text before the cursor. */
export async function suggest() {
  const box = byId("composer");
  const text = box.value;
  const word = /(?:^|\s)([@#])([\w.\-\u00c0-\u024f]*)$/u.exec(text.slice(0, box.selectionStart));
  let found = word ? { "@": people, "#": channels }[word[1]](word[2].toLowerCase(), word[2].length + 1) : [];
  if (text.startsWith("/") && !text.includes("\n")) found = await commands(text.slice(1).toLowerCase());
  if (box.value === text) show(found);
}

async function commands(typed) {
  const wanted = typed.trimEnd();
  const fits = (await usable()).filter((command) => command.path.includes(wanted)).sort((a, b) => Number(b.path.startsWith(wanted)) - Number(a.path.startsWith(wanted)));
  return fits.slice(0, MANY).map((command) => ({
    key: command.path, run: () => { chosen.clear(); choose(command, chosen.focus); },
    nodes: [avatar(user(command.application).avatar_url), el("span.text", {}, el("span.line", {}, el("b", {}, `/${command.path}`), ...command.options.map(option)), el("small", {}, command.description)),
      el("small.app", {}, user(command.application).display_name)],
  }));
}

const option = (one) => el(one.required ? "span.option-name.needed" : "span.option-name", {}, one.required ? one.name : `${one.name}?`);

function people(typed, length) {
  const users = here().viewers.map(user).filter((one) => `${one.username} ${one.display_name}`.toLowerCase().includes(typed));
  const roles = (guildHere()?.roles ?? []).filter((role) => role.mentionable && role.name.toLowerCase().includes(typed));
  const all = ["everyone", "here"].filter((name) => typed && guildHere() && name.startsWith(typed));
  return [
    ...users.map((one) => ({ key: one.username, run: complete(`@${one.username}`, length), nodes: [avatar(one.avatar_url), el("b", {}, one.display_name), el("small", {}, one.username)] })),
    ...roles.map((role) => ({ key: role.name, run: complete(`@${role.name}`, length), nodes: [colored(el("span.role-dot"), role), el("b", {}, `@${role.name}`)] })),
    ...all.map((name) => ({ key: name, run: complete(`@${name}`, length), nodes: [el("b", {}, `@${name}`)] })),
  ].slice(0, FEW);
}

function channels(typed, length) {
  const fits = [...state.channels.values()].filter((c) => c.guild_id === here().guild_id && c.type === 0 && sees(c) && c.name.includes(typed));
  return fits.slice(0, FEW).map((c) => ({ key: c.name, run: complete(`#${c.name}`, length), nodes: [el("b", {}, `#${c.name}`), el("small", {}, state.channels.get(c.parent_id)?.name)] }));
}

/** Replace the word before the cursor. */
const complete = (text, length) => () => {
  const box = byId("composer");
  const end = box.selectionStart;
  box.setRangeText(`${text} `, end - length, end, "end");
  closeSuggestions();
};
