// To a message that is on the page.

/** @param {string} id */
export function jump(id) {
  const node = document.querySelector(`[data-message-id="${id}"]`);
  node?.scrollIntoView({ block: "center" });
  node?.classList.add("flash");
  node?.addEventListener("animationend", () => node.classList.remove("flash"), { once: true });
}
