// A list of options that is steered from another element, which keeps the focus: an input, a button or the list itself.

import { el } from "./dom.js";

let number = 0;

/** @typedef {{nodes: (Node|string|false|null|undefined)[], run: () => void, selected?: boolean, key?: string}} Option */

export class Listbox {
  /** @param {string} label @param {boolean} [multiple] */
  constructor(label, multiple = false) {
    this.node = el("div.listbox", { role: "listbox", id: `list-${++number}`, tabindex: "0", "aria-label": label, "aria-multiselectable": multiple ? "true" : null });
    this.multiple = multiple;
    /** @type {Option[]} */
    this.options = [];
    this.active = 0;
    /** @type {Element|null} */
    this.owner = null;
  }

  /** Let this element steer. @param {Element} owner */
  own(owner) {
    this.owner = owner;
    if (owner !== this.node) owner.setAttribute("aria-controls", this.node.id);
  }

  /** @param {Option[]} options @param {number} [active] */
  show(options, active = 0) {
    this.options = options;
    this.active = Math.max(0, Math.min(active, options.length - 1));
    this.node.replaceChildren(...options.map((option, index) => el("div.option", {
      role: "option", id: `${this.node.id}-${index}`, data: { value: option.key ?? "" },
      "aria-selected": String(this.multiple ? option.selected ?? false : index === this.active),
      // The owner keeps the focus.
      onmousedown: (event) => event.preventDefault(), onclick: option.run,
    }, ...option.nodes)));
    this.mark();
  }

  mark() {
    [...this.node.children].forEach((child, index) => {
      child.classList.toggle("active", index === this.active);
      if (!this.multiple) child.setAttribute("aria-selected", String(index === this.active));
    });
    const child = this.node.children[this.active];
    if (child) this.owner?.setAttribute("aria-activedescendant", child.id);
    else this.owner?.removeAttribute("aria-activedescendant");
    child?.scrollIntoView({ block: "nearest" });
  }

  /** What a key means here; true where it meant something. @param {KeyboardEvent} event @param {string[]} [choosing] */
  steer(event, choosing = ["Enter", "Tab"]) {
    if (!this.options.length) return false;
    const last = this.options.length - 1;
    const to = { ArrowDown: this.active + 1, ArrowUp: this.active - 1, PageDown: Math.min(last, this.active + 8), PageUp: Math.max(0, this.active - 8) }[event.key];
    if (to !== undefined) { this.active = (to + this.options.length) % this.options.length; this.mark(); }
    else if (choosing.includes(event.key) && !event.shiftKey) this.options[this.active].run();
    else return false;
    event.preventDefault();
    return true;
  }
}
