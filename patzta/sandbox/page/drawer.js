// On narrow screens the channels come in from the left and the members from the right.

import { byId } from "./dom.js";

const SIDES = { left: "open-sidebar", right: "toggle-members" };
const narrow = matchMedia("(max-width: 720px)");
const noRoom = matchMedia("(max-width: 1050px)");

/** @param {"left"|"right"|null} side */
export function setDrawer(side) {
  const before = document.body.dataset.drawer;
  if (before === (side ?? undefined)) return;
  if (side) document.body.dataset.drawer = side;
  else delete document.body.dataset.drawer;
  byId("main").inert = side === "left" && narrow.matches;
  byId("open-sidebar").setAttribute("aria-expanded", String(side === "left"));
  showMembers();
  if (side === "left") /** @type {HTMLElement|null} */ (document.querySelector("#channels [aria-current]"))?.focus();
  else if (side === "right") byId("members").focus();
  else byId(SIDES[before ?? "left"]).focus();
}

function showMembers() {
  const shown = noRoom.matches ? document.body.dataset.drawer === "right" : !document.body.classList.contains("no-members");
  byId("toggle-members").setAttribute("aria-expanded", String(shown));
}

function toggleMembers() {
  if (noRoom.matches) setDrawer(document.body.dataset.drawer === "right" ? null : "right");
  else { document.body.classList.toggle("no-members"); showMembers(); }
}

export function startDrawers() {
  byId("open-sidebar").addEventListener("click", () => setDrawer("left"));
  byId("toggle-members").addEventListener("click", toggleMembers);
  byId("veil").addEventListener("click", () => setDrawer(null));
  noRoom.addEventListener("change", () => { setDrawer(null); showMembers(); });
  narrow.addEventListener("change", () => setDrawer(null));
  showMembers();
}
