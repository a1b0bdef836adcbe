// Menus: of a message, a person, a channel.

import { el } from "./dom.js";
import { icon } from "./icons.js";
import { showPopup } from "./popup.js";

/**
 * @typedef {{label: string, run: () => void, icon?: any, picture?: Node, danger?: boolean, checked?: boolean}} Item
 * @param {Element|{x: number, y: number}} anchor @param {string} label
 * @param {(Item|string|false|null|undefined)[]} items  a text is the title of what follows
 */
export function openMenu(anchor, label, items) {
  const shown = items.filter(Boolean);
  const menu = el("div.menu", { role: "menu", "aria-label": label, onkeydown: (event) => steer(event, menu) },
    ...shown.map((item) => (typeof item === "string" ? el("div.menu-title", { role: "presentation" }, item) : entry(/** @type {Item} */ (item), () => menu.hidePopover()))));
  showPopup(menu, anchor);
  /** @type {HTMLElement|null} */ (menu.querySelector("button"))?.focus();
}

function entry(item, close) {
  const kind = item.checked === undefined ? "menuitem" : "menuitemcheckbox";
  return el(item.danger ? "button.danger" : "button", {
    type: "button", role: kind, tabindex: "-1", "aria-checked": item.checked === undefined ? null : String(item.checked),
    onclick: () => { close(); item.run(); },
  }, el("span.label", {}, item.label), item.picture ?? (item.checked ? "✓" : item.icon && icon(item.icon)));
}

function steer(event, menu) {
  const entries = [...menu.querySelectorAll("button")];
  const at = entries.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
  if (event.key === "Tab") menu.hidePopover();
  if (to === undefined) return;
  event.preventDefault();
  entries.at(to % entries.length)?.focus();
}

/** Open a menu on a right click, the menu key or a long press. @param {HTMLElement} node @param {(at: any) => void} show */
export function onMenu(node, show) {
  node.addEventListener("contextmenu", (event) => {
    event.preventDefault();
    event.stopPropagation();
    // The menu key tells no place.
    show(event.clientX || event.clientY ? { x: event.clientX, y: event.clientY } : event.target);
  });
  return node;
}
