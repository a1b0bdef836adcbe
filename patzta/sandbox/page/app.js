// Start: load the world, listen, draw whatever changes.

import { listen } from "./api.js";
import { drawChannels } from "./channels.js";
import { drawComposer, startComposer } from "./composer.js";
import { byId, called, el } from "./dom.js";
import { startDrawers } from "./drawer.js";
import { placeIcons } from "./icons.js";
import { startKeys } from "./keys.js";
import { onOtherTab } from "./marks.js";
import { drawMembers } from "./members.js";
import { dots } from "./message.js";
import { drawMessages, keepAtEnd } from "./messages.js";
import { openModal } from "./modal.js";
import "./panel.js";
import { followProfiles } from "./people.js";
import { openPins } from "./pins.js";
import { go, totals } from "./places.js";
import { drawRail } from "./rail.js";
import { apply, changed, here, load, markRead, nameOf, onChange, open, partner, sees, signOf, state, typists } from "./store.js";
import { drawSwitcher, startSwitcher } from "./switcher.js";
import { startTheme } from "./theme.js";
import { openThreads } from "./threads.js";

function drawTop() {
  const channel = here();
  if (!channel) return;
  const title = byId("channel-title");
  title.replaceChildren(called(nameOf(channel)));
  title.dataset.sign = signOf(channel);
  byId("channel-topic").textContent = channel.type === 1 ? partner(channel).about : channel.topic ?? "";
  byId("show-threads").hidden = channel.type === 1;
  const { pings } = totals([...state.channels.values()].filter((c) => sees(c)));
  document.title = `${pings ? `(${pings}) ` : ""}${signOf(channel)}${nameOf(channel)} · Sandbox`;
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
  for (const part of [drawRail, drawChannels, drawSwitcher, drawMembers, drawTop, drawMessages, drawTyping, drawComposer]) part();
  document.body.dataset.ready = "true";
}

function banner(text) {
  byId("banner").textContent = text;
  byId("banner").hidden = !text;
}

onChange(draw);
onOtherTab(changed);
placeIcons();
startTheme();
startSwitcher();
startDrawers();
startComposer();
startKeys();
keepAtEnd();
followProfiles(document.body);
byId("show-pins").addEventListener("click", openPins);
byId("show-threads").addEventListener("click", openThreads);
byId("messages").addEventListener("click", (event) => {
  const link = event.target.closest("a[data-channel]");
  if (link) { event.preventDefault(); go(link.dataset.channel); }
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
