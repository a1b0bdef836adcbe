// Start: load the world, listen, draw whatever changes.

import { listen } from "./api.js";
import { openModal } from "./components.js";
import { drawComposer, startComposer } from "./composer.js";
import { byId, el } from "./dom.js";
import { placeIcons } from "./icons.js";
import { dots, drawMessages, keepAtEnd } from "./messages.js";
import "./panel.js";
import { closeDrawer, drawSidebar, setDrawer } from "./sidebar.js";
import { apply, changed, here, load, markRead, onChange, open, state, typists, unread, user } from "./store.js";

function drawTop() {
  const channel = here();
  if (!channel) return;
  const other = channel.type === 1 && user(channel.recipient_ids.find((id) => id !== state.me));
  byId("channel-title").textContent = other ? other.display_name : channel.name;
  byId("channel-title").dataset.sign = other ? "@" : channel.type === 0 ? "#" : "↳";
  byId("channel-topic").textContent = other ? other.about : channel.topic ?? "";
  const pings = [...state.channels.values()].filter((c) => c.viewers.includes(state.me)).reduce((sum, c) => sum + unread(c).pings, 0);
  document.title = `${pings ? `(${pings}) ` : ""}${other ? "@" : "#"}${byId("channel-title").textContent} · Sandbox`;
}

let typingLine = "";
function drawTyping() {
  const names = typists().map((one) => one.display_name);
  const line = names.join("|");
  // Drawn anew only for new names, so that the dots keep their rhythm.
  if (line === typingLine) return;
  typingLine = line;
  const text = names.length > 3 ? "Several people are typing…" : `${names.join(", ")} ${names.length > 1 ? "are" : "is"} typing…`;
  byId("typing").replaceChildren(...(names.length ? [dots(), el("span", {}, text)] : []));
}

function draw() {
  drawSidebar();
  drawTop();
  drawMessages();
  drawTyping();
  drawComposer();
  document.body.dataset.ready = "true";
}

function banner(text) {
  byId("banner").textContent = text;
  byId("banner").hidden = !text;
}

onChange(draw);
placeIcons();
startComposer();
keepAtEnd();
byId("open-sidebar").addEventListener("click", () => setDrawer(!document.body.classList.contains("drawer")));
byId("main").addEventListener("click", (event) => {
  if (!event.target.closest("#open-sidebar")) closeDrawer();
  const link = event.target.closest("[data-channel]");
  if (link) { event.preventDefault(); open(link.dataset.channel); }
});
byId("toggle-members").addEventListener("click", (event) => {
  const hidden = document.body.classList.toggle("no-members");
  event.currentTarget.setAttribute("aria-pressed", String(!hidden));
});
addEventListener("hashchange", () => open(location.hash.slice(1)));
document.addEventListener("visibilitychange", () => { markRead(); changed(); });

listen(
  async () => { await load(); banner(""); },
  (event) => {
    if (event.type === "MODAL_OPEN" && event.only_user === state.me) openModal(event.data);
    apply(event);
  },
  () => banner("The connection to the sandbox is lost. Trying again…"),
);
