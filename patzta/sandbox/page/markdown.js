// Discord's markdown as DOM nodes. Nothing goes through HTML text, so hostile input stays text.

import { ansi } from "./ansi.js";
import { el } from "./dom.js";
import { colored } from "./levels.js";
import { state, user } from "./store.js";
import { time } from "./times.js";

/** @param {string} text @returns {Node[]} */
export function markdown(text) {
  const parts = text.split("```");
  return parts.flatMap((part, index) => {
    if (index % 2 === 0) return blocks(index ? part.replace(/^\n/, "") : part);
    return index < parts.length - 1 ? [codeBlock(part)] : blocks("```" + part);
  });
}

function codeBlock(source) {
  const match = /^([\w+-]+)\n([\s\S]*)$/.exec(source);
  const language = match?.[1] ?? "";
  const code = (match?.[2] ?? source).replace(/^\n|\n$/g, "");
  return el("pre.code", { tabindex: "0", "aria-label": `Code ${language}`.trim(), role: "region", data: { language } }, el("code", {}, ...(language === "ansi" ? ansi(code) : [code])));
}

/** What lines can be: a pattern, and what the run of lines that fit it becomes. @type {[RegExp, (lines: string[]) => Node][]} */
const BLOCKS = [
  [/^> ?/, (lines) => el("blockquote", {}, ...blocks(lines.map((line) => line.replace(/^> ?/, "")).join("\n"), false))],
  [/^ *(?:[-*]|\d{1,9}\.) +\S/, (lines) => el("div.list", {}, ...lines.map(item))],
];

/** @param {string} text @param {boolean} [quotes] whether a line may begin a quote: quotes are never nested */
function blocks(text, quotes = true) {
  const rest = quotes && /^>>> ([\s\S]*)/m.exec(text);
  if (rest) {
    const before = text.slice(0, rest.index).replace(/\n$/, "");
    return [...(before ? blocks(before) : []), el("blockquote", {}, ...blocks(rest[1], false))];
  }
  const nodes = [];
  const lines = text.split("\n");
  for (let i = 0; i < lines.length;) {
    const kind = BLOCKS.slice(quotes ? 0 : 1).find(([pattern]) => pattern.test(lines[i]));
    let end = i;
    while (kind && end < lines.length && kind[0].test(lines[end])) end++;
    if (kind) nodes.push(kind[1](lines.slice(i, end)));
    else nodes.push(...line(lines[end++], end < lines.length));
    i = end;
  }
  return nodes;
}

