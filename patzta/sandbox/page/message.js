// One message: who, when, what, and what belongs to it.

import { hooks, messageMenu, react, toolbar } from "./actions.js";
import { call } from "./api.js";
import { drawComponents } from "./components.js";
import { avatar, byId, called, el } from "./dom.js";
import { embed } from "./embeds.js";
import { jump } from "./jump.js";
import { colored, topRole } from "./levels.js";
import { inline, markdown } from "./markdown.js";
import { attachments } from "./media.js";
import { withMentions, withNames } from "./mentions.js";
import { onMenu } from "./menu.js";
import { notice } from "./notices.js";
import { drawPoll } from "./polls.js";
import { author, changed, dismiss, guildHere, open, state, user } from "./store.js";

const LOADING = 128;
const LAYOUT = 1 << 15;
const STARTER = 21;
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });
const day = new Intl.DateTimeFormat(undefined, { dateStyle: "short" });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });

let edited = "";
/** @param {any} message */
export const editing = (message) => edited === message.id;

/** @param {any} message @param {boolean} first whether it shows its author */
export function drawMessage(message, first) {
  const line = notice(message);
  const classes = [first && "first", message.notified.includes(state.me) && "pinged", message.ephemeral_to && "private", message.failed && "failed", line && "notice"];
  const own = !message.ephemeral_to && !message.failed;
  const node = el(["article.message", ...classes.filter(Boolean)].join("."), {
    tabindex: "-1", "aria-label": `Message by ${author(message).display_name}`, data: { messageId: message.id, author: message.author.username },
  }, ...(line ? [line] : spoken(message, first)), own && toolbar(message));
  return own ? onMenu(node, (at) => messageMenu(message, at, node)) : node;
}

function spoken(message, first) {
  const target = message.referenced_message;
  const who = author(message);
  const face = first ? el("button.face-button", { type: "button", tabindex: "-1", "aria-label": who.display_name, data: profileOf(who) }, avatar(who.avatar_url)) : side(message);
  return [
    target !== undefined && message.type !== STARTER && replyLine(target),
    message.interaction_metadata?.name && commandLine(message),
    face, el("div.body", {}, first && head(message, who), ...body(message), ...footer(message)),
  ];
}

const profileOf = (who) => (who.webhook ? {} : { profile: who.id });
const side = ({ timestamp }) => el("time.side", { datetime: timestamp, title: full.format(new Date(timestamp)) }, clock.format(new Date(timestamp)));

function head(message, who) {
  const when = new Date(message.timestamp);
  const today = day.format(when) === day.format(new Date());
  const name = el("button.author", { type: "button", data: profileOf(who) }, called(who.display_name));
  return el("header.head", {}, colored(name, topRole(guildHere(), who.id)), who.bot && el("span.bot-badge", {}, who.webhook ? "WEBHOOK" : "BOT"),
    el("time", { datetime: message.timestamp, title: full.format(when) }, today ? clock.format(when) : `${day.format(when)} ${clock.format(when)}`));
}

function replyLine(target) {
  if (!target) return el("div.reply-line", {}, el("i", {}, "The original message was deleted"));
  const who = author(target);
  return el("button.reply-line", { type: "button", onclick: () => jump(target.id), "aria-label": `Reply to ${who.display_name}: show` },
    avatar(who.avatar_url), el("b", {}, called(who.display_name)), el("span.text", {}, ...(target.content ? flat(target.content) : ["something without text"])));
}

// A button holds no others: what the line shows of a message is plain.
function flat(text) {
  const nodes = inline(text.split("\n")[0]);
  return nodes.map((node) => node.textContent ?? "");
}

function commandLine({ interaction_metadata: { user: { id }, name } }) {
  const who = user(id);
  return el("div.reply-line.command", {}, avatar(who.avatar_url), el("b", {}, called(who.display_name)), el("span", {}, " used ", el("em", {}, `/${name}`)));
}

function body(message) {
  if (message.type === STARTER && message.referenced_message) return spokenParts(message.referenced_message);
  if (message.flags & LOADING) return [el("div.content.thinking", {}, dots(), `${author(message).display_name} is thinking…`)];
  const forwarded = message.message_snapshots?.[0]?.message;
  if (forwarded) return [el("blockquote.forwarded", {}, el("small", {}, "Forwarded"), ...spokenParts({ ...forwarded, components: [] }))];
  return editing(message) ? [editor(message)] : spokenParts(message);
}

function spokenParts(message) {
  const marks = [
    message.edited_timestamp && el("small.edited", { title: full.format(new Date(message.edited_timestamp)) }, " (edited)"),
    message.pinned && el("small.pinned", {}, "pinned"),
  ];
  const files = message.flags & LAYOUT ? [] : attachments(message);
  return [
    message.content && el(onlyEmoji(message.content) ? "div.content.big" : "div.content", {}, ...markdown(message.content), ...marks),
    ...files, ...message.embeds.map(embed), message.poll && drawPoll(message), ...drawComponents(message), ...(message.content ? [] : marks),
  ].filter(Boolean);
}

const onlyEmoji = (text) => /^(?:\p{Extended_Pictographic}|\p{Emoji_Component}|\s){1,12}$/u.test(text) && !/[\d#*]/.test(text);

export const dots = () => el("span.dots", { "aria-hidden": "true" }, el("i"), el("i"), el("i"));

function footer(message) {
  const thread = state.channels.get(message.thread?.id);
  return [
    message.reactions.length > 0 && el("div.reactions", {}, ...message.reactions.map((one) => reaction(message, one))),
    thread && el("button.thread-card", { type: "button", onclick: () => open(thread.id), data: { thread: thread.id } },
      el("b", {}, called(thread.name)), el("span", {}, `${thread.message_count} ${thread.message_count === 1 ? "message" : "messages"} ›`)),
    message.ephemeral_to && el("p.only-you", {}, "Only you can see this · ",
      el("button.inline-link", { type: "button", onclick: () => dismiss(message) }, "Dismiss")),
  ].filter(Boolean);
}

function reaction(message, one) {
  const mine = one.users.includes(state.me);
  const who = one.users.map((id) => user(id).display_name).join(", ");
  const key = one.emoji.id ? `${one.emoji.name}:${one.emoji.id}` : one.emoji.name;
  return el("button.reaction", {
    type: "button", "aria-pressed": String(mine), title: who, data: { emoji: one.emoji.name }, "aria-label": `${one.emoji.name}, ${one.users.length}: ${who}`,
    onclick: () => react(message, key, mine),
  }, one.emoji.id ? `:${one.emoji.name}:` : one.emoji.name, el("span", {}, String(one.users.length)));
}

/** @param {any} message */
export function startEditing(message) {
  edited = message.id;
  changed();
}
hooks.edit = startEditing;

function editor(message) {
  const box = /** @type {HTMLTextAreaElement} */ (el("textarea.editor", { rows: "2", maxlength: "2000", "aria-label": "Edit message", onkeydown: (event) => {
    if (event.key === "Escape") { event.stopPropagation(); stopEditing(); }
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); save(message, box.value); }
  } }));
  box.value = withNames(message.content);
  // The row is not in the page yet.
  queueMicrotask(() => { box.focus(); box.setSelectionRange(box.value.length, box.value.length); });
  return el("div", {}, box, el("small", {}, "Enter saves · Escape cancels"));
}

async function save(message, text) {
  const body = { as: state.me, channel: message.channel_id, message: message.id, content: withMentions(text) };
  if (await call("PATCH", "messages", body)) stopEditing();
}

function stopEditing() {
  edited = "";
  changed();
  byId("composer").focus();
}
