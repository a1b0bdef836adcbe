// The panel beside the chat: for each bot that tells of itself its log and its plugins.

import { byId, el } from "./dom.js";
import { icon } from "./icons.js";
import { addLines, addRequest, logTab, showLines, showRequests } from "./panel-log.js";
import { drawPlugins, pluginsTab } from "./panel-plugins.js";

const KEPT = 500;
const TABS = { log: ["Log", logTab], plugins: ["Plugins", pluginsTab] };

/** @type {Map<string, any>} id -> {bot, name, connected, lines, plugins, report, reloading: string[]|null} */
const bots = new Map();
let chosen = "";
/** @type {WebSocket|null} */
let socket = null;

const panel = byId("panel");
const toggle = byId("toggle-panel");
const who = el("div.panel-who");
const bot = () => bots.get(chosen);

function build() {
  const tabs = Object.entries(TABS).map(([name, [title]]) => el("button.tab", {
    type: "button", role: "tab", id: `tab-${name}`, "aria-controls": `panel-${name}`, onclick: () => show(name), onkeydown: step,
  }, title));
  const cross = el("button.icon", { type: "button", "aria-label": "Close the panel", onclick: close }, icon("close"));
  panel.append(
    el("header", {}, el("div.tabs", { role: "tablist", "aria-label": "Log and plugins" }, ...tabs), who, cross),
    ...Object.entries(TABS).map(([name, [, content]]) => el("section", { role: "tabpanel", id: `panel-${name}`, "aria-labelledby": `tab-${name}` }, ...content())),
  );
  panel.addEventListener("keydown", (event) => { if (event.key === "Escape") { event.preventDefault(); close(); } });
  toggle.addEventListener("click", () => (panel.hidden ? open() : close()));
}

function show(name) {
  localStorage.panelTab = name;
  for (const tab of Object.keys(TABS)) {
    byId(`tab-${tab}`).setAttribute("aria-selected", String(tab === name));
    byId(`tab-${tab}`).tabIndex = tab === name ? 0 : -1;
    byId(`panel-${tab}`).hidden = tab !== name;
  }
}

function step(event) {
  if (event.key !== "ArrowRight" && event.key !== "ArrowLeft") return;
  const other = event.target.id === "tab-log" ? "plugins" : "log";
  show(other);
  byId(`tab-${other}`).focus();
}

function setShown(shown) {
  panel.hidden = !shown;
  document.body.classList.toggle("with-panel", shown);
  toggle.setAttribute("aria-expanded", String(shown));
  localStorage.panel = shown ? "open" : "";
  setAlarm(false);
}

function open() {
  setShown(true);
  byId(`tab-${localStorage.panelTab}`).focus();
}

function close() {
  setShown(false);
  toggle.focus();
}

/** A dot on the button: something went wrong behind a closed panel. */
function setAlarm(on) {
  toggle.dataset.alarm = String(on && panel.hidden);
  toggle.setAttribute("aria-label", on && panel.hidden ? "Log and plugins, with new errors" : "Log and plugins");
}

function choose(id) {
  chosen = id;
  showLines(bot()?.lines ?? []);
  draw();
}

function draw() {
  drawWho();
  drawPlugins(bot(), reload);
}

function drawWho() {
  if (!bot()) return who.replaceChildren(el("span.nothing", {}, "No bot tells of itself."));
  const word = bot().connected ? "connected" : "gone";
  const dot = el(`span.state-dot.${bot().connected ? "on" : "off"}`, { role: "img", "aria-label": word, title: word });
  if (bots.size === 1) return who.replaceChildren(dot, el("span.name", {}, bot().name));
  const options = [...bots.values()].map((one) => el("option", { value: one.bot, selected: one.bot === chosen }, one.name));
  const select = el("select", { "aria-label": "Bot", onchange: (event) => choose(event.target.value) }, ...options);
  who.replaceChildren(dot, select);
}

function reload(names) {
  bot().reloading = names;
  bot().report = null;
  socket?.send(JSON.stringify({ type: "reload", bot: chosen, names }));
  draw();
}

const handlers = {
  hello(frame) {
    bots.clear();
    for (const one of frame.bots) bots.set(one.bot, one);
    showRequests(frame.requests);
    choose(bots.has(chosen) ? chosen : frame.bots[0]?.bot ?? "");
  },
  bot(frame) {
    const known = bots.get(frame.bot) ?? { lines: [], plugins: [] };
    bots.set(frame.bot, Object.assign(known, frame, { reloading: null }));
    if (bot()) draw();
    else choose(frame.bot);
  },
  log({ bot: id, lines }) {
    const one = bots.get(id);
    one.lines = [...one.lines, ...lines].slice(-KEPT);
    if (id === chosen) addLines(lines);
    if (lines.some((line) => line.level === "ERROR" || line.level === "CRITICAL")) setAlarm(true);
  },
  plugins({ bot: id, plugins }) {
    bots.get(id).plugins = plugins;
    if (plugins.some((plugin) => plugin.state === "failed")) setAlarm(true);
    draw();
  },
  report(frame) {
    Object.assign(bots.get(frame.bot), { report: frame, reloading: null });
    draw();
  },
  request: ({ request }) => addRequest(request),
};

function connect() {
  socket = new WebSocket(`ws://${location.host}/sandbox/panel`);
  socket.addEventListener("message", ({ data }) => {
    const frame = JSON.parse(data);
    handlers[frame.type]?.(frame);
  });
  socket.addEventListener("close", () => {
    for (const one of bots.values()) Object.assign(one, { connected: false, reloading: null });
    draw();
    setTimeout(connect, 1000);
  });
}

build();
show(localStorage.panelTab in TABS ? localStorage.panelTab : "log");
setShown(Boolean(localStorage.panel));
connect();
