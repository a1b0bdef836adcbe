// The server rail, the channel list, the "writing as" switcher and the member list.

import { call } from "./api.js";
import { avatar, byId, el } from "./dom.js";
import { icon } from "./icons.js";
import { become, firstVisible, here, isThread, open, sees, state, unread, user } from "./store.js";

export function drawSidebar() {
  drawRail();
  drawChannels();
  drawSwitcher();
  drawMembers();
}

export const closeDrawer = () => setDrawer(false);
export function setDrawer(shown) {
  document.body.classList.toggle("drawer", shown);
  byId("open-sidebar").setAttribute("aria-expanded", String(shown));
}

const go = (id) => { open(id); closeDrawer(); };
const channelsOf = (guild) => [...state.channels.values()].filter((c) => c.guild_id === guild && sees(c));
const dms = () => [...state.channels.values()].filter((c) => c.type === 1 && c.recipient_ids.includes(state.me));

function totals(channels) {
  return channels.map((c) => unread(c)).reduce((a, b) => ({ count: a.count + b.count, pings: a.pings + b.pings }), { count: 0, pings: 0 });
}

const badge = (pings) => pings > 0 && el("span.badge", { "aria-label": `${pings} mentions` }, String(pings));

function drawRail() {
  const guild = here()?.guild_id;
  const dmTotals = totals(dms());
  const home = el("button.server.home", {
    "aria-label": "Direct messages", "aria-current": guild ? null : "true", title: "Direct messages",
    onclick: () => go(state.last.get(`${state.me}/dm`) ?? dms()[0]?.id ?? botDm()),
  }, el("span", {}, icon("mail")), badge(dmTotals.pings));
  const servers = [...state.guilds.values()].filter((g) => g.members.some((m) => m.user_id === state.me)).map((g) => {
    const { count, pings } = totals(channelsOf(g.id));
    return el("button.server", {
      "aria-label": g.name, title: g.name, "aria-current": g.id === guild ? "true" : null,
      data: { guildName: g.name, unread: String(count > 0) },
      onclick: () => { const id = state.last.get(`${state.me}/${g.id}`); go(id && state.channels.has(id) ? id : firstVisible(g.id)); },
    }, avatar(g.icon_url), badge(pings));
  });
  byId("rail").replaceChildren(home, el("hr"), ...servers);
}

async function openDm(bot) {
  const channel = await call("POST", "dms", { as: state.me, bot });
  if (channel) { state.channels.set(channel.id, channel); go(channel.id); }
}

function botDm() {
  const bot = [...state.users.values()].find((one) => one.bot);
  if (bot) openDm(bot.id);
  return "";
}

function drawChannels() {
  const channel = here();
  const guild = state.guilds.get(channel?.guild_id);
  byId("place-name").textContent = guild?.name ?? "Direct messages";
  const box = byId("channels");
  const scroll = box.scrollTop;
  const focused = document.activeElement?.closest?.("[data-channel]")?.getAttribute("data-channel");
  box.replaceChildren(...(guild ? guildChannels(guild) : directList()));
  box.scrollTop = scroll;
  if (focused && box.querySelector(`[data-channel="${focused}"]`)) box.querySelector(`[data-channel="${focused}"]`).focus();
}

function guildChannels(guild) {
  const all = channelsOf(guild.id).sort((a, b) => (a.position ?? 0) - (b.position ?? 0));
  const nodes = [];
  for (const category of all.filter((c) => c.type === 4)) {
    const inside = all.filter((c) => c.parent_id === category.id && c.type === 0);
    if (!inside.length) continue;
    nodes.push(el("h2.category", {}, category.name), el("ul", { "aria-label": category.name }, ...inside.flatMap((c) => [channelRow(c), ...threadRows(c, all)])));
  }
  const loose = all.filter((c) => c.type === 0 && !c.parent_id);
  return loose.length ? [el("ul", {}, ...loose.map((c) => channelRow(c))), ...nodes] : nodes;
}

const threadRows = (channel, all) => all
  .filter((c) => isThread(c) && c.parent_id === channel.id && (!c.thread_metadata.archived || c.id === state.current))
  .map((thread) => channelRow(thread, "thread"));

