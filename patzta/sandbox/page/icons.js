// The page's own signs, drawn as lines: fonts differ in which symbols they have.

const PATHS = {
  menu: "M4 7h16M4 12h16M4 17h16",
  members: "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM2.5 20c0-3.6 2.9-6 6.5-6s6.5 2.4 6.5 6M16 4.3a3.5 3.5 0 0 1 0 6.5M18 14.4c2.2.8 3.6 2.8 3.6 5.6",
  attach: "M12 5v14M5 12h14",
  smile: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM8.5 14.5c1.7 2.2 5.3 2.2 7 0M9 9.5v.5M15 9.5v.5",
  send: "M4 12 20 4l-5 16-3.5-6.5ZM11.5 13.5 20 4",
  reply: "M9 6 4 11l5 5M4 11h9c4 0 7 2.5 7 7",
  thread: "M5 4v9c0 2 1 3 3 3h11M15 12l4 4-4 4M5 8h9",
  edit: "M4 20l1-4L16.5 4.5l3 3L8 19ZM14 7l3 3",
  apps: "M5 5h5v5H5zM14 5h5v5h-5zM5 14h5v5H5zM14 14h5v5h-5z",
  trash: "M5 7h14M10 4h4M7 7l1 13h8l1-13M10.5 11v5M13.5 11v5",
  file: "M7 3h7l5 5v13H7ZM14 3v5h5M10 13h6M10 17h6",
  panel: "M3.5 5h17v14h-17ZM7 9.5l2.5 2.5L7 14.5M12 15h4.5",
  close: "M6 6l12 12M18 6 6 18",
  mail: "M3 6h18v12H3ZM3 7l9 7 9-7",
  pin: "M9 4h6M10 4v6l-3 4h10l-3-4V4M12 14v7",
  copy: "M9 9h11v11H9ZM15 9V4H4v11h5",
  more: "M5.5 12h.01M12 12h.01M18.5 12h.01",
  theme: "M12 20a8 8 0 1 0 0-16 8 8 0 0 0 0 16ZM12 4v16M15 5v14M17.5 7v10",
  unread: "M4 6h9M4 12h16M4 18h16M19 6h.01",
  person: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4.5 20.5c.6-3.8 3.6-6 7.5-6s6.9 2.2 7.5 6",
  at: "M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM16 8v5.5c0 3.5 5 3 5-1.5a9 9 0 1 0-4 7.5",
  tab: "M13 4h7v7M20 4l-9 9M9 5H4v15h15v-5",
  archive: "M3 5h18v4H3ZM5 9v11h14V9M10 13h4",
  lock: "M6 11h12v9H6ZM8.5 11V8a3.5 3.5 0 0 1 7 0v3",
  down: "M6 9l6 6 6-6",
  cross: "M6 6l12 12M18 6 6 18",
  poll: "M5 20V10M12 20V4M19 20v-7",
};

/** @typedef {keyof typeof PATHS} Sign */

/** @param {Sign} name */
export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", "sign-icon");
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

/** Put the signs into the fixed buttons of the page. */
export function placeIcons() {
  for (const node of document.querySelectorAll("[data-icon]")) node.prepend(icon(/** @type {any} */ (node).dataset.icon));
}
