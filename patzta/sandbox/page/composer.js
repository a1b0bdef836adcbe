// Writing: text, mentions, replies, files, and the lists that "/" and "@" open.

import { call } from "./api.js";
import { choose, closeForm, usable } from "./commands.js";
import { avatar, byId, el, toast } from "./dom.js";
import { pickEmoji } from "./emoji.js";
import { hooks, startEditing } from "./messages.js";
import { here, sees, state, user, visibleMessages } from "./store.js";

const TYPING_EVERY_MS = 8000;
const MAX_FILE = 25 * 1024 * 1024;

let replyTo = null;
/** @type {File[]} */
let files = [];
/** @type {{label: Node[], run: () => void}[]} */
let rows = [];
let chosen = 0;
/** The lists that are still being looked up; Enter waits for them, or a command typed quickly would be sent as text. */
let suggesting = Promise.resolve();
let typedAt = 0;
let place = "";

export function startComposer() {
  const box = byId("composer");
  box.addEventListener("input", () => { grow(); suggesting = suggest(); tellTyping(); });
  box.addEventListener("keydown", keys);
  box.addEventListener("paste", (event) => addFiles([...event.clipboardData.files]));
  byId("send").addEventListener("click", send);
  byId("emoji-button").addEventListener("click", (event) => pickEmoji(event.currentTarget, insert));
  byId("file-input").addEventListener("change", (event) => { addFiles([...event.target.files]); event.target.value = ""; });
  const main = byId("main");
  main.addEventListener("dragover", (event) => event.preventDefault());
  main.addEventListener("drop", (event) => { event.preventDefault(); addFiles([...event.dataTransfer.files]); });
  hooks.reply = (message) => { replyTo = message; drawReply(); box.focus(); };
}

/** Adjust to the place and person that are shown. */
export function drawComposer() {
  const channel = here();
  const box = byId("composer");
  if (!channel) return;
  const now = `${state.me}/${channel.id}`;
  if (place !== now) { place = now; replyTo = null; typedAt = 0; closeForm(); closePicker(); drawReply(); }
  const may = channel.writers.includes(state.me);
  const name = channel.type === 1 ? `@${user(channel.recipient_ids.find((id) => id !== state.me)).display_name}` : `#${channel.name}`;
  box.disabled = !may;
  box.placeholder = may ? `Message ${name} as ${user(state.me).display_name}` : `${user(state.me).display_name} cannot write here`;
}

function grow() {
  const box = byId("composer");
  box.style.height = "auto";
  box.style.height = `${Math.min(box.scrollHeight, 220)}px`;
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
  if (rows.length && pickerKeys(event)) return;
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); suggesting.finally(enter); }
  else if (event.key === "Escape" && replyTo) { replyTo = null; drawReply(); }
  else if (event.key === "ArrowUp" && !byId("composer").value) {
    const mine = visibleMessages(state.current).filter((m) => m.author.id === state.me).at(-1);
    if (mine) { event.preventDefault(); startEditing(mine); }
  }
}

const enter = () => (rows.length ? rows[chosen].run() : send());

function pickerKeys(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) { chosen = (chosen + step + rows.length) % rows.length; drawPicker(); }
  else if (event.key === "Escape") closePicker();
  else if (event.key === "Tab" || (event.key === "Enter" && !event.shiftKey)) rows[chosen].run();
  else return false;
  event.preventDefault();
  return true;
}

