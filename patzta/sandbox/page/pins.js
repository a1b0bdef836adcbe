// The pinned messages of a channel.

import { call } from "./api.js";
import { avatar, byId, called, el } from "./dom.js";
import { jump } from "./jump.js";
import { openList } from "./lists.js";
import { markdown } from "./markdown.js";
import { author, here, put, state } from "./store.js";

export async function openPins() {
  const pins = (await call("GET", `pins?as=${state.me}&channel=${here().id}`)) ?? [];
  const close = openList(byId("show-pins"), "Pinned messages", pins.map((message) => row(message, () => close())), "Nothing is pinned here yet.");
}

function row(message, close) {
  const who = author(message);
  const go = () => { close(); put(message); jump(message.id); };
  return el("div.pin-row", {}, avatar(who.avatar_url), el("div.body", {}, el("b", {}, called(who.display_name)),
    el("div.content", {}, ...(message.content ? markdown(message.content) : ["A message without text"]))),
  el("button.button.secondary", { type: "button", onclick: go }, "Jump"));
}
