// A text field with suggestions that come while one types: options with autocomplete.

import { el } from "./dom.js";
import { Listbox } from "./listbox.js";

const WAIT_MS = 150;

/**
 * @param {{label: string, props: Record<string, any>, ask: (text: string) => Promise<{name: string, value: any}[]>}} spec
 * @returns {{node: HTMLElement, value: () => any}} the value is the chosen suggestion's, else the text
 */
export function combobox({ label, props, ask }) {
  const list = new Listbox(`Suggestions: ${label}`);
  const box = /** @type {HTMLInputElement} */ (el("input", { ...props, type: "text", role: "combobox", "aria-expanded": "false", "aria-autocomplete": "list", autocomplete: "off" }));
  const drop = el("div.suggestions", { hidden: true }, list.node);
  const node = el("div.combobox", {}, box, drop);
  /** @type {Map<string, any>} */
  let values = new Map();
  let timer = 0;
  list.own(box);

  const close = () => { drop.hidden = true; box.setAttribute("aria-expanded", "false"); };
  const take = (choice) => { box.value = choice.name; close(); };
  const look = async () => {
    const typed = box.value;
    const found = await ask(typed);
    if (box.value !== typed || document.activeElement !== box) return;
    values = new Map([...values, ...found.map((choice) => [choice.name, choice.value])]);
    list.show(found.map((choice) => ({ key: String(choice.value), nodes: [el("span.text", {}, choice.name)], run: () => take(choice) })));
    drop.hidden = !found.length;
    box.setAttribute("aria-expanded", String(found.length > 0));
  };

  box.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(look, WAIT_MS); });
  box.addEventListener("focus", look);
  box.addEventListener("blur", close);
  box.addEventListener("keydown", (event) => {
    if (drop.hidden) { if (event.key === "ArrowDown") look(); return; }
    if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); close(); }
    // Enter chooses here; a second one sends the command.
    else if (list.steer(event)) event.stopPropagation();
  });
  return { node, value: () => values.get(box.value) ?? box.value };
}