async function suggest() {
  const box = byId("composer");
  const text = box.value;
  const word = /(?:^|\s)([@#])([\w.\-\u00c0-\u024f]*)$/u.exec(text.slice(0, box.selectionStart));
  let found = word ? mentionRows(word[1], word[2].toLowerCase(), word[2].length) : [];
  if (text.startsWith("/") && !text.includes("\n")) found = await commandRows(text.slice(1).toLowerCase());
  if (box.value !== text) return;
  rows = found;
  chosen = 0;
  drawPicker();
}

async function commandRows(typed) {
  const fits = (await usable()).filter((command) => command.path.startsWith(typed.trimEnd()));
  return fits.slice(0, 12).map((command) => ({
    label: [avatar(user(command.application).avatar_url), el("b", {}, `/${command.path}`), el("span", {}, command.description), el("small", {}, user(command.application).display_name)],
    run: () => { clear(); choose(command, () => byId("composer").focus()); },
  }));
}

function mentionRows(sign, typed, length) {
  const complete = (text) => () => {
    const box = byId("composer");
    const end = box.selectionStart;
    box.setRangeText(`${sign}${text} `, end - length - 1, end, "end");
    closePicker();
  };
  if (sign === "#") {
    const channels = [...state.channels.values()].filter((c) => c.guild_id === here().guild_id && c.type === 0 && sees(c) && c.name.includes(typed));
    return channels.slice(0, 8).map((c) => ({ label: [el("b", {}, `#${c.name}`)], run: complete(c.name) }));
  }
  const users = here().viewers.map(user).filter((one) => `${one.username} ${one.display_name}`.toLowerCase().includes(typed));
  return users.slice(0, 8).map((one) => ({ label: [avatar(one.avatar_url), el("b", {}, one.display_name), el("small", {}, one.username)], run: complete(one.username) }));
}

function drawPicker() {
  const picker = byId("picker");
  picker.hidden = !rows.length;
  picker.setAttribute("role", "listbox");
  picker.replaceChildren(...rows.map((row, index) => el("button.option", {
    type: "button", role: "option", "aria-selected": String(index === chosen), tabindex: "-1",
    onmousedown: (event) => event.preventDefault(), onclick: row.run,
  }, ...row.label)));
  picker.children[chosen]?.scrollIntoView({ block: "nearest" });
}

function closePicker() {
  rows = [];
  drawPicker();
}

function clear() {
  byId("composer").value = "";
  closePicker();
  grow();
}

/** `@username` and `#channel` as Discord's ids; anything else stays as it is. */
function withMentions(text) {
  const names = new Map(here().viewers.map((id) => [user(id).username, id]));
  const channels = new Map([...state.channels.values()].filter((c) => c.guild_id === here().guild_id && c.type === 0).map((c) => [c.name, c.id]));
  return text
    .replace(/(^|[\s(])@([\w.\-]+)/g, (all, before, name) => (names.has(name) ? `${before}<@${names.get(name)}>` : all))
    .replace(/(^|[\s(])#([\w\-]+)/g, (all, before, name) => (channels.has(name) ? `${before}<#${channels.get(name)}>` : all));
}

async function send() {
  const box = byId("composer");
  const text = box.value;
  if (!text.trim() && !files.length) return;
  const body = { as: state.me, channel: state.current, content: withMentions(text), reply_to: replyTo?.id ?? null };
  const sending = { text, files, replyTo };
  files = [];
  replyTo = null;
  typedAt = 0;
  clear();
  drawFiles();
  drawReply();
  if (await call("POST", "messages", sending.files.length ? asForm(body, sending.files) : body)) return;
  // Refused: give the writer their words back.
  if (!box.value) { ({ files, replyTo } = sending); box.value = text; grow(); drawFiles(); drawReply(); }
}

function asForm(body, list) {
  const form = new FormData();
  form.append("payload_json", JSON.stringify(body));
  list.forEach((one, index) => form.append(`files[${index}]`, one, one.name));
  return form;
}

function addFiles(list) {
  const small = list.filter((one) => one.size <= MAX_FILE);
  if (small.length < list.length) toast("Files may have 25 MB at most.");
  files = [...files, ...small].slice(0, 10);
  drawFiles();
}

function drawFiles() {
  const box = byId("files");
  box.hidden = !files.length;
  box.replaceChildren(...files.map((one, index) => el("li", {}, `📎 ${one.name}`,
    el("button", { type: "button", "aria-label": `Remove ${one.name}`, onclick: () => { files.splice(index, 1); drawFiles(); } }, "✕"))));
}

function drawReply() {
  const bar = byId("reply-bar");
  bar.hidden = !replyTo;
  if (!replyTo) return;
  bar.replaceChildren(el("span", {}, "Replying to ", el("b", {}, user(replyTo.author.id).display_name)),
    el("button", { type: "button", "aria-label": "Do not reply", onclick: () => { replyTo = null; drawReply(); } }, "✕"));
}
