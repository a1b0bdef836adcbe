// The popups behind the buttons of the header: a title and rows, or what to say when there are none.

import { el } from "./dom.js";
import { showPopup } from "./popup.js";

/**
 * @param {Element} anchor @param {string} title @param {Node[]} rows @param {string} none @param {Node} [action]
 * @returns {() => void} closes it
 */
export function openList(anchor, title, rows, none, action) {
  const box = el("div.list-popup", { role: "dialog", "aria-label": title, tabindex: "-1" },
    el("header", {}, el("h2", {}, title), action), rows.length ? el("ul", {}, ...rows.map((row) => el("li", {}, row))) : el("p", {}, none));
  showPopup(box, anchor);
  box.focus();
  return () => box.hidePopover();
}
