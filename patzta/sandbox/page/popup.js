// Little boxes above the page: they close on Escape or a click beside them and give the focus back.

/**
 * Show a box near an element or a point.
 * @param {HTMLElement} box @param {Element|{x: number, y: number}} anchor
 * @param {{within?: Element, onClose?: () => void, above?: boolean, wide?: boolean}} [how]
 *   within: where it belongs in the document (a form that is open makes all else unreachable)
 */
export function showPopup(box, anchor, { within = document.body, onClose, above = false, wide = false } = {}) {
  const back = document.activeElement;
  const watch = new ResizeObserver(() => place(box, anchor, above));
  box.popover = "auto";
  within.append(box);
  box.addEventListener("toggle", (event) => {
    if (/** @type {any} */ (event).newState !== "closed") return;
    const inside = box.contains(document.activeElement) || document.activeElement === document.body;
    watch.disconnect();
    box.remove();
    if (inside) /** @type {HTMLElement} */ (back)?.focus?.();
    onClose?.();
  });
  if (wide && anchor instanceof Element) box.style.minWidth = `${anchor.getBoundingClientRect().width}px`;
  box.showPopover();
  place(box, anchor, above);
  watch.observe(box);
}

const EDGE = 8;

function place(box, anchor, above) {
  const spot = anchor instanceof Element ? anchor.getBoundingClientRect() : new DOMRect(anchor.x, anchor.y, 0, 0);
  const below = spot.bottom + 4;
  const over = spot.top - box.offsetHeight - 4;
  const fitsBelow = below + box.offsetHeight <= innerHeight - EDGE;
  const top = (above && over >= EDGE) || !fitsBelow ? over : below;
  box.style.top = `${Math.max(EDGE, Math.min(top, innerHeight - box.offsetHeight - EDGE))}px`;
  box.style.left = `${Math.max(EDGE, Math.min(spot.left, innerWidth - box.offsetWidth - EDGE))}px`;
}
