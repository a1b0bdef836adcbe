// Colours of ```ansi blocks: the sixteen that Discord shows, bold and underline.

const ESCAPE = /\u001b\[([\d;]*)m/g;

/** @param {string} text @returns {Node[]} */
export function ansi(text) {
  const nodes = [];
  let classes = new Set();
  let from = 0;
  const flush = (to) => {
    const part = text.slice(from, to);
    if (!part) return;
    const span = document.createElement("span");
    span.className = [...classes].join(" ");
    span.textContent = part;
    nodes.push(span);
  };
  for (const match of text.matchAll(ESCAPE)) {
    flush(match.index);
    from = match.index + match[0].length;
    classes = codes(match[1], classes);
  }
  flush(text.length);
  return nodes;
}

/** @param {string} list @param {Set<string>} before */
function codes(list, before) {
  let classes = new Set(before);
  for (const code of list.split(";").map(Number)) {
    if (code === 0) classes = new Set();
    else if (code === 1) classes.add("ansi-bold");
    else if (code === 4) classes.add("ansi-underline");
    else if ((code >= 30 && code <= 37) || (code >= 90 && code <= 97)) classes = replaced(classes, "ansi-fg-", code % 10);
    else if (code >= 40 && code <= 47) classes = replaced(classes, "ansi-bg-", code % 10);
    else if (code === 39) classes = replaced(classes, "ansi-fg-", null);
    else if (code === 49) classes = replaced(classes, "ansi-bg-", null);
  }
  return classes;
}

function replaced(classes, prefix, number) {
  const rest = [...classes].filter((name) => !name.startsWith(prefix));
  return new Set(number === null ? rest : [...rest, `${prefix}${number}`]);
}
