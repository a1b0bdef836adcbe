// Who writes in this tab.

import { avatar, byId, called, el, refill } from "./dom.js";
import { icon } from "./icons.js";
import { levelOf } from "./levels.js";
import { totals } from "./places.js";
import { addressOf, become, guildHere, sees, state, user } from "./store.js";

export function drawSwitcher() {
  const chips = state.people.map(chip);
  refill(byId("switcher-people"), "person", chips);
  byId("other-tab").href = addressOf(state.people.find((id) => id !== state.me) ?? state.me, state.current);
}

function chip(id, index) {
  const one = user(id);
  const { pings } = totals([...state.channels.values()].filter((c) => sees(c, id)), id);
  return el("button.person", {
    type: "button", role: "radio", "aria-checked": String(id === state.me), data: { person: one.username }, title: one.about,
    tabindex: id === state.me ? "0" : "-1", onkeydown: (event) => steer(event, index),
    onclick: (event) => (event.ctrlKey || event.metaKey ? window.open(addressOf(id, state.current)) : become(id)),
    onauxclick: (event) => event.button === 1 && window.open(addressOf(id, state.current)),
  }, avatar(one.avatar_url), el("span.who", {}, el("b", {}, called(one.display_name)), el("small", {}, levelOf(one, guildHere()) || "person")),
  pings > 0 && id !== state.me && el("span.badge", {}, String(pings), el("span.hidden", {}, " mentions")));
}

function steer(event, index) {
  const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  if (!by || event.altKey) return;
  event.preventDefault();
  const next = state.people[(index + by + state.people.length) % state.people.length];
  /** @type {HTMLElement|null} */ (byId("switcher-people").querySelector(`[data-person="${user(next).username}"]`))?.focus();
  become(next);
}

export const startSwitcher = () => byId("other-tab").prepend(icon("tab"));
