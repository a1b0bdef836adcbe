// The files that the next message will carry.

import { byId, el, toast } from "./dom.js";
import { icon } from "./icons.js";
import { size } from "./media.js";

const LARGEST = 25 * 1024 * 1024;
const MOST = 10;

/** @type {File[]} */
let files = [];

/** @returns {File[]} */
export const chosenFiles = () => files;

/** @param {File[]} list */
export function setFiles(list) {
  files = list;
  const box = byId("files");
  box.hidden = !files.length;
  box.replaceChildren(...files.map(row));
}

/** @param {File[]} list */
function addFiles(list) {
  const small = list.filter((one) => one.size <= LARGEST);
  if (small.length < list.length) toast(`Files may have ${size(LARGEST)} at most.`);
  if (files.length + small.length > MOST) toast(`A message carries ${MOST} files at most.`);
  setFiles([...files, ...small].slice(0, MOST));
}

function row(one) {
  const remove = () => { setFiles(files.filter((other) => other !== one)); byId("composer").focus(); };
  return el("li", {}, preview(one), el("span.text", {}, el("b", {}, one.name), el("small", {}, size(one.size))),
    el("button.icon", { type: "button", "aria-label": `Remove ${one.name}`, onclick: remove }, icon("cross")));
}

function preview(one) {
  if (!/^image\/(png|jpeg|gif|webp)$/.test(one.type)) return icon("file");
  const url = URL.createObjectURL(one);
  const image = el("img", { src: url, alt: "" });
  image.addEventListener("load", () => URL.revokeObjectURL(url));
  return image;
}

/** Take files that are chosen, pasted or dropped. */
export function startFiles() {
  byId("file-input").addEventListener("change", (event) => { addFiles([...event.target.files]); event.target.value = ""; byId("composer").focus(); });
  byId("composer").addEventListener("paste", (event) => addFiles([...event.clipboardData.files]));
  const main = byId("main");
  main.addEventListener("dragover", (event) => event.preventDefault());
  main.addEventListener("drop", (event) => { event.preventDefault(); addFiles([...event.dataTransfer.files]); });
}
