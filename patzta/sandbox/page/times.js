// Moments in messages: <t:1700000000:R>.

import { el } from "./dom.js";

const STYLES = {
  t: { timeStyle: "short" }, T: { timeStyle: "medium" }, d: { dateStyle: "short" }, D: { dateStyle: "long" },
  f: { dateStyle: "long", timeStyle: "short" }, F: { dateStyle: "full", timeStyle: "short" },
};

/** @param {number} seconds since 1970 @param {string} style one of Discord's letters @returns {Node} */
export function time(seconds, style) {
  const date = new Date(seconds * 1000);
  if (Number.isNaN(+date)) return document.createTextNode(`<t:${seconds}>`);
  const text = style === "R" ? relative(seconds) : new Intl.DateTimeFormat(undefined, STYLES[style]).format(date);
  return el("time.stamp", { datetime: date.toISOString(), title: date.toString() }, text);
}

const UNITS = /** @type {[Intl.RelativeTimeFormatUnit, number][]} */ (
  [["year", 31_536_000], ["month", 2_592_000], ["day", 86_400], ["hour", 3600], ["minute", 60], ["second", 1]]);

function relative(seconds) {
  const ahead = seconds - Date.now() / 1000;
  const [unit, size] = UNITS.find(([, length]) => Math.abs(ahead) >= length) ?? UNITS[5];
  return new Intl.RelativeTimeFormat(undefined, { numeric: "auto" }).format(Math.round(ahead / size), unit);
}
