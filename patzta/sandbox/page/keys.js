// Keys that work anywhere: from channel to channel, from message to message, and out of things.

import { byId } from "./dom.js";
import { setDrawer } from "./drawer.js";
import { toEnd } from "./messages.js";
import { step } from "./places.js";
import { changed, markRead, state } from "./store.js";

export function startKeys() {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.altKey && by) { event.preventDefault(); step(by, event.shiftKey); }
    else if (event.key === "Escape" && !document.querySelector(":popover-open")) leave();
  });
  byId("messages").addEventListener("keydown", walk);
  // The part of the address after "#" names the channel.
  document.querySelector(".skip")?.addEventListener("click", (event) => { event.preventDefault(); byId("composer").focus(); });
}

/** Escape: close what lies over the chat, else be done with reading. */
function leave() {
  if (document.body.dataset.drawer) { setDrawer(null); return; }
  state.newLine = "";
  markRead();
  toEnd();
  byId("composer").focus();
  changed();
}

/** Up and down go from message to message; Enter opens the menu of the one in focus. */
function walk(event) {
  const row = event.target.closest(".message");
  const rows = [...byId("messages").querySelectorAll(".message")];
  if (event.target !== row && event.target !== byId("messages")) return;
  const at = row ? rows.indexOf(row) : rows.length;
  const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: rows.length - 1 }[event.key];
  if (to !== undefined && !event.altKey) { event.preventDefault(); rows[Math.max(0, Math.min(to, rows.length - 1))]?.focus(); }
  else if (event.key === "Enter" && row) { event.preventDefault(); row.querySelector('.toolbar [aria-label="More"]')?.click(); }
}
