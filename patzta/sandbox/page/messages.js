// The message list: grouped by author, kept element by element so that focus and opened spoilers stay.

import { call } from "./api.js";
import { drawComponents } from "./components.js";
import { avatar, byId, el, reconcile } from "./dom.js";
import { pickEmoji } from "./emoji.js";
import { icon } from "./icons.js";
import { inline, markdown } from "./markdown.js";
import { colored, topRole } from "./sidebar.js";
import { changed, dismiss, here, loadOlder, open, state, user, visibleMessages } from "./store.js";

const GROUP_MS = 7 * 60_000;
const LOADING = 128;
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });
const day = new Intl.DateTimeFormat(undefined, { dateStyle: "long" });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });

/** Set by the composer: what to do when somebody wants to reply. */
export const hooks = { reply: (message) => {} };

let editing = "";
/** @type {Map<string, {signature: string, node: HTMLElement}>} */
let rows = new Map();
let drawn = "";

let atEnd = true;

/** Stay at the newest message when pictures arrive or the list gets smaller, unless the reader has scrolled up. */
export function keepAtEnd() {
  const box = byId("messages");
  const stay = () => { if (atEnd) box.scrollTop = box.scrollHeight; };
  box.addEventListener("scroll", () => (atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 80));
  box.addEventListener("load", stay, true);
  new ResizeObserver(stay).observe(box);
}

export function drawMessages() {
  const box = byId("messages");
  const channel = here();
  if (!channel) return;
  const place = `${state.me}/${channel.id}`;
  if (place !== drawn) atEnd = true;
  const before = box.scrollHeight - box.scrollTop;
  const list = visibleMessages(channel.id);
  const older = place === drawn && box.firstChild && rows.size && list[0] && !rows.has(list[0].id);
  if (place !== drawn) rows = new Map();
  const next = new Map();
  const wanted = [intro(channel, list)];
  list.forEach((message, index) => {
    const previous = list[index - 1];
    if (!previous || day.format(new Date(previous.timestamp)) !== day.format(new Date(message.timestamp))) wanted.push(separator(next, message));
    if (message.id === state.newLine) wanted.push(keyed(next, "new", "", () => el("div.divider.new", { role: "separator" }, el("span", {}, "New"))));
    wanted.push(row(next, message, starts(message, previous)));
  });
  reconcile(box, wanted);
  rows = next;
  drawn = place;
  if (atEnd) box.scrollTop = box.scrollHeight;
  else if (older) box.scrollTop = box.scrollHeight - before;
}

function keyed(next, key, signature, make) {
  const old = rows.get(key);
  const node = old?.signature === signature ? old.node : make();
  next.set(key, { signature, node });
  return node;
}

const separator = (next, message) => {
  const text = day.format(new Date(message.timestamp));
  return keyed(next, `day ${text}`, "", () => el("div.divider", { role: "separator" }, el("span", {}, text)));
};

function intro(channel, list) {
  const name = channel.type === 1 ? user(channel.recipient_ids.find((id) => id !== state.me)).display_name : channel.name;
  if (list.length >= 50 && !state.complete.has(channel.id)) return el("button.older", { onclick: loadOlder }, "Show older messages");
  const sign = channel.type === 1 ? "@" : channel.type === 0 ? "#" : "↳";
  return el("div.intro", {}, el("div.sign", { "aria-hidden": "true" }, sign), el("h2", {}, name), el("p", {}, `This is the beginning of ${sign}${name}.`));
}

function starts(message, previous) {
  if (!previous || previous.author.id !== message.author.id || message.type !== 0 || [18, 21].includes(previous.type)) return true;
  if (message.interaction_metadata || message.ephemeral_to !== previous.ephemeral_to || message.id === state.newLine) return true;
  return new Date(message.timestamp) - new Date(previous.timestamp) > GROUP_MS;
}

function row(next, message, first) {
  const mine = message.author.id === state.me;
  const target = message.referenced_message;
  const thread = state.channels.get(message.thread?.id);
  const names = message.mentions.map((one) => user(one.id).display_name);
  const signature = JSON.stringify([message, first, state.me, editing === message.id, names, thread?.name, thread?.message_count, target?.content]);
  return keyed(next, message.id, signature, () => {
    if (message.type === 18) return systemRow(message);
    const pinged = message.notified.includes(state.me);
    const classes = ["article.message", first && "first", pinged && "pinged", message.ephemeral_to && "private", message.failed && "failed"];
    return el(classes.filter(Boolean).join("."), { data: { messageId: message.id, author: message.author.username } },
      target !== undefined && message.type !== 21 && replyLine(target), message.interaction_metadata?.name && commandLine(message),
      first ? avatar(user(message.author.id).avatar_url) : el("time.side", { datetime: message.timestamp }, clock.format(new Date(message.timestamp))),
      el("div.body", {}, first && head(message), ...body(message), ...footer(message)),
      !message.failed && !message.ephemeral_to && toolbar(message, mine));
  });
}

