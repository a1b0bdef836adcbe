// The list of channels, or of direct chats.

import { copy } from "./actions.js";
import { avatar, byId, called, el, refill } from "./dom.js";
import { onMenu, openMenu } from "./menu.js";
import { directs, go, inOrder, openDm } from "./places.js";
import { badge } from "./rail.js";
import { addressOf, changed, guildHere, isThread, markRead, signOf, state, unread } from "./store.js";
import { startThread, threadActions } from "./threads.js";

/** Categories that the reader has folded. @type {Set<string>} */
const folded = new Set();

export function drawChannels() {
  const guild = guildHere();
  byId("place-name").textContent = guild?.name ?? "Direct messages";
  refill(byId("channels"), "key", guild ? grouped() : directList());
}

/** Rows under the names of their categories. */
function grouped() {
  const groups = new Map();
  for (const channel of inOrder()) {
    const home = isThread(channel) ? state.channels.get(channel.parent_id) : channel;
    const category = home?.parent_id ?? "";
    if (!groups.has(category)) groups.set(category, []);
    groups.get(category).push(channel);
  }
  return [...groups].flatMap(([id, list]) => group(state.channels.get(id), list));
}

function group(category, list) {
  if (!category) return [el("ul", {}, ...list.map(row))];
  const closed = folded.has(category.id);
  const toggle = () => { if (!folded.delete(category.id)) folded.add(category.id); changed(); };
  const shown = list.filter((c) => !closed || c.id === state.current || unread(c).count);
  return [el("h2.category", {}, el("button", { type: "button", "aria-expanded": String(!closed), data: { key: category.id }, onclick: toggle }, called(category.name))),
    el("ul", { "aria-label": category.name }, ...shown.map(row))];
}

function row(channel) {
  const { count, pings } = unread(channel);
  const node = el(`button.channel.${isThread(channel) ? "thread" : "text"}`, {
    type: "button", data: { key: channel.id, channel: channel.id, channelName: channel.name, unread: String(count > 0) },
    "aria-current": channel.id === state.current ? "page" : null, onclick: () => go(channel.id),
  }, el("span.sign", { "aria-hidden": "true" }, signOf(channel)), el("span.name", {}, called(channel.name)),
  channel.thread_metadata?.archived && el("small", {}, "archived"), count > 0 && el("span.hidden", {}, "unread"), badge(pings));
  return el("li", {}, onMenu(node, (at) => openMenu(at, channel.name, actions(channel))));
}

const actions = (channel) => [
  { label: "Mark as read", icon: "unread", run: () => { markRead(channel.id); changed(); } },
  ...(isThread(channel) ? threadActions(channel) : [channel.type === 0 && { label: "Start a thread", icon: "thread", run: () => { go(channel.id); startThread(); } }]),
  { label: "Copy link", icon: "copy", run: () => copy(location.origin + addressOf(state.me, channel.id)) },
  { label: "Copy channel ID", icon: "copy", run: () => copy(channel.id) },
];

function directList() {
  const bots = [...state.users.values()].filter((one) => one.bot);
  return [el("h2.category", {}, "Bots"), el("ul", {}, ...bots.map(direct))];
}

function direct(bot) {
  const channel = directs().find((c) => c.recipient_ids.includes(bot.id));
  const { count, pings } = channel ? unread(channel) : { count: 0, pings: 0 };
  return el("li", {}, el("button.channel.direct", {
    type: "button", data: { key: bot.id, channelName: `@${bot.username}`, dm: bot.username, unread: String(count > 0), ...(channel && { channel: channel.id }) },
    "aria-current": channel && channel.id === state.current ? "page" : null, onclick: () => (channel ? go(channel.id) : openDm(bot.id)),
  }, face(bot), el("span.name", {}, called(bot.display_name)), count > 0 && el("span.hidden", {}, "unread"), badge(pings)));
}

/** A picture with the dot that tells who is there. @param {any} one */
export const face = (one) => el("span.face", {}, avatar(one.avatar_url), el(`span.dot.${one.online ? "on" : "off"}`, { title: one.online ? "Online" : "Offline" }));
