// Pictures, sounds and files. Only what the sandbox itself keeps is shown: nothing is fetched from elsewhere.

import { byId, el } from "./dom.js";
import { icon } from "./icons.js";

/** The sandbox's own path of an address, or "" for one that leads elsewhere. @param {string} url */
export function ownPath(url) {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  const own = parsed && parsed.port === location.port && ["127.0.0.1", "localhost"].includes(parsed.hostname);
  return own ? parsed.pathname : "";
}

/** @param {string} url only http and https lead anywhere */
export const safeHref = (url) => (/^https?:\/\//i.test(url) ? url : null);

const elsewhere = (url, text) =>
  el("a.elsewhere", { href: safeHref(url), target: "_blank", rel: "noopener noreferrer", title: url }, icon("file"), text);

/** @param {string} url @param {string} text what it shows */
export function picture(url, text) {
  const path = ownPath(url);
  if (!path) return elsewhere(url, `A picture elsewhere: ${text || url}`);
  const image = el("img", { src: path, alt: text, loading: "lazy" });
  const box = el("button.picture", { type: "button", "aria-label": `Open picture${text ? `: ${text}` : ""}`, onclick: () => enlarge(path, text) }, image);
  image.addEventListener("error", () => box.replaceWith(elsewhere(url, `This picture cannot be shown: ${text}`)));
  return box;
}

function enlarge(path, text) {
  const dialog = byId("viewer");
  dialog.replaceChildren(el("img", { src: path, alt: text }), el("div.row.end", {},
    el("a", { href: path, target: "_blank" }, "Open in a tab"), el("button.button.secondary", { type: "button", onclick: () => dialog.close() }, "Close")));
  dialog.onclick = (event) => event.target === dialog && dialog.close();
  dialog.showModal();
}

/** Something that is uncovered with a click. @param {Node} node @param {boolean} [hidden] */
export function covered(node, hidden = true) {
  if (!hidden) return node;
  const box = el("div.covered", {});
  const cover = el("button.cover", { type: "button", onclick: () => { box.classList.add("shown"); cover.remove(); content.inert = false; } }, "Spoiler");
  const content = el("div", { inert: true }, node);
  box.append(content, cover);
  return box;
}

const UNITS = ["bytes", "kB", "MB"];
/** @param {number} bytes */
export function size(bytes) {
  const step = bytes < 1000 ? 0 : bytes < 1e6 ? 1 : 2;
  return `${(bytes / 1000 ** step).toFixed(step ? 1 : 0)} ${UNITS[step]}`;
}

/** @param {{url: string, filename: string, size?: number, content_type?: string, description?: string}} one */
export function file(one) {
  const path = ownPath(one.url);
  const kind = one.content_type ?? "";
  if (/^image\/(png|jpeg|gif|webp)$/.test(kind)) return picture(one.url, one.description ?? one.filename);
  if (/^(audio|video)\//.test(kind) && path) return el(`${kind.slice(0, 5)}.media`, { controls: true, preload: "metadata", src: path, "aria-label": one.filename });
  return el("a.file", path ? { href: path, download: one.filename } : { href: safeHref(one.url), target: "_blank", rel: "noopener noreferrer" },
    icon("file"), el("span", {}, el("b", {}, one.filename), one.size != null && el("small", {}, size(one.size))));
}

/** The files of a message that nothing else in it shows. @param {any} message */
export function attachments(message) {
  const shown = new Set(message.embeds.flatMap((one) => [one.image?.url, one.thumbnail?.url, one.author?.icon_url, one.footer?.icon_url]));
  return message.attachments.filter((one) => !shown.has(one.url)).map((one) => covered(file(one), one.filename.startsWith("SPOILER_")));
}

/** Pictures side by side. @param {{media: {url: string}, description: string|null, spoiler: boolean}[]} items */
export const gallery = (items) => el("div.gallery", { data: { count: String(Math.min(items.length, 5)) } },
  ...items.map((item) => covered(picture(item.media.url, item.description ?? ""), item.spoiler)));
