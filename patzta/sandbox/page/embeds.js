// Embeds: the cards of bots.

import { el, hex } from "./dom.js";
import { inline, markdown } from "./markdown.js";
import { ownPath, picture, safeHref } from "./media.js";

const moment = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const outside = { target: "_blank", rel: "noopener noreferrer" };

const linked = (text, url) => (url && safeHref(url) ? el("a", { href: safeHref(url), ...outside }, text) : text);
const small = (url) => url && ownPath(url) && el("img.tiny", { src: ownPath(url), alt: "" });

/** @param {any} one */
export function embed(one) {
  const node = el("div.embed", {},
    one.thumbnail?.url && el("div.thumb", {}, picture(one.thumbnail.url, "Thumbnail")),
    one.author?.name && el("div.embed-author", {}, small(one.author.icon_url), linked(one.author.name, one.author.url)),
    one.title && el("h3", {}, linked(el("span", {}, ...inline(one.title)), one.url)),
    one.description && el("div.content", {}, ...markdown(one.description)),
    one.fields?.length > 0 && el("div.fields", {}, ...one.fields.map(field)),
    one.image?.url && picture(one.image.url, "Picture"), foot(one));
  if (one.color != null) node.style.setProperty("--stripe", hex(one.color));
  return node;
}

const field = (one) => el(one.inline ? "div.inline" : "div", {}, el("b", {}, ...inline(one.name)), el("div.content", {}, ...markdown(one.value)));

function foot(one) {
  const text = [one.footer?.text, one.timestamp && moment.format(new Date(one.timestamp))].filter(Boolean).join(" · ");
  return text && el("div.embed-foot", {}, small(one.footer?.icon_url), text);
}