function head(message) {
  const author = user(message.author.id);
  const when = new Date(message.timestamp);
  const today = day.format(when) === day.format(new Date());
  return el("header.head", {}, colored(el("b.author", {}, author.display_name), topRole(state.guilds.get(here().guild_id), author)),
    author.bot && el("span.bot-badge", {}, "BOT"),
    el("time", { datetime: message.timestamp, title: full.format(when) }, today ? clock.format(when) : `${when.toLocaleDateString()} ${clock.format(when)}`));
}

function replyLine(target) {
  if (!target) return el("div.reply-line", {}, el("i", {}, "The original message was deleted"));
  const author = user(target.author.id);
  return el("button.reply-line", { type: "button", onclick: () => jump(target.id), "aria-label": `Reply to ${author.display_name}` },
    avatar(author.avatar_url), el("b", {}, author.display_name), el("span", {}, ...(target.content ? inline(target.content.split("\n")[0]) : ["an attachment"])));
}

function jump(id) {
  const node = document.querySelector(`[data-message-id="${id}"]`);
  node?.scrollIntoView({ block: "center" });
  node?.classList.add("flash");
  setTimeout(() => node?.classList.remove("flash"), 1200);
}

function commandLine(message) {
  const who = user(message.interaction_metadata.user.id);
  return el("div.reply-line.command", {}, avatar(who.avatar_url), el("b", {}, who.display_name), el("span", {}, "used ", el("em", {}, `/${message.interaction_metadata.name}`)));
}

function systemRow(message) {
  const id = message.message_reference.channel_id;
  return el("div.system", { data: { messageId: message.id } }, el("b", {}, user(message.author.id).display_name), " started a thread: ",
    el("button.inline-link", { type: "button", onclick: () => open(id) }, message.content));
}

function body(message) {
  if (message.type === 21 && message.referenced_message) return [el("div.content", {}, ...markdown(message.referenced_message.content))];
  if (message.flags & LOADING) return [el("div.content.thinking", {}, dots(), `${user(message.author.id).display_name} is thinking…`)];
  if (editing === message.id) return [editor(message)];
  const edited = message.edited_timestamp && el("small.edited", { title: full.format(new Date(message.edited_timestamp)) }, " (edited)");
  const parts = [];
  if (message.content) parts.push(el(onlyEmoji(message.content) ? "div.content.big" : "div.content", {}, ...markdown(message.content), edited));
  return [...parts, ...message.attachments.map(file), ...message.embeds.map(embed), ...drawComponents(message)];
}