function line(text, more) {
  const heading = /^(#{1,3}) +(.+)$/.exec(text);
  if (heading) return [el(`h${heading[1].length + 2}.md`, {}, ...inline(heading[2]))];
  if (text.startsWith("-# ")) return [el("div.subtext", {}, ...inline(text.slice(3)))];
  return [...inline(text), ...(more ? [document.createTextNode("\n")] : [])];
}

function item(text) {
  const [, space, mark, rest] = /^( *)([-*]|\d+\.) +(.*)$/.exec(text) ?? ["", "", "-", text];
  const sign = /\d/.test(mark) ? mark : space.length > 1 ? "◦" : "•";
  return el(space.length > 1 ? "div.item.inner" : "div.item", {}, el("span.item-mark", {}, `${sign} `), el("span", {}, ...inline(rest)));
}

const DEEPEST = 8;
const wrap = (tag) => (match, depth) => el(tag, {}, ...inline(match[1], depth));

/** Tried in this order at each place where one can begin. @type {[RegExp, (match: RegExpExecArray, depth: number) => Node][]} */
const RULES = [
  [/\\([\\*_~|`>#<\-[\]()])/y, (m) => document.createTextNode(m[1])],
  [/``(.+?)``(?!`)/y, (m) => el("code", {}, m[1].trim())],
  [/`([^`\n]+)`/y, (m) => el("code", {}, m[1])],
  [/\*\*\*(.+?)\*\*\*/sy, (m, depth) => el("strong", {}, el("em", {}, ...inline(m[1], depth)))],
  [/\*\*(.+?)\*\*(?!\*)/sy, wrap("strong")],
  [/__(.+?)__(?!_)/sy, wrap("u")],
  [/~~(.+?)~~/sy, wrap("s")],
  [/\|\|(.+?)\|\|/sy, (m, depth) => spoiler(m[1], depth)],
  [/\*(?![\s*])(.+?)(?<![\s*])\*(?!\*)/sy, wrap("em")],
  [/(?<![\w_])_(?![\s_])(.+?)(?<!\s)_(?![\w_])/sy, wrap("em")],
  [/<@!?(\d+)>/y, (m) => person(m[1])],
  [/<@&(\d+)>/y, (m) => roleMention(m[1])],
  [/<#(\d+)>/y, (m) => channelLink(m[1])],
  [/<\/([-_\w ]+):\d+>/y, (m) => mention(`/${m[1]}`)],
  [/<t:(-?\d{1,13})(?::([tTdDfFR]))?>/y, (m) => time(Number(m[1]), m[2] ?? "f")],
  [/<a?:(\w+):\d+>/y, (m) => document.createTextNode(`:${m[1]}:`)],
  [/@(everyone|here)\b/y, (m) => mention(m[0])],
  [/\[([^\]\n]+)\]\((https?:\/\/[^\s)]+)\)/y, (m) => link(m[2], m[1])],
  [/<(https?:\/\/[^\s>]+)>/y, (m) => link(m[1], m[1])],
  [/https?:\/\/[^\s<]*[^\s<.,:;"'\])!?]/y, (m) => link(m[0], m[0])],
];
const BEGINS = new Set("\\`*_~|<@[h");

/** One pass: at each sign that may begin something, the rules are tried there. @param {string} text @returns {Node[]} */
export function inline(text, depth = 0) {
  const nodes = [];
  let plainFrom = 0;
  for (let at = 0; at < text.length;) {
    const found = depth < DEEPEST && BEGINS.has(text[at]) ? ruleAt(text, at) : null;
    if (!found) { at++; continue; }
    if (at > plainFrom) nodes.push(document.createTextNode(text.slice(plainFrom, at)));
    nodes.push(found.make(found.match, depth + 1));
    at = plainFrom = at + found.match[0].length;
  }
  if (plainFrom < text.length) nodes.push(document.createTextNode(text.slice(plainFrom)));
  return nodes;
}

function ruleAt(text, at) {
  for (const [pattern, make] of RULES) {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match) return { match, make };
  }
  return null;
}

const mention = (text, me = false) => el(me ? "span.mention.me" : "span.mention", {}, text);
const person = (id) => el(`button.mention${id === state.me ? ".me" : ""}`, { type: "button", data: { profile: id } }, `@${user(id).display_name}`);
// Discord opens links to its own channels inside.
const INSIDE = /^https:\/\/discord\.com\/channels\/\w+\/(\d+)(?:\/\d+)?$/;
const link = (url, text) => (INSIDE.test(url) ? el("a.mention", { href: `#${INSIDE.exec(url)?.[1]}`, data: { channel: INSIDE.exec(url)?.[1] } }, text) : outside(url, text));
const outside = (url, text) => el("a", { href: url, target: "_blank", rel: "noopener noreferrer nofollow", title: url }, text);

function spoiler(text, depth) {
  const content = el("span", { inert: true }, ...inline(text, depth));
  const node = el("span.spoiler", { role: "button", tabindex: "0", "aria-label": "Spoiler: show", "aria-expanded": "false" }, content);
  const show = () => {
    content.inert = false;
    for (const name of ["role", "tabindex", "aria-label", "aria-expanded"]) node.removeAttribute(name);
    node.classList.add("shown");
  };
  node.addEventListener("click", show);
  node.addEventListener("keydown", ({ key }) => ["Enter", " "].includes(key) && show());
  return node;
}

function channelLink(id) {
  const channel = state.channels.get(id);
  return el("a.mention", { href: `#${id}`, data: { channel: id } }, `#${channel?.name ?? "unknown"}`);
}

function roleMention(id) {
  const role = [...state.guilds.values()].flatMap((g) => g.roles).find((one) => one.id === id);
  return colored(mention(`@${role?.name ?? "role"}`), role);
}
