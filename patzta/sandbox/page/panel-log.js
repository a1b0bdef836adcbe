// The panel's log: what the bot logs, and below it the requests that bots make.

import { el } from "./dom.js";

const KEPT = 500;
const LEVELS = { "": "Everything", info: "From info on", warning: "Warnings and errors", error: "Errors" };
const time = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });

const clock = (seconds) => el("time", { datetime: new Date(seconds * 1000).toISOString() }, time.format(seconds * 1000));

/** A list of the last few nodes, which shows its end unless the reader has scrolled away from it. */
class Tail {
  /** @param {string} label @param {string} nothing what stands in an empty one */
  constructor(label, nothing) {
    this.node = el("ol.lines", { role: "log", "aria-live": "off", "aria-label": label, tabindex: "0", data: { nothing } });
    this.atEnd = true;
    this.node.addEventListener("scroll", () => {
      this.atEnd = this.node.scrollHeight - this.node.scrollTop - this.node.clientHeight < 24;
    });
    new ResizeObserver(() => this.settle()).observe(this.node);
  }

  settle() {
    if (this.atEnd) this.node.scrollTop = this.node.scrollHeight;
  }

  /** @param {Node[]} nodes */
  add(nodes) {
    this.node.append(...nodes.slice(-KEPT));
    while (this.node.children.length > KEPT) this.node.firstChild?.remove();
    this.settle();
  }

  /** @param {Node[]} nodes */
  replace(nodes) {
    this.node.replaceChildren();
    this.atEnd = true;
    this.add(nodes);
  }
}

const lines = new Tail("Log of the bot", "Nothing is logged yet.");
const requests = new Tail("Requests", "No bot has asked for anything yet.");

function lineRow(line) {
  const about = Object.entries(line.ids).map(([name, id]) => `${name}=${id}`).join(" ");
  const words = [
    clock(line.time), el("b.level", {}, line.level.toLowerCase()), el("span.logger", {}, line.logger), " ",
    el("span.text", {}, line.text), about && el("span.ids", {}, ` ${about}`),
  ];
  const shown = line.trace ? [el("details", {}, el("summary", {}, ...words), el("pre", {}, line.trace))] : words;
  return el("li", { data: { level: line.level.toLowerCase() } }, ...shown);
}

function requestRow(request) {
  const failed = request.status >= 400;
  return el("li.request", { data: { failed: String(failed) } },
    clock(request.time), el("b.method", {}, request.method), el("span.text", {}, request.path),
    el("span.status", {}, failed ? `✕ ${request.status}` : String(request.status)));
}

function levelChoice() {
  const choose = (level) => {
    lines.node.dataset.from = localStorage.panelLevel = level;
    lines.settle();
  };
  const options = Object.entries(LEVELS).map(([value, text]) => el("option", { value }, text));
  const select = /** @type {HTMLSelectElement} */ (el("select", { id: "log-level", "aria-label": "Which lines are shown" }, ...options));
  select.value = localStorage.panelLevel in LEVELS ? localStorage.panelLevel : "";
  select.addEventListener("change", () => choose(select.value));
  choose(select.value);
  return select;
}

function failedOnly() {
  const box = /** @type {HTMLInputElement} */ (el("input", { type: "checkbox", id: "failed-only" }));
  box.addEventListener("change", () => {
    requests.node.dataset.failedOnly = String(box.checked);
    requests.settle();
  });
  return el("label.check", {}, box, "Failed only");
}

/** @returns {Node[]} what the tab holds */
export const logTab = () => [
  el("div.panel-bar", {}, el("h3", {}, "Log"), levelChoice()), lines.node,
  el("div.panel-bar", {}, el("h3", {}, "Requests"), failedOnly()), requests.node,
];

export const showLines = (list) => lines.replace(list.map(lineRow));
export const addLines = (list) => lines.add(list.map(lineRow));
export const showRequests = (list) => requests.replace(list.map(requestRow));
export const addRequest = (request) => requests.add([requestRow(request)]);
