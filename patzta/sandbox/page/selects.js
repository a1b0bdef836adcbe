// The five kinds of selects.

import { chooser } from "./chooser.js";
import { el } from "./dom.js";
import { offeredBy } from "./entities.js";

export const SELECTS = [3, 5, 6, 7, 8];
const ASKS = { 3: "Make a selection", 5: "Select a person", 6: "Select a role", 7: "Select a person or role", 8: "Select a channel" };

/** @param {any} option of a string select @returns {import("./chooser.js").Choice} */
const asChoice = (option) => ({
  value: option.value, label: option.label, hint: option.description, chosen: option.default,
  picture: option.emoji?.name ? () => el("span.emoji", {}, option.emoji.name) : undefined,
});

/**
 * @param {any} part the component @param {(values: string[]) => void} [onChoose] of a message; in a form nobody waits for it
 * @param {string} [label]
 */
export function select(part, onChoose, label = "") {
  const placeholder = part.placeholder ?? ASKS[part.type];
  return chooser({
    label: label || placeholder, placeholder, onChoose, disabled: part.disabled, data: { customId: part.custom_id },
    choices: part.type === 3 ? part.options.map(asChoice) : offeredBy(part),
    // Libraries send "required" everywhere, but it means something in forms only.
    min: part.required === false && !onChoose ? 0 : part.min_values ?? 1, max: part.max_values ?? 1,
  });
}
