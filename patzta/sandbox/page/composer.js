// The message box: writing, answering, sending.

import { hooks } from "./actions.js";
import { call, withFiles } from "./api.js";
import { closeForm } from "./commands.js";
import { byId, called, el } from "./dom.js";
import { pickEmoji } from "./emoji.js";
import { chosenFiles, setFiles, startFiles } from "./files.js";
import { icon } from "./icons.js";
import { withMentions } from "./mentions.js";
import { startEditing } from "./message.js";
import { toEnd } from "./messages.js";
import { author, here, nameOf, signOf, state, user, visibleMessages } from "./store.js";
import { closeSuggestions, startSuggestions, steerSuggestions, suggest, suggesting, takeSuggestion } from "./suggest.js";

const TYPING_EVERY_MS = 8000;
const TALLEST = 220;
const narrow = matchMedia("(max-width: 720px)");

let replyTo = null;
/** The list that is still being looked up; Enter waits for it, or a command typed quickly would be sent as text. */
let lookup = Promise.resolve();
let typedAt = 0;
let place = "";
/** @type {Map<string, string>} what was left unsent, by person and channel */
const drafts = new Map();

export function startComposer() {
  const box = byId("composer");
  box.addEventListener("input", () => { grow(); lookup = suggest(); tellTyping(); });
  box.addEventListener("keydown", keys);
  box.addEventListener("blur", closeSuggestions);
  byId("send").addEventListener("click", send);
  byId("emoji-button").addEventListener("click", (event) => pickEmoji(event.currentTarget, insert));
  startFiles();
  startSuggestions({ clear, focus: () => box.focus() });
  hooks.reply = (message) => { setReply(message); box.focus(); };
}

/** Adjust to the place and person that are shown. */
export function drawComposer() {
  const channel = here();
  const box = byId("composer");
  if (!channel) return;
  if (place !== `${state.me}/${channel.id}`) moveTo(`${state.me}/${channel.id}`);
  const may = channel.writers.includes(state.me);
  const who = user(state.me).display_name;
  box.disabled = !may;
  for (const name of ["send", "emoji-button", "file-input"]) byId(name).disabled = !may;
  const where = narrow.matches ? "" : ` ${signOf(channel)}${nameOf(channel)}`;
  box.placeholder = may ? `Message${where} as ${who}` : `${who} cannot write here`;
}

function moveTo(now) {
  const box = byId("composer");
  drafts.set(place, box.value);
  place = now;
  typedAt = 0;
  setReply(null);
  setFiles([]);
  closeForm();
  closeSuggestions();
  box.value = drafts.get(now) ?? "";
  grow();
}

function grow() {
  const box = byId("composer");
  box.style.height = "auto";
  box.style.height = `${Math.min(box.scrollHeight, TALLEST)}px`;
}

function tellTyping() {
  const text = byId("composer").value;
  if (!text || text.startsWith("/") || Date.now() - typedAt < TYPING_EVERY_MS) return;
  typedAt = Date.now();
  call("POST", "typing", { as: state.me, channel: state.current });
}

function insert(text) {
  const box = byId("composer");
  box.setRangeText(text, box.selectionStart, box.selectionEnd, "end");
  box.focus();
  grow();
}

function keys(event) {
  if (event.isComposing || steerSuggestions(event)) return;
  if (event.key === "Enter" && !event.shiftKey) { event.preventDefault(); lookup.finally(() => (suggesting() ? takeSuggestion() : send())); }
  else if (event.key === "Escape" && replyTo) { event.preventDefault(); setReply(null); }
  else if (event.key === "ArrowUp" && !event.altKey && !byId("composer").value) {
    const mine = visibleMessages(state.current).filter((m) => m.author.id === state.me && [0, 19].includes(m.type)).at(-1);
    if (mine) { event.preventDefault(); startEditing(mine); }
  }
}

function clear() {
  byId("composer").value = "";
  closeSuggestions();
  grow();
}

async function send() {
  const box = byId("composer");
  const text = box.value;
  const files = chosenFiles();
  if (!text.trim() && !files.length) return;
  const body = { as: state.me, channel: state.current, content: withMentions(text), reply_to: replyTo?.id ?? null };
  const target = replyTo;
  typedAt = 0;
  clear();
  setFiles([]);
  setReply(null);
  toEnd();
  if (await call("POST", "messages", withFiles(body, files)) || box.value) return;
  // Refused: give the writer their words back.
  box.value = text;
  setFiles(files);
  setReply(target);
  grow();
}

function setReply(message) {
  replyTo = message;
  const bar = byId("reply-bar");
  bar.hidden = !message;
  if (!message) return;
  bar.replaceChildren(el("span", {}, "Replying to ", el("b", {}, called(author(message).display_name))),
    el("button.icon", { type: "button", "aria-label": "Do not reply", onclick: () => { setReply(null); byId("composer").focus(); } }, icon("cross")));
}
