// The message list: grouped by author, kept element by element so that focus and opened spoilers stay.

import { byId, el, reconcile } from "./dom.js";
import { drawMessage, editing } from "./message.js";
import { here, loadOlder, nameOf, signOf, state, user, visibleMessages } from "./store.js";

const GROUP_MS = 7 * 60_000;
const NEAR_END = 80;
const NOTICES = [6, 18, 21, 46];
const day = new Intl.DateTimeFormat(undefined, { dateStyle: "long" });

/** @type {Map<string, {signature: string, node: HTMLElement}>} */
let rows = new Map();
let drawn = "";
let atEnd = true;

/** Stay at the newest message when pictures arrive or the list gets smaller, unless the reader has scrolled up. */
export function keepAtEnd() {
  const box = byId("messages");
  const stay = () => { if (atEnd) box.scrollTop = box.scrollHeight; };
  box.addEventListener("scroll", () => {
    atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_END;
    byId("jump").hidden = atEnd;
  });
  box.addEventListener("load", stay, true);
  byId("jump").addEventListener("click", toEnd);
  new ResizeObserver(stay).observe(box);
}

export function toEnd() {
  atEnd = true;
  byId("messages").scrollTop = byId("messages").scrollHeight;
}

export function drawMessages() {
  const box = byId("messages");
  const channel = here();
  if (!channel) return;
  const place = `${state.me}/${channel.id}`;
  if (place !== drawn) { atEnd = true; rows = new Map(); }
  const before = box.scrollHeight - box.scrollTop;
  const list = visibleMessages(channel.id);
  const older = place === drawn && rows.size && list[0] && !rows.has(list[0].id);
  const next = new Map();
  const wanted = [intro(next, channel, list)];
  list.forEach((message, index) => {
    const previous = list[index - 1];
    const date = day.format(new Date(message.timestamp));
    if (!previous || day.format(new Date(previous.timestamp)) !== date) wanted.push(keyed(next, `day ${date}`, "", () => divider(date)));
    if (message.id === state.newLine) wanted.push(keyed(next, "new", message.id, () => divider("New", ".new")));
    wanted.push(row(next, message, starts(message, previous)));
  });
  reconcile(box, wanted);
  rows = next;
  drawn = place;
  if (atEnd) box.scrollTop = box.scrollHeight;
  else if (older) box.scrollTop = box.scrollHeight - before;
}

/** The same element as before as long as the signature stays the same. */
function keyed(next, key, signature, make) {
  const old = rows.get(key);
  const node = old?.signature === signature ? old.node : make();
  next.set(key, { signature, node });
  return node;
}

const divider = (text, extra = "") => el(`div.divider${extra}`, { role: "separator", "aria-label": text }, el("span", {}, text));

function intro(next, channel, list) {
  if (list.length >= 50 && !state.complete.has(channel.id)) {
    return keyed(next, "older", channel.id, () => el("button.older.button.secondary", { type: "button", onclick: loadOlder }, "Show older messages"));
  }
  const name = nameOf(channel);
  const sign = signOf(channel);
  return keyed(next, "intro", name, () => el("div.intro", {}, el("div.sign", { "aria-hidden": "true" }, sign), el("h2", {}, name),
    el("p", {}, channel.type === 1 ? `This is the beginning of your direct messages with ${name}.` : `This is the beginning of ${sign}${name}.`)));
}

/** Whether a message shows its author anew. */
function starts(message, previous) {
  if (!previous || previous.author.id !== message.author.id || previous.author.username !== message.author.username) return true;
  if (message.type !== 0 || NOTICES.includes(previous.type) || message.interaction_metadata) return true;
  if (message.ephemeral_to !== previous.ephemeral_to || message.id === state.newLine) return true;
  return new Date(message.timestamp).getTime() - new Date(previous.timestamp).getTime() > GROUP_MS;
}

function row(next, message, first) {
  const thread = state.channels.get(message.thread?.id);
  const target = message.referenced_message;
  // Whatever the row shows beside the message itself.
  const around = [first, state.me, editing(message), user(message.author.id).display_name, thread?.name, thread?.message_count, target?.content];
  const names = message.mentions.map((one) => user(one.id).display_name);
  const may = [here().writers.includes(state.me), here().moderators.includes(state.me)];
  return keyed(next, message.id, JSON.stringify([message, around, names, may]), () => drawMessage(message, first));
}
