// Making elements. Text always goes in as text nodes, so nothing that anybody writes is ever read as markup.

/**
 * @param {string} tag  e.g. "button.icon"
 * @param {Record<string, any>} [props]  on* are listeners, `data` becomes data-*, false/null attributes are left out
 * @param {...(Node|string|null|undefined|false)} children
 * @returns {HTMLElement}
 */
export function el(tag, props = {}, ...children) {
  const [name, ...classes] = tag.split(".");
  const node = document.createElement(name);
  if (classes.length) node.className = classes.join(" ");
  for (const [key, value] of Object.entries(props)) {
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (key === "data") for (const [k, v] of Object.entries(value)) node.dataset[k] = v;
    else if (value === true) node.setAttribute(key, "");
    else if (value !== false && value != null) node.setAttribute(key, value);
  }
  node.append(...children.filter((child) => child || child === ""));
  return node;
}

/** @param {string} id */
export const byId = (id) => /** @type {any} */ (document.getElementById(id));

/**
 * Make `parent` have exactly these children, touching only what differs: focus and screen readers stay undisturbed.
 * @param {Element} parent @param {Node[]} wanted
 */
export function reconcile(parent, wanted) {
  const keep = new Set(wanted);
  for (const child of [...parent.childNodes]) if (!keep.has(child)) child.remove();
  wanted.forEach((node, index) => {
    if (parent.childNodes[index] !== node) parent.insertBefore(node, parent.childNodes[index] ?? null);
  });
}

/**
 * Fill a box anew and leave the focus on the element with the same key.
 * @param {HTMLElement} box @param {string} key  the name of a data attribute @param {Node[]} nodes
 */
export function refill(box, key, nodes) {
  const scroll = box.scrollTop;
  const active = document.activeElement;
  const focused = box.contains(active) ? /** @type {HTMLElement} */ (active?.closest(`[data-${key}]`))?.dataset[key] : undefined;
  box.replaceChildren(...nodes);
  box.scrollTop = scroll;
  if (focused !== undefined) /** @type {HTMLElement|null} */ (box.querySelector(`[data-${key}="${CSS.escape(focused)}"]`))?.focus();
}

/** A picture of a user or guild. @param {string} url @param {string} [extra] */
export const avatar = (url, extra = "") => el(`img.avatar${extra}`, { src: url, alt: "", draggable: "false" });

/** A name that somebody chose, kept apart so that its writing direction stays its own. @param {string} name */
export const called = (name) => el("bdi", {}, name);

/** @param {number} color  RGB */
export const hex = (color) => `#${color.toString(16).padStart(6, "0")}`;

let toastTimer = 0;
/** Say briefly what went wrong. @param {string} text */
export function toast(text) {
  const box = byId("toast");
  box.textContent = text;
  box.hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => (box.hidden = true), 5000);
}
