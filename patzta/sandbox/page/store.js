// What the page knows: the sandbox's snapshot, kept current by its events, and what the reader looks at.

import { call } from "./api.js";
import { loadMarks, mark, readUpTo, remark } from "./marks.js";

const TYPING_MS = 10_000;
const EPHEMERAL = 64;

export const state = {
  users: new Map(), guilds: new Map(), channels: new Map(), commands: new Map(),
  /** @type {Map<string, Map<string, any>>} channel id -> message id -> message */
  messages: new Map(),
  people: [],
  me: "", current: "",
  /** @type {Map<string, Map<string, number>>} channel id -> user id -> until when */
  typing: new Map(),
  /** @type {Map<string, string>} "person/guild" -> channel last looked at */
  last: new Map(),
  complete: new Set(),
  newLine: "",
};

const listeners = [];
/** @param {() => void} listener called after any change, at most once a frame */
export const onChange = (listener) => listeners.push(listener);
let scheduled = false;
export function changed() {
  if (scheduled) return;
  scheduled = true;
  // A timer, not an animation frame: those stand still in a hidden tab.
  setTimeout(() => { scheduled = false; listeners.forEach((listener) => listener()); }, 0);
}

const byKey = (items, key = "id") => new Map(items.map((item) => [item[key], item]));
export const newer = (a, b) => BigInt(a || 0) > BigInt(b || 0);

export async function load() {
  const world = await call("GET", "snapshot");
  if (!world) return;
  Object.assign(state, { users: byKey(world.users), guilds: byKey(world.guilds), channels: byKey(world.channels), people: world.people });
  state.messages = new Map(Object.entries(world.messages).map(([id, list]) => [id, byKey(/** @type {any[]} */ (list))]));
  state.commands = new Map(Object.entries(world.commands));
  state.complete.clear();
  if (!state.people.includes(state.me)) state.me = named() ?? state.people[0];
  loadMarks(state.people, [...state.channels.keys()], lastId);
  const wanted = findByHash() ?? state.channels.get(state.current);
  open(wanted && isText(wanted) && sees(wanted) ? wanted.id : firstVisible());
}

/** Who writes in this tab stands in its address, so that each tab may be somebody else. */
function named() {
  const name = new URLSearchParams(location.search).get("as");
  return state.people.find((id) => [id, user(id).username].includes(name));
}

/** The address at which somebody's tab shows a channel. */
export const addressOf = (person, channel) => `/?as=${encodeURIComponent(user(person).username)}#${channel}`;

const findByHash = () => state.channels.get(location.hash.slice(1)) ?? null;
export const sees = (channel, person = state.me) => channel.viewers.includes(person);
export const isText = (channel) => channel.type !== 4;
export const isThread = (channel) => [10, 11, 12].includes(channel.type);
export const here = () => state.channels.get(state.current);
export const guildHere = () => state.guilds.get(here()?.guild_id);
export const member = (guild, id) => guild?.members.find((one) => one.user_id === id);

/** A user by the name that they have on the server that is shown. */
export function user(id) {
  const known = state.users.get(id);
  if (!known) return { id, username: "unknown", display_name: "Unknown user", avatar_url: "/embed/avatars/0.png", about: "" };
  const nick = member(guildHere(), id)?.nick;
  return nick ? { ...known, display_name: nick } : known;
}

/** Who wrote a message: a user, or what a webhook calls itself. */
export function author(message) {
  const { id, username } = message.author;
  if (state.users.has(id)) return user(id);
  const picture = `/avatars/${id}.svg?name=${encodeURIComponent(username)}`;
  return { id, username, display_name: username, avatar_url: picture, about: "A webhook", bot: true, webhook: true };
}

/** The other person of a direct chat. */
export const partner = (channel) => user(channel.recipient_ids.find((id) => id !== state.me));
export const nameOf = (channel) => (channel.type === 1 ? partner(channel).display_name : channel.name);
export const signOf = (channel) => (channel.type === 1 ? "@" : isThread(channel) ? "↳" : "#");

/** @param {string} [guild] */
export function firstVisible(guild) {
  const fits = (c) => isText(c) && !isThread(c) && sees(c) && (guild ? c.guild_id === guild : c.guild_id);
  return [...state.channels.values()].find(fits)?.id ?? "";
}

/** The messages that this person sees in a channel, oldest first. @param {string} id */
export function visibleMessages(id) {
  const list = [...(state.messages.get(id)?.values() ?? [])].filter((m) => !m.ephemeral_to || m.ephemeral_to === state.me);
  return list.sort((a, b) => (newer(a.id, b.id) ? 1 : -1));
}

const lastId = (channel) => [...(state.messages.get(channel)?.keys() ?? [])].reduce((a, b) => (newer(b, a) ? b : a), "0");

