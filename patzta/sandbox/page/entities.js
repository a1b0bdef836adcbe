// The people, roles and channels that selects and options of commands offer.

import { avatar, el } from "./dom.js";
import { colored } from "./levels.js";
import { guildHere, here, isThread, sees, state, user } from "./store.js";

/** @typedef {import("./chooser.js").Choice} Choice */

/** @returns {Choice[]} */
export const people = () => here().viewers.map(user).map((one) => ({ value: one.id, label: one.display_name, hint: one.username, picture: () => avatar(one.avatar_url) }));

/** @returns {Choice[]} */
export const roles = () => [...(guildHere()?.roles ?? [])].sort((a, b) => b.position - a.position)
  .map((role) => ({ value: role.id, label: `@${role.name.replace(/^@/, "")}`, picture: () => colored(el("span.role-dot"), role) }));

/** @param {number[]} [types] only these kinds of channels @returns {Choice[]} */
export function channels(types) {
  const fits = (c) => c.guild_id && c.guild_id === here().guild_id && sees(c) && (types?.length ? types.includes(c.type) : true);
  return [...state.channels.values()].filter(fits).map((c) => ({
    value: c.id, label: `${c.type === 4 ? "" : isThread(c) ? "↳ " : "#"}${c.name}`, hint: state.channels.get(c.parent_id)?.name,
  }));
}

/** What a select that takes ids offers. @param {any} part @returns {Choice[]} */
export function offeredBy(part) {
  const preset = new Set((part.default_values ?? []).map((one) => one.id));
  const offered = { 5: people, 6: roles, 7: () => [...people(), ...roles()], 8: () => channels(part.channel_types) }[part.type]();
  return offered.map((one) => ({ ...one, chosen: preset.has(one.value) }));
}
