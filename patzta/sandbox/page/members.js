// Who sees this channel, by role, with their levels.

import { byId, called, el, refill } from "./dom.js";
import { face } from "./channels.js";
import { colored, levelOf, topRole } from "./levels.js";
import { guildHere, here, user } from "./store.js";

export function drawMembers() {
  const channel = here();
  if (!channel) return;
  const guild = guildHere();
  const groups = new Map();
  for (const one of channel.viewers.map(user)) {
    const role = topRole(guild, one.id);
    const title = !one.online ? "Offline" : role?.hoist ? role.name : "Online";
    if (!groups.has(title)) groups.set(title, { rank: !one.online ? -2 : role?.hoist ? role.position : -1, people: [] });
    groups.get(title).people.push(one);
  }
  const order = [...groups].sort(([, a], [, b]) => b.rank - a.rank);
  refill(byId("members"), "profile", order.flatMap(([title, { people }]) => [
    el("h2.category", {}, `${title} — ${people.length}`), el("ul", {}, ...people.map((one) => row(one, guild))),
  ]));
}

function row(one, guild) {
  const level = levelOf(one, guild);
  const node = el("button.member", { type: "button", data: { member: one.username, profile: one.id }, title: one.about }, face(one),
    el("span.who", {}, el("span.line", {}, colored(el("span.name", {}, called(one.display_name)), topRole(guild, one.id)), one.bot && el("span.bot-badge", {}, "BOT")),
      level && el("small.level", { data: { level } }, level)));
  return el("li", {}, node);
}
