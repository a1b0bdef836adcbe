// A small emoji picker.

import { el } from "./dom.js";

const EMOJI = [..."👍👎😂😅😊😍🤔😮😢😡🙃😴🎉🔥💯👀🙏👋💪🤝🍺☕🍕🐱🐶🌧🌞✅❌❓💀🚀"].concat("❤️");

let opened = null;

/** @param {HTMLElement} anchor @param {(emoji: string) => void} choose */
export function pickEmoji(anchor, choose) {
  closeEmoji();
  const box = el("div.emoji-picker", { role: "dialog", "aria-label": "Choose an emoji" }, ...EMOJI.map((emoji) =>
    el("button", { type: "button", "aria-label": emoji, onclick: () => { closeEmoji(); choose(emoji); } }, emoji)));
  const back = document.activeElement;
  document.body.append(box);
  const at = anchor.getBoundingClientRect();
  box.style.left = `${Math.max(8, Math.min(at.left, innerWidth - box.offsetWidth - 8))}px`;
  box.style.top = `${at.top - box.offsetHeight - 6 > 0 ? at.top - box.offsetHeight - 6 : at.bottom + 6}px`;
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    closeEmoji();
    /** @type {HTMLElement} */ (back)?.focus();
  });
  opened = box;
  /** @type {HTMLElement} */ (box.firstChild).focus();
  setTimeout(() => document.addEventListener("click", outside), 0);
}

const outside = (event) => !opened?.contains(event.target) && closeEmoji();

function closeEmoji() {
  opened?.remove();
  opened = null;
  document.removeEventListener("click", outside);
}