function channelRow(channel, kind = "text") {
  const { count, pings } = unread(channel);
  const current = channel.id === state.current;
  return el(`li`, {}, el(`button.channel.${kind}`, {
    data: { channel: channel.id, channelName: channel.name, unread: String(count > 0) },
    "aria-current": current ? "page" : null, onclick: () => go(channel.id),
  }, el("span.sign", { "aria-hidden": "true" }, kind === "thread" ? "↳" : "#"), el("span.name", {}, channel.name),
  count > 0 && el("span.hidden", {}, "unread"), badge(pings)));
}

function directList() {
  const bots = [...state.users.values()].filter((one) => one.bot);
  const rows = bots.map((bot) => {
    const channel = dms().find((c) => c.recipient_ids.includes(bot.id));
    const { count, pings } = channel ? unread(channel) : { count: 0, pings: 0 };
    return el("li", {}, el("button.channel.direct", {
      data: { channel: channel?.id ?? "", channelName: `@${bot.username}`, dm: bot.username, unread: String(count > 0) },
      "aria-current": channel && channel.id === state.current ? "page" : null,
      onclick: () => (channel ? go(channel.id) : openDm(bot.id)),
    }, picture(bot), el("span.name", {}, bot.display_name), badge(pings)));
  });
  return [el("h2.category", {}, "Bots"), el("ul", {}, ...rows)];
}

const picture = (one) => el("span.face", {}, avatar(one.avatar_url), el(`span.dot.${one.online ? "on" : "off"}`, { title: one.online ? "Online" : "Offline" }));

const PART = { 0: "owner", 1: "friend", 2: "stranger" };

function drawSwitcher() {
  const box = byId("switcher");
  const focused = document.activeElement?.getAttribute?.("data-person");
  const chips = state.people.map((id, index) => {
    const one = user(id);
    const pings = totals([...state.channels.values()].filter((c) => sees(c, id)).map((c) => c)).pings;
    return el("button.person", {
      role: "radio", "aria-checked": String(id === state.me), data: { person: one.username }, title: `${one.display_name}: ${one.about}`,
      tabindex: id === state.me ? "0" : "-1", onclick: () => become(id), onkeydown: (e) => step(e, index),
    }, avatar(one.avatar_url), el("span.who", {}, el("b", {}, one.display_name), el("small", {}, PART[index] ?? "person")));
  });
  box.replaceChildren(el("p.label", { id: "switcher-label" }, "Writing as"), el("div", { role: "radiogroup", "aria-labelledby": "switcher-label" }, ...chips));
  if (focused) /** @type {HTMLElement|null} */ (box.querySelector('[aria-checked="true"]'))?.focus();
}

function step(event, index) {
  const move = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  if (!move) return;
  event.preventDefault();
  become(state.people[(index + move + state.people.length) % state.people.length]);
}

function drawMembers() {
  const channel = here();
  if (!channel) return;
  const guild = state.guilds.get(channel.guild_id);
  const members = channel.viewers.map((id) => user(id));
  const groups = new Map();
  for (const one of members) {
    const role = topRole(guild, one);
    const title = !one.online ? "Offline" : role?.hoist ? role.name : "Online";
    if (!groups.has(title)) groups.set(title, []);
    groups.get(title).push({ one, role });
  }
  const order = [...groups].sort(([a], [b]) => rank(a) - rank(b));
  byId("members").replaceChildren(...order.flatMap(([title, list]) => [
    el("h2.category", {}, `${title} — ${list.length}`),
    el("ul", {}, ...list.map(({ one, role }) => el("li.member", { data: { member: one.username }, title: one.about }, picture(one),
      colored(el("span.name", {}, one.display_name), role), one.bot && el("span.bot-badge", {}, "BOT")))),
  ]));
}

const rank = (title) => (title === "Offline" ? 2 : title === "Online" ? 1 : 0);

export function topRole(guild, one) {
  const ids = guild?.members.find((m) => m.user_id === one.id)?.roles ?? [];
  return guild?.roles.filter((r) => ids.includes(r.id) && !r.managed).sort((a, b) => b.position - a.position)[0];
}

/** Names carry their role's colour. Set as a property: the page's policy allows no style attributes. */
export function colored(node, role) {
  if (role?.color) node.style.setProperty("--role", `#${role.color.toString(16).padStart(6, "0")}`);
  return node;
}
