// A person's card and menu.

import { apps, copy } from "./actions.js";
import { avatar, byId, called, el } from "./dom.js";
import { colored, levelOf, rolesOf, topRole } from "./levels.js";
import { openMenu } from "./menu.js";
import { openDm } from "./places.js";
import { showPopup } from "./popup.js";
import { addressOf, become, guildHere, member, state, user } from "./store.js";

const day = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });

/** @param {string} id @param {any} at where */
async function personMenu(id, at) {
  const one = user(id);
  const offered = await apps(2, { user: id });
  openMenu(at, one.display_name, [
    { label: "Profile", icon: "person", run: () => openProfile(id, at) },
    { label: "Mention", icon: "at", run: () => mention(one) },
    one.bot && { label: "Message", icon: "mail", run: () => openDm(id) },
    !one.bot && id !== state.me && { label: `Write as ${one.display_name}`, icon: "edit", run: () => become(id) },
    !one.bot && { label: "Open in a new tab", icon: "tab", run: () => window.open(addressOf(id, state.current)) },
    { label: "Copy user ID", icon: "copy", run: () => copy(id) },
    offered.length > 0 && "Apps", ...offered,
  ]);
}

function mention(one) {
  const box = byId("composer");
  box.setRangeText(`@${one.username} `, box.selectionStart, box.selectionEnd, "end");
  box.focus();
}

/** @param {string} id @param {any} anchor */
function openProfile(id, anchor) {
  const one = user(id);
  const guild = guildHere();
  const level = levelOf(one, guild);
  const roles = rolesOf(guild, id);
  const joined = member(guild, id)?.joined_at;
  const box = el("div.profile", { role: "dialog", "aria-label": one.display_name, tabindex: "-1" },
    colored(el("div.profile-band"), topRole(guild, id)), avatar(one.avatar_url),
    el("h2", {}, called(one.display_name), one.bot && el("span.bot-badge", {}, "BOT")), el("p.username", {}, one.username),
    level && el("p", {}, el("small.level", { data: { level } }, level)), one.about && el("p", {}, one.about),
    joined && el("p.joined", {}, el("b", {}, "Member since "), day.format(new Date(joined))),
    roles.length > 0 && el("ul.roles", { "aria-label": "Roles" }, ...roles.map((role) => el("li", {}, colored(el("span.role-dot"), role), called(role.name)))),
    el("div.row", {}, one.bot && el("button.button.primary", { type: "button", onclick: () => { box.hidePopover(); openDm(id); } }, "Message"),
      el("button.button.secondary", { type: "button", onclick: () => { box.hidePopover(); personMenu(id, anchor); } }, "More")));
  showPopup(box, anchor);
  box.focus();
}

/** Names and pictures anywhere open the card; their right click the menu. @param {HTMLElement} root */
export function followProfiles(root) {
  const who = (event) => event.target.closest("[data-profile]");
  root.addEventListener("click", (event) => { const node = who(event); if (node) openProfile(node.dataset.profile, node); });
  root.addEventListener("contextmenu", (event) => {
    const node = who(event);
    if (!node) return;
    event.preventDefault();
    event.stopPropagation();
    personMenu(node.dataset.profile, event.clientX || event.clientY ? { x: event.clientX, y: event.clientY } : node);
  }, true);
}
