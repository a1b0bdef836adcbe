// Mentions as people type them, @name and #channel, and as Discord writes them, by id.

import { here, sees, state } from "./store.js";

const users = () => here().viewers.map((id) => state.users.get(id));
const channels = () => [...state.channels.values()].filter((c) => c.guild_id === here().guild_id && c.type === 0 && sees(c));
const roles = () => (state.guilds.get(here().guild_id)?.roles ?? []).filter((role) => !role.name.startsWith("@"));

/** `@username`, `@role` and `#channel` as Discord's ids; anything else stays as it is. @param {string} text */
export function withMentions(text) {
  const names = new Map([...roles().map((role) => [role.name, `<@&${role.id}>`]), ...users().map((one) => [one.username, `<@${one.id}>`])]);
  const places = new Map(channels().map((c) => [c.name, `<#${c.id}>`]));
  return text
    .replace(/(^|[\s(])@([\w.-]+)/g, (all, before, name) => (names.has(name) ? before + names.get(name) : all))
    .replace(/(^|[\s(])#([\w-]+)/g, (all, before, name) => (places.has(name) ? before + places.get(name) : all));
}

/** The way back, for editing. @param {string} text */
export const withNames = (text) => text
  .replace(/<@!?(\d+)>/g, (all, id) => (here().viewers.includes(id) ? `@${state.users.get(id).username}` : all))
  .replace(/<@&(\d+)>/g, (all, id) => { const role = roles().find((one) => one.id === id); return role ? `@${role.name}` : all; })
  .replace(/<#(\d+)>/g, (all, id) => { const channel = channels().find((one) => one.id === id); return channel ? `#${channel.name}` : all; });
