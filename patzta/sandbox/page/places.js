// Going from channel to channel, and what is unread where.

import { call } from "./api.js";
import { setDrawer } from "./drawer.js";
import { here, isText, isThread, open, sees, state, unread } from "./store.js";

/** Show a channel; false where there is none. @param {string} [id] */
export function go(id) {
  if (!id || !state.channels.has(id)) return false;
  open(id);
  setDrawer(null);
  return true;
}

/** A server's channels that this person sees, in no order. @param {string} guild */
export const channelsOf = (guild) => [...state.channels.values()].filter((c) => c.guild_id === guild && sees(c));
export const directs = (person = state.me) => [...state.channels.values()].filter((c) => c.type === 1 && c.recipient_ids.includes(person));

/** @param {any[]} channels @param {string} [person] */
export function totals(channels, person = state.me) {
  return channels.filter(isText).map((c) => unread(c, person)).reduce((a, b) => ({ count: a.count + b.count, pings: a.pings + b.pings }), { count: 0, pings: 0 });
}

/** @param {string|undefined} other a bot, or for a bot's chats a person */
export async function openDm(other) {
  const channel = other && (await call("POST", "dms", { as: state.me, bot: other }));
  if (channel) { state.channels.set(channel.id, channel); go(channel.id); }
}

/** The channels in the order in which the list shows them. @returns {any[]} */
export function inOrder() {
  const guild = here()?.guild_id;
  if (!guild) return directs();
  const all = channelsOf(guild).sort((a, b) => (a.position ?? 0) - (b.position ?? 0));
  const withThreads = (c) => [c, ...all.filter((t) => isThread(t) && t.parent_id === c.id && (!t.thread_metadata.archived || t.id === state.current))];
  const under = (parent) => all.filter((c) => c.type === 0 && (c.parent_id ?? null) === parent).flatMap(withThreads);
  return [...under(null), ...all.filter((c) => c.type === 4).flatMap((c) => under(c.id))];
}

/** Go to the channel above or below; with `onlyUnread` to the next one in which something is new. */
export function step(by, onlyUnread = false) {
  const list = inOrder();
  const at = list.findIndex((c) => c.id === state.current);
  for (let n = 1; n <= list.length; n++) {
    const next = list.at((at + by * n) % list.length);
    if (next && (!onlyUnread || unread(next).count)) { go(next.id); return; }
  }
}
