// Threads: starting one, the list of a channel's, and what can be done with one.

import { call } from "./api.js";
import { askText } from "./dialogs.js";
import { byId, called, el } from "./dom.js";
import { openList } from "./lists.js";
import { here, isThread, open, sees, state } from "./store.js";

/** @param {any} [message] the message that it starts from */
export async function startThread(message) {
  const name = await askText("Start a thread", "Name", (message?.content ?? "").slice(0, 40), "Create");
  if (name === null) return;
  const channel = isThread(here()) ? here().parent_id : here().id;
  const thread = await call("POST", "threads", { as: state.me, channel, name, ...(message && { message: message.id }) });
  if (thread) { state.channels.set(thread.id, thread); open(thread.id); }
}

export function openThreads() {
  const channel = isThread(here()) ? here().parent_id : here().id;
  const threads = [...state.channels.values()].filter((c) => isThread(c) && c.parent_id === channel && sees(c));
  const may = here().guild_id && here().writers.includes(state.me);
  const create = may && el("button.button.primary", { type: "button", onclick: () => { close(); startThread(); } }, "Create");
  const close = openList(byId("show-threads"), "Threads", threads.map((thread) => row(thread, () => close())), "There are no threads here yet.", create);
}

const row = (thread, close) => el("button.thread-card", { type: "button", onclick: () => { close(); open(thread.id); } }, el("b", {}, called(thread.name)),
  el("span", {}, [thread.thread_metadata.archived && "archived", thread.thread_metadata.locked && "locked", `${thread.message_count} messages`].filter(Boolean).join(" · ")));

const change = (channel, what) => call("PATCH", "channels", { as: state.me, channel: channel.id, ...what });

async function rename(channel) {
  const name = await askText("Rename", "Name", channel.name, "Save");
  if (name !== null) change(channel, { name });
}

/** Entries of a thread's menu. @param {any} thread */
export function threadActions(thread) {
  const { archived, locked } = thread.thread_metadata;
  return [
    { label: "Rename", icon: "edit", run: () => rename(thread) },
    { label: archived ? "Unarchive" : "Archive", icon: "archive", run: () => change(thread, { archived: !archived }) },
    { label: locked ? "Unlock" : "Lock", icon: "lock", run: () => change(thread, { locked: !locked }) },
  ];
}
