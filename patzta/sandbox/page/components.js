// What bots attach to messages: buttons and selects, and the parts of layouts.

import { call } from "./api.js";
import { el, hex } from "./dom.js";
import { markdown } from "./markdown.js";
import { covered, file, gallery, picture, safeHref } from "./media.js";
import { SELECTS, select } from "./selects.js";
import { state } from "./store.js";

const STYLE = { 1: "primary", 2: "secondary", 3: "success", 4: "danger" };

/** @param {any} message */
export const drawComponents = (message) => message.components.map((part) => drawPart(part, message));

/** How each type of component is drawn. @type {Record<number, (part: any, message: any) => Node>} */
const DRAWN = {
  1: (part, message) => el("div.row", {}, ...inside(part, message)),
  2: button,
  9: (part, message) => el("div.section", {}, el("div.section-text", {}, ...inside(part, message)), drawPart(part.accessory, message)),
  10: (part) => el("div.content", {}, ...markdown(part.content)),
  11: (part) => covered(el("div.thumb", {}, picture(part.media.url, part.description ?? "")), part.spoiler),
  12: (part) => gallery(part.items),
  13: (part) => covered(file({ url: part.file.url, filename: part.name ?? "file", size: part.size, content_type: "" }), part.spoiler),
  14: (part) => el(`hr.separator${part.divider ? "" : ".plain"}${part.spacing === 2 ? ".wide" : ""}`),
  17: container,
};

const inside = (part, message) => part.components.map((one) => drawPart(one, message));

function drawPart(part, message) {
  if (SELECTS.includes(part.type)) return select(part, (values) => use(message, part, values)).node;
  return DRAWN[part.type]?.(part, message) ?? el("p.unknown", {}, `This page cannot draw components of type ${part.type}.`);
}

function container(part, message) {
  const box = el("div.container", {}, ...inside(part, message));
  if (part.accent_color != null) box.style.setProperty("--stripe", hex(part.accent_color));
  return covered(box, part.spoiler);
}

function button(part, message) {
  const label = [part.emoji?.name && el("span.emoji", {}, part.emoji.name), part.label];
  if (part.style === 5) return el("a.button.secondary", { href: safeHref(part.url), target: "_blank", rel: "noopener noreferrer", title: part.url }, ...label, " ↗");
  return el(`button.button.${STYLE[part.style] ?? "secondary"}`, {
    type: "button", disabled: part.disabled, data: { customId: part.custom_id }, onclick: () => use(message, part, []),
  }, ...label);
}

const use = (message, part, values) =>
  call("POST", "components", { as: state.me, channel: message.channel_id, message: message.id, custom_id: part.custom_id, values });
