// The servers at the very left, and direct messages above them.

import { avatar, byId, el, refill } from "./dom.js";
import { icon } from "./icons.js";
import { channelsOf, directs, go, openDm, totals } from "./places.js";
import { firstVisible, here, member, state } from "./store.js";

export const badge = (pings) => pings > 0 && el("span.badge", {}, String(pings), el("span.hidden", {}, pings > 1 ? " mentions" : " mention"));

export function drawRail() {
  const guild = here()?.guild_id;
  const home = entry("Direct messages", "", !guild, totals(directs()), el("span.home", {}, icon("mail")), () => go(lastIn("dm") ?? directs()[0]?.id) || openDm(firstBot()));
  const servers = [...state.guilds.values()].filter((g) => member(g, state.me)).map((g) =>
    entry(g.name, g.id, g.id === guild, totals(channelsOf(g.id)), avatar(g.icon_url), () => go(lastIn(g.id) ?? firstVisible(g.id))));
  refill(byId("rail"), "server", [home, el("hr"), ...servers]);
}

function entry(name, id, current, { count, pings }, face, run) {
  return el("button.server", {
    type: "button", "aria-label": `${name}${pings ? `, ${pings} unread mentions` : count ? ", unread" : ""}`, title: name,
    "aria-current": current ? "true" : null, data: { server: id, unread: String(count > 0) }, onclick: run,
  }, face, pings > 0 && el("span.badge", { "aria-hidden": "true" }, String(pings)));
}

/** Where this person last was on a server. */
function lastIn(guild) {
  const id = state.last.get(`${state.me}/${guild}`);
  return state.channels.has(id) ? id : undefined;
}

const firstBot = () => [...state.users.values()].find((one) => one.bot)?.id;
