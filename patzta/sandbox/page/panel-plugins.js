// The panel's plugins: which code of the bot serves, and the buttons that reload its cogs.

import { el } from "./dom.js";

const STATES = { serving: "Serving", changed: "Changed on disk", failed: "Failed" };

const box = el("div.plugins");
const said = el("div.said", { role: "status" });

/** @returns {Node[]} what the tab holds */
export const pluginsTab = () => [said, box];

/**
 * @param {any} bot  of the panel, or undefined where there is none
 * @param {(names: string[]) => void} reload
 */
export function drawPlugins(bot, reload) {
  const focused = document.activeElement?.getAttribute("data-reload");
  said.replaceChildren(...(bot?.report ? sentences(bot.report).map((text) => el("p", {}, text)) : []));
  said.dataset.failed = String(Boolean(bot?.report?.cogs.some((cog) => "trace" in cog)));
  box.replaceChildren(...(bot ? sections(bot, reload) : [el("p.nothing", {}, "A bot that runs with --sandbox shows its plugins here.")]));
  if (focused != null) /** @type {HTMLElement|null} */ (box.querySelector(`[data-reload="${CSS.escape(focused)}"]`))?.focus();
}

function sections(bot, reload) {
  const cogs = bot.plugins.filter((plugin) => !plugin.resident);
  const residents = bot.plugins.filter((plugin) => plugin.resident);
  return [
    el("div.panel-bar", {}, el("h3", {}, "Cogs"), cogs.length > 0 && button(bot, "Reload all", [], reload, "primary")),
    el("ul", {}, ...cogs.map((plugin) => card(plugin, button(bot, "Reload", [plugin.name], reload, "secondary")))),
    !cogs.length && el("p.nothing", {}, "This bot has no cogs."),
    residents.length > 0 && el("div.panel-bar", {}, el("h3", {}, "Extensions")),
    el("ul", {}, ...residents.map((plugin) => card(plugin, null))),
  ].filter((node) => node);
}

function button(bot, text, names, reload, look) {
  const busy = bot.reloading?.join() === names.join();
  // Not `disabled`, which would take the focus away from who has just pressed it.
  const idle = bot.connected && !bot.reloading;
  return el(`button.button.${look}`, {
    type: "button", data: { reload: names.join() }, "aria-disabled": idle ? null : "true", "aria-label": names.length ? `Reload ${names[0]}` : null,
    onclick: () => idle && reload(names),
  }, busy ? "Reloading…" : text);
}

function card(plugin, action) {
  const changed = plugin.resident && plugin.state === "changed";
  return el("li.plugin", { data: { plugin: plugin.name, state: plugin.state } },
    el("div.plugin-head", {}, el("div.plugin-name", {}, el("b", {}, plugin.name), el("small", {}, plugin.cogs.join(", "))),
      el("span.state", {}, STATES[plugin.state]), action),
    changed && el("p", {}, "Only a new process takes this up: /restart process:true."),
    plugin.trace && el("details", { open: true }, el("summary", {}, "The old code serves on. What is wrong:"), el("pre", { tabindex: "0" }, plugin.trace)));
}

const cogCount = (count) => (count === 1 ? "1 cog" : `${count} cogs`);

/** What a reload did, in words. */
function sentences(report) {
  const failed = report.cogs.filter((cog) => "trace" in cog);
  const changed = report.cogs.filter((cog) => cog.after && cog.before !== cog.after);
  const loaded = report.cogs.length - failed.length;
  return [
    failed.length ? `${failed.map((cog) => cog.name).join(", ")} could not be reloaded; the old code serves on.` : "",
    loaded ? `Reloaded ${cogCount(loaded)} in ${Math.round(report.milliseconds)} ms${changed.length ? `; new code: ${changed.map((cog) => cog.name).join(", ")}` : ""}.` : "",
    ...report.cogs.flatMap((cog) => (cog.warnings ?? []).map((warning) => `${cog.name}: ${warning}.`)),
    report.told ? "Discord was told the changed commands." : "",
    report.refused ? `Discord does not take the changed commands: ${report.refused}` : "",
    report.outside.length ? `Changed since the start, for a new process only (/restart process:true): ${report.outside.join(", ")}.` : "",
  ].filter((text) => text);
}
