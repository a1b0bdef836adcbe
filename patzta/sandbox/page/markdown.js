// Discord's markdown as DOM nodes. Nothing goes through HTML text, so hostile input stays text.

import { ansi } from "./ansi.js";
import { el } from "./dom.js";
import { state, user } from "./store.js";

/** @param {string} text @returns {Node[]} */
export function markdown(text) {
  const nodes = [];
  for (const [index, part] of text.split(/```/).entries()) {
    const closed = index % 2 === 1 && index < text.split(/```/).length - 1;
    if (closed) nodes.push(codeBlock(part));
    else nodes.push(...blocks(index % 2 === 1 ? "```" + part : trimAround(part, index)));
  }
  return nodes;
}

// A line break next to a code block belongs to the block.
const trimAround = (part, index) => (index ? part.replace(/^\n/, "") : part);

function codeBlock(source) {
  const match = /^([\w+-]+)\n([\s\S]*)$/.exec(source);
  const language = match?.[1] ?? "";
  const code = (match?.[2] ?? source).replace(/^\n|\n$/g, "");
  return el("pre.code", { data: { language } }, el("code", {}, ...(language === "ansi" ? ansi(code) : [code])));
}

function blocks(text) {
  const nodes = [];
  const lines = text.split("\n");
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i];
    const heading = /^(#{1,3}) +(.+)$/.exec(line);
    const item = /^( *)[-*] +(.+)$/.exec(line);
    if (line.startsWith(">>> ")) {
      nodes.push(el("blockquote", {}, ...blocks([line.slice(4), ...lines.slice(i + 1)].join("\n"))));
      break;
    } else if (line.startsWith("> ")) {
      const quoted = [];
      while (i < lines.length && lines[i].startsWith("> ")) quoted.push(lines[i++].slice(2));
      i--;
      nodes.push(el("blockquote", {}, ...blocks(quoted.join("\n"))));
    } else if (heading) nodes.push(el(`h${heading[1].length + 2}.md`, {}, ...inline(heading[2])));
    else if (/^-# /.test(line)) nodes.push(el("div.subtext", {}, ...inline(line.slice(3))));
    else if (item) nodes.push(el(item[1].length ? "div.item.inner" : "div.item", {}, ...inline(item[2])));
    else {
      nodes.push(...inline(line));
      if (i < lines.length - 1) nodes.push(document.createTextNode("\n"));
    }
  }
  return nodes;
}

const wrap = (tag) => (match) => el(tag, {}, ...inline(match[1]));

/** Tried in this order at the earliest place where any matches. @type {[RegExp, (match: RegExpExecArray) => Node][]} */
const RULES = [
  [/\\([\\*_~|`>#<\-])/, (m) => document.createTextNode(m[1])],
  [/``(.+?)``(?!`)/, (m) => el("code", {}, m[1].trim())],
  [/`([^`\n]+)`/, (m) => el("code", {}, m[1])],
  [/\*\*\*(.+?)\*\*\*/s, (m) => el("strong", {}, el("em", {}, ...inline(m[1])))],
  [/\*\*(.+?)\*\*(?!\*)/s, wrap("strong")],
  [/__(.+?)__(?!_)/s, wrap("u")],
  [/~~(.+?)~~/s, wrap("s")],
  [/\|\|(.+?)\|\|/s, (m) => spoiler(m[1])],
  [/\*(?![\s*])(.+?)(?<![\s*])\*(?!\*)/s, wrap("em")],
  [/(?<![\w_])_(?![\s_])(.+?)(?<!\s)_(?![\w_])/s, wrap("em")],
  [/<@!?(\d+)>/, (m) => mention(`@${user(m[1]).display_name}`, m[1] === state.me)],
  [/<@&(\d+)>/, (m) => mention(`@${roleName(m[1])}`)],
  [/<#(\d+)>/, (m) => channelLink(m[1])],
  [/<t:(-?\d{1,13})(?::([tTdDfFR]))?>/, (m) => time(Number(m[1]), m[2] ?? "f")],
  [/<a?:(\w+):\d+>/, (m) => document.createTextNode(`:${m[1]}:`)],
  [/@(everyone|here)\b/, (m) => mention(m[0])],
  [/\[([^\]\n]+)\]\((https?:\/\/[^\s)]+)\)/, (m) => link(m[2], m[1])],
  [/<(https?:\/\/[^\s>]+)>/, (m) => link(m[1], m[1])],
  [/https?:\/\/[^\s<]*[^\s<.,:;"'\])!?]/, (m) => link(m[0], m[0])],
];

/** @param {string} text @returns {Node[]} */
export function inline(text) {
  const nodes = [];
  let rest = text;
  while (rest) {
    let best = null;
    for (const [pattern, make] of RULES) {
      const match = pattern.exec(rest);
      if (match && (!best || match.index < best.match.index)) best = { match, make };
    }
    if (!best) break;
    if (best.match.index) nodes.push(document.createTextNode(rest.slice(0, best.match.index)));
    nodes.push(best.make(best.match));
    rest = rest.slice(best.match.index + best.match[0].length);
  }
  if (rest) nodes.push(document.createTextNode(rest));
  return nodes;
}

const mention = (text, me = false) => el(me ? "span.mention.me" : "span.mention", {}, text);
// Discord opens links to its own channels inside.
const INSIDE = /^https:\/\/discord\.com\/channels\/\w+\/(\d+)(?:\/\d+)?$/;
const link = (url, text) => (INSIDE.test(url) ? el("a.mention", { href: `#${INSIDE.exec(url)?.[1]}` }, text) : outside(url, text));
const outside = (url, text) => el("a", { href: url, target: "_blank", rel: "noopener noreferrer nofollow" }, text);

function spoiler(text) {
  const node = el("button.spoiler", { type: "button", "aria-label": "Spoiler: show", "aria-expanded": "false" }, ...inline(text));
  node.addEventListener("click", () => { node.classList.add("shown"); node.setAttribute("aria-expanded", "true"); });
  return node;
}

function channelLink(id) {
  const channel = state.channels.get(id);
  return el("a.mention", { href: `#${id}`, data: { channel: id } }, `#${channel?.name ?? "unknown"}`);
}

const roleName = (id) => [...state.guilds.values()].flatMap((g) => g.roles).find((role) => role.id === id)?.name ?? "role";

const STYLES = {
  t: { timeStyle: "short" }, T: { timeStyle: "medium" }, d: { dateStyle: "short" }, D: { dateStyle: "long" },
  f: { dateStyle: "long", timeStyle: "short" }, F: { dateStyle: "full", timeStyle: "short" },
};

function time(seconds, style) {
  const date = new Date(seconds * 1000);
  if (Number.isNaN(+date)) return document.createTextNode(`<t:${seconds}>`);
  const text = style === "R" ? relative(seconds) : new Intl.DateTimeFormat(undefined, STYLES[style]).format(date);
  return el("time.stamp", { datetime: date.toISOString(), title: date.toString() }, text);
}

const UNITS = /** @type {[Intl.RelativeTimeFormatUnit, number][]} */ (
  [["year", 31_536_000], ["month", 2_592_000], ["day", 86_400], ["hour", 3600], ["minute", 60], ["second", 1]]);

function relative(seconds) {
  const ahead = seconds - Date.now() / 1000;
  const [unit, size] = UNITS.find(([, length]) => Math.abs(ahead) >= length) ?? UNITS[5];
  return new Intl.RelativeTimeFormat(undefined, { numeric: "auto" }).format(Math.round(ahead / size), unit);
}
