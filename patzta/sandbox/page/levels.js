// What somebody is on a server: their colour, their roles, and the level that goes with the roles.

import { hex } from "./dom.js";
import { guildHere, member, state } from "./store.js";

/** Levels that a server gives by roles of these names, highest first. */
const BY_ROLE = ["admin", "mod", "visible"];

/** Somebody's roles without @everyone and the bots' own, highest first. */
export function rolesOf(guild, id) {
  const own = member(guild, id)?.roles ?? [];
  return (guild?.roles ?? []).filter((role) => own.includes(role.id) && !role.managed).sort((a, b) => b.position - a.position);
}

export const topRole = (guild, id) => rolesOf(guild, id)[0];

/**
 * owner, admin, mod, visible or ignored, as a bot that goes by role names sees it; "" where nothing tells.
 * In direct chats the first server that tells counts.
 */
export function levelOf(one, guild = guildHere()) {
  if (one.bot) return "";
  if (!guild) return [...state.guilds.values()].map((each) => levelOf(one, each)).find(Boolean) ?? "";
  const named = guild.roles.some((role) => BY_ROLE.includes(role.name));
  if (!named || !member(guild, one.id)) return "";
  if (guild.owner_id === one.id) return "owner";
  const own = rolesOf(guild, one.id).map((role) => role.name);
  return BY_ROLE.find((name) => own.includes(name)) ?? "ignored";
}

/** Names carry their role's colour. Set as a property: the page's policy allows no style attributes. */
export function colored(node, role) {
  if (role?.color) node.style.setProperty("--role", hex(role.color));
  return node;
}