/** @param {any} channel @param {string} [person] @returns {{count: number, pings: number}} */
export function unread(channel, person = state.me) {
  const since = readUpTo(person, channel.id);
  const fresh = [...(state.messages.get(channel.id)?.values() ?? [])].filter(
    (m) => newer(m.id, since) && m.author.id !== person && (!m.ephemeral_to || m.ephemeral_to === person));
  const pings = fresh.filter((m) => m.notified.includes(person) || channel.type === 1).length;
  return { count: fresh.length, pings };
}

export function open(id) {
  const channel = state.channels.get(id);
  if (!channel || !isText(channel)) return;
  state.current = id;
  const fresh = unread(channel).count;
  state.newLine = fresh ? visibleMessages(id).filter((m) => m.author.id !== state.me).at(-fresh)?.id ?? "" : "";
  state.last.set(`${state.me}/${channel.guild_id ?? "dm"}`, id);
  history.replaceState(null, "", addressOf(state.me, id));
  markRead();
  changed();
}

export function markRead(id = state.current) {
  if (id && !document.hidden) mark(state.me, id, lastId(id));
}

/** Have everything from this message on count as new. */
export function markUnread(message) {
  const before = visibleMessages(message.channel_id).filter((m) => newer(message.id, m.id)).at(-1);
  remark(state.me, message.channel_id, before?.id ?? "0");
  state.newLine = message.id;
  changed();
}

export function become(person) {
  markRead();
  state.me = person;
  const channel = here();
  open(channel && sees(channel) ? channel.id : firstVisible());
}

export function put(message) {
  if (!state.messages.has(message.channel_id)) state.messages.set(message.channel_id, new Map());
  state.messages.get(message.channel_id)?.set(message.id, message);
}

export function dismiss(message) {
  state.messages.get(message.channel_id)?.delete(message.id);
  changed();
}

export async function loadOlder() {
  const id = state.current;
  const first = visibleMessages(id)[0];
  if (state.complete.has(id) || !first) return;
  const older = await call("GET", `messages?as=${state.me}&channel=${id}&limit=50&before=${first.id}`);
  if (!older) return;
  if (older.length < 50) state.complete.add(id);
  older.forEach(put);
  changed();
}

/** A line of the page's own, shown like an ephemeral message. */
function notice(data, text) {
  put({ id: data.id, channel_id: data.channel_id, author: user(data.application_id), content: text, type: 0, flags: EPHEMERAL,
    timestamp: new Date().toISOString(), mentions: [], attachments: [], embeds: [], components: [], reactions: [], notified: [],
    ephemeral_to: data.user_id, failed: true });
}

const handlers = {
  TYPING_START({ data }) {
    if (!state.typing.has(data.channel_id)) state.typing.set(data.channel_id, new Map());
    state.typing.get(data.channel_id)?.set(data.user_id, Date.now() + TYPING_MS);
    setTimeout(changed, TYPING_MS + 50);
  },
  MESSAGE_DELETE: ({ data }) => state.messages.get(data.channel_id)?.delete(data.id),
  MESSAGE_DELETE_BULK: ({ data }) => data.ids.forEach((id) => state.messages.get(data.channel_id)?.delete(id)),
  CHANNEL_DELETE: ({ data }) => forget(data.id),
  THREAD_DELETE: ({ data }) => forget(data.id),
  COMMANDS_UPDATE: ({ data }) => state.commands.set(data.application_id, data.commands),
  BOT_STATUS: ({ data }) => Object.assign(state.users.get(data.user_id) ?? {}, { online: data.online }),
  INTERACTION_FAILED: ({ data }) => data.type !== 4 && notice(data, "The application did not respond."),
};

function forget(id) {
  state.channels.delete(id);
  if (state.current === id) open(firstVisible());
}

/** @param {any} event a frame of /sandbox/events */
export function apply(event) {
  handlers[event.type]?.(event);
  if (event.guild) state.guilds.set(event.guild.id, event.guild);
  const channels = event.channels ?? (event.channel && !event.type.endsWith("_DELETE") ? [event.channel] : []);
  for (const channel of channels) state.channels.set(channel.id, channel);
  const current = here();
  if (current && !sees(current)) open(firstVisible());
  if (event.message) hear(event);
  changed();
}

function hear({ type, message }) {
  put(message);
  if (type !== "MESSAGE_CREATE") return;
  state.typing.get(message.channel_id)?.delete(message.author.id);
  if (message.channel_id === state.current) markRead();
}

/** Who else is typing here now. */
export function typists() {
  const entries = [...(state.typing.get(state.current) ?? [])];
  return entries.filter(([id, until]) => until > Date.now() && id !== state.me).map(([id]) => user(id));
}