const onlyEmoji = (text) => /^(?:\p{Extended_Pictographic}|\p{Emoji_Component}|\s){1,12}$/u.test(text) && !/[\d#*]/.test(text);

export const dots = () => el("span.dots", { "aria-hidden": "true" }, el("i"), el("i"), el("i"));

function footer(message) {
  const nodes = [];
  if (message.reactions.length) nodes.push(el("div.reactions", {}, ...message.reactions.map((one) => reaction(message, one))));
  const thread = state.channels.get(message.thread?.id);
  if (thread) nodes.push(el("button.thread-card", { type: "button", onclick: () => open(thread.id), data: { thread: thread.id } },
    el("b", {}, thread.name), el("span", {}, `${thread.message_count} messages ›`)));
  if (message.ephemeral_to) nodes.push(el("p.only-you", {}, "Only you can see this · ",
    el("button.inline-link", { type: "button", onclick: () => dismiss(message) }, "Dismiss")));
  return nodes;
}

const emojiKey = (emoji) => (emoji.id ? `${emoji.name}:${emoji.id}` : emoji.name);

function reaction(message, one) {
  const mine = one.users.includes(state.me);
  const who = one.users.map((id) => user(id).display_name).join(", ");
  return el("button.reaction", {
    type: "button", "aria-pressed": String(mine), title: who, data: { emoji: one.emoji.name }, "aria-label": `${one.emoji.name}, ${one.users.length}: ${who}`,
    onclick: () => react(message, emojiKey(one.emoji), mine),
  }, one.emoji.id ? `:${one.emoji.name}:` : one.emoji.name, el("span", {}, String(one.users.length)));
}

const at = (message) => ({ as: state.me, channel: message.channel_id, message: message.id });
const react = (message, emoji, mine = false) => call(mine ? "DELETE" : "PUT", "reactions", { ...at(message), emoji });

function toolbar(message, mine) {
  const moderates = here().moderators.includes(state.me);
  const act = (label, sign, run) => el("button", { type: "button", "aria-label": label, title: label, onclick: run }, icon(sign));
  return el("div.toolbar", { role: "toolbar", "aria-label": "Message actions" },
    act("Add reaction", "smile", (e) => pickEmoji(e.currentTarget, (emoji) => react(message, emoji))),
    act("Reply", "reply", () => hooks.reply(message)),
    here().type === 0 && !message.thread && act("Start a thread", "thread", () => startThread(message)),
    hasMenu(message) && act("Apps", "apps", (e) => pickApp(e.currentTarget, message)),
    mine && act("Edit", "edit", () => startEditing(message)),
    (mine || (moderates && here().guild_id)) && act("Delete", "trash", () => call("DELETE", "messages", at(message))));
}

const hasMenu = () => [...state.commands.values()].some((list) => list.some((command) => command.type === 3));

/** The commands of bots for this message, in a little menu below the button. */
async function pickApp(button, message) {
  const offered = (await call("GET", `commands?as=${state.me}&channel=${message.channel_id}&type=3`)) ?? [];
  const menu = el("div.app-menu", { role: "menu", popover: "auto" }, ...offered.map((command) => el("button", {
    type: "button", role: "menuitem", onclick: () => { menu.remove(); call("POST", "apps", { ...at(message), name: command.name, application: command.application_id }); },
  }, avatar(user(command.application_id).avatar_url), command.name)));
  document.body.append(menu);
  menu.addEventListener("toggle", (event) => { if (/** @type {any} */ (event).newState === "closed") menu.remove(); });
  menu.showPopover();
  const box = button.getBoundingClientRect();
  menu.style.top = `${Math.min(box.bottom + 4, innerHeight - menu.offsetHeight - 8)}px`;
  menu.style.left = `${Math.max(8, box.right - menu.offsetWidth)}px`;
}

async function startThread(message) {
  const name = message.content.slice(0, 40) || "thread";
  const thread = await call("POST", "threads", { ...at(message), name });
  if (thread) { state.channels.set(thread.id, thread); open(thread.id); }
}

export function startEditing(message) {
  editing = message.id;
  changed();
  setTimeout(() => /** @type {any} */ (document.querySelector(".editor"))?.focus(), 30);
}

function editor(message) {
  const box = /** @type {HTMLTextAreaElement} */ (el("textarea.editor", { rows: "2", "aria-label": "Edit message", onkeydown: (event) => {
    if (event.key === "Escape") stop();
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      call("PATCH", "messages", { ...at(message), content: box.value });
      stop();
    }
  } }));
  box.value = message.content;
  return el("div", {}, box, el("small", {}, "Enter saves · Escape cancels"));
}

const stop = () => { editing = ""; changed(); byId("composer").focus(); };

function file(one) {
  const path = new URL(one.url).pathname;
  if (/^image\/(png|jpeg|gif|webp)$/.test(one.content_type)) return el("a.picture", { href: path, target: "_blank" }, el("img", { src: path, alt: one.description ?? one.filename, loading: "lazy" }));
  return el("a.file", { href: path, download: one.filename }, el("span", {}, icon("file")), el("span", {}, el("b", {}, one.filename), el("small", {}, `${(one.size / 1024).toFixed(1)} kB`)));
}

function embed(one) {
  const title = one.title && (one.url && /^https?:/.test(one.url) ? el("a", { href: one.url, target: "_blank", rel: "noopener noreferrer" }, one.title) : one.title);
  const fields = (one.fields ?? []).map((f) => el(f.inline ? "div.inline" : "div", {}, el("b", {}, ...inline(f.name)), el("div", {}, ...markdown(f.value))));
  const node = el("div.embed", {}, one.author?.name && el("small", {}, one.author.name), title && el("h3", {}, title),
    one.description && el("div.content", {}, ...markdown(one.description)), fields.length > 0 && el("div.fields", {}, ...fields),
    (one.footer?.text || one.timestamp) && el("small.foot", {}, [one.footer?.text, one.timestamp && full.format(new Date(one.timestamp))].filter(Boolean).join(" · ")));
  if (one.color != null) node.style.setProperty("--accent", `#${one.color.toString(16).padStart(6, "0")}`);
  return node;
}
