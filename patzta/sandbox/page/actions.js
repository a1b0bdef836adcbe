// What can be done with a message: its toolbar and its menu.

import { call } from "./api.js";
import { avatar, el, toast } from "./dom.js";
import { sure } from "./dialogs.js";
import { pickEmoji } from "./emoji.js";
import { icon } from "./icons.js";
import { openMenu } from "./menu.js";
import { author, here, markUnread, state, user } from "./store.js";
import { startThread } from "./threads.js";

/** Set by who does them: answering and editing. */
export const hooks = { reply: (message) => {}, edit: (message) => {} };

const QUICK = ["👍", "❤️", "😂", "🎉"];
const at = (message) => ({ as: state.me, channel: message.channel_id, message: message.id });

/** @param {any} message @param {string} emoji  a character, or name:id @param {boolean} [mine] take one's own back */
export const react = (message, emoji, mine = false) => call(mine ? "DELETE" : "PUT", "reactions", { ...at(message), emoji });

export async function copy(text) {
  try { await navigator.clipboard.writeText(text); toast("Copied."); } catch { toast("The browser does not let this page copy."); }
}

async function remove(message) {
  const said = message.content.slice(0, 100);
  if (await sure("Delete message", said ? `“${said}” by ${author(message).display_name}` : `A message by ${author(message).display_name}`, "Delete")) call("DELETE", "messages", at(message));
}

/** Everything that this person may do with a message, in the menu's order. @returns {any[]} */
function actions(message, anchor) {
  const mine = message.author.id === state.me;
  const channel = here();
  const moderates = channel.moderators.includes(state.me);
  const writes = channel.writers.includes(state.me);
  return [
    { label: "Add reaction", icon: "smile", quick: true, run: () => pickEmoji(anchor, (emoji) => react(message, emoji)) },
    writes && { label: "Reply", icon: "reply", quick: true, run: () => hooks.reply(message) },
    mine && message.type !== 6 && { label: "Edit", icon: "edit", quick: true, run: () => hooks.edit(message) },
    channel.type === 0 && !message.thread && writes && { label: "Start a thread", icon: "thread", quick: !mine, run: () => startThread(message) },
    (moderates || !channel.guild_id) && { label: message.pinned ? "Unpin" : "Pin", icon: "pin", run: () => call(message.pinned ? "DELETE" : "PUT", "pins", at(message)) },
    { label: "Mark unread", icon: "unread", run: () => markUnread(message) },
    { label: "Copy text", icon: "copy", run: () => copy(message.content) },
    { label: "Copy message ID", icon: "copy", run: () => copy(message.id) },
    (mine || (moderates && channel.guild_id)) && { label: "Delete", icon: "trash", danger: true, quick: mine, run: () => remove(message) },
  ].filter(Boolean);
}

/** The commands of bots for a message (type 3) or a person (type 2). @param {any} target `{message}` or `{user}` */
export async function apps(type, target, channel = state.current) {
  const offered = (await call("GET", `commands?as=${state.me}&channel=${channel}&type=${type}`)) ?? [];
  return offered.map((command) => ({
    label: command.name, picture: avatar(user(command.application_id).avatar_url),
    run: () => call("POST", "apps", { as: state.me, channel, ...target, name: command.name, application: command.application_id }),
  }));
}

const hasApps = () => [...state.commands.values()].some((list) => list.some((command) => command.type === 3));

/** @param {any} message @param {any} at where @param {Element} anchor of what the entries open */
export async function messageMenu(message, at, anchor) {
  const offered = hasApps() ? await apps(3, { message: message.id }) : [];
  openMenu(at, "Message", [...actions(message, anchor), offered.length > 0 && "Apps", ...offered]);
}

/** @param {any} message */
export function toolbar(message) {
  const act = (label, sign, run) => el("button", { type: "button", tabindex: "-1", "aria-label": label, title: label, onclick: run }, icon(sign));
  const emoji = (one) => el("button.quick", { type: "button", tabindex: "-1", title: `React with ${one}`, "aria-label": `React with ${one}`, onclick: () => react(message, one) }, one);
  const bar = el("div.toolbar", { role: "group", "aria-label": "Message actions" });
  bar.append(...QUICK.slice(0, 3).map(emoji),
    ...actions(message, bar).filter((one) => one.quick).map((one) => act(one.label, one.icon, one.run)));
  if (hasApps()) bar.append(act("Apps", "apps", async (event) => openMenu(event.currentTarget, "Apps", await appsOrNone(message))));
  bar.append(act("More", "more", (event) => messageMenu(message, event.currentTarget, bar)));
  return bar;
}

async function appsOrNone(message) {
  const offered = await apps(3, { message: message.id });
  return offered.length ? offered : ["No bot offers anything here"];
}
