// Dark or light: as the computer has it, or as the reader chose.

import { byId } from "./dom.js";

const KEY = "theme";
const dark = matchMedia("(prefers-color-scheme: dark)");

const shown = () => localStorage[KEY] ?? (dark.matches ? "dark" : "light");

function draw() {
  document.documentElement.dataset.theme = shown();
  const other = shown() === "dark" ? "light" : "dark";
  byId("toggle-theme").setAttribute("aria-label", `Use the ${other} theme`);
  byId("toggle-theme").title = `Use the ${other} theme`;
}

export function startTheme() {
  byId("toggle-theme").addEventListener("click", () => { localStorage[KEY] = shown() === "dark" ? "light" : "dark"; draw(); });
  dark.addEventListener("change", draw);
  addEventListener("storage", draw);
  draw();
}
