// A button that opens a list to choose from: selects of bots, and options of commands that name something.

import { el } from "./dom.js";
import { icon } from "./icons.js";
import { Listbox } from "./listbox.js";
import { showPopup } from "./popup.js";

const SEARCH_FROM = 8;

/**
 * @typedef {{value: string, label: string, hint?: string, picture?: () => Node, chosen?: boolean}} Choice
 * @param {{label: string, placeholder: string, choices: Choice[], min?: number, max?: number, disabled?: boolean,
 *   data?: Record<string, string>, onChoose?: (values: string[]) => void}} spec  onChoose hears of a choice that is done
 * @returns {{node: HTMLElement, values: () => string[]}}
 */
export function chooser({ label, placeholder, choices, min = 1, max = 1, disabled = false, data = {}, onChoose }) {
  let chosen = choices.filter((one) => one.chosen).map((one) => one.value);
  const text = el("span.chosen", {});
  const button = el("button.chooser", {
    type: "button", disabled, data, "aria-haspopup": "listbox", "aria-expanded": "false", onclick: open,
    onkeydown: (event) => { if (["ArrowDown", "ArrowUp"].includes(event.key)) { event.preventDefault(); open(); } },
  }, text, icon("down"));
  const describe = () => {
    const names = choices.filter((one) => chosen.includes(one.value)).map((one) => one.label);
    text.textContent = names.join(", ") || placeholder;
    text.classList.toggle("empty", !names.length);
    button.setAttribute("aria-label", `${label}: ${names.join(", ") || "nothing chosen"}`);
  };

  function open() {
    const many = max > 1;
    const before = chosen.join();
    let picked = false;
    const list = new Listbox(label, many);
    const search = el("input", { type: "text", role: "combobox", "aria-expanded": "true", "aria-label": `Search: ${label}`, placeholder: "Search", autocomplete: "off", oninput: () => show() });
    const box = el("div.chooser-list", { onkeydown: keys }, choices.length > SEARCH_FROM && search, list.node,
      many && el("div.row.end", {}, el("small", {}, `Up to ${max}`), el("button.button.primary", { type: "button", onclick: () => box.hidePopover() }, "Done")));
    const show = (active = 0) => {
      const typed = /** @type {HTMLInputElement} */ (search).value.toLowerCase();
      const fits = choices.filter((one) => `${one.label} ${one.hint ?? ""}`.toLowerCase().includes(typed));
      list.show(fits.map((one, index) => ({ key: one.value, selected: chosen.includes(one.value), nodes: drawn(one, chosen.includes(one.value)), run: () => pick(one.value, index) })), active);
    };
    const pick = (value, index) => {
      // What need not be chosen is taken back by choosing it again.
      const again = chosen.includes(value) && (many || min === 0);
      if (again) chosen = chosen.filter((one) => one !== value);
      else if (!many) chosen = [value];
      else if (chosen.length < max) chosen = [...chosen, value];
      picked = !many;
      if (many) show(index);
      else box.hidePopover();
    };
    function keys(event) {
      if (event.target.closest(".row")) return;
      list.steer(event, event.target === search ? ["Enter"] : ["Enter", " "]);
      event.stopPropagation();
    }
    showPopup(box, button, { within: /** @type {Element} */ (button.parentElement), wide: true, onClose: () => {
      button.setAttribute("aria-expanded", "false");
      describe();
      if (picked || (chosen.join() !== before && chosen.length >= min)) onChoose?.(chosen);
    } });
    button.setAttribute("aria-expanded", "true");
    const owner = search.isConnected ? search : list.node;
    list.own(owner);
    show(Math.max(0, choices.findIndex((one) => chosen.includes(one.value))));
    owner.focus();
  }

  describe();
  return { node: button, values: () => chosen };
}

const drawn = (one, selected) => [one.picture?.(), el("span.text", {}, el("b", {}, one.label), one.hint && el("small", {}, one.hint)), selected && el("span.tick", { "aria-hidden": "true" }, "✓")];
