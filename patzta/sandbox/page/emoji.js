// The emoji picker: common ones, found by English words.

import { el } from "./dom.js";
import { showPopup } from "./popup.js";

const NAMED = `👍 thumbs up yes|👎 thumbs down no|❤️ heart love red|😂 laugh tears joy|😅 sweat smile|😊 smile blush|🙂 smile slight|😉 wink|😍 heart eyes love|🥰 hearts love|😘 kiss
😎 cool sunglasses|🤔 think|🤨 eyebrow|😐 neutral|🙄 eyes roll|😏 smirk|😮 wow surprised|😴 sleep|😢 cry sad|😭 sob cry|😤 steam|😡 angry|🤯 mind blown|😱 scream|🥳 party|🤗 hug|🤐 zip
🤢 sick|😇 angel|🤡 clown|💀 skull dead|👻 ghost|👽 alien|🤖 robot bot|🎉 party tada|🎂 cake birthday|🎁 gift|🔥 fire hot|✨ sparkles|⭐ star|💯 hundred|✅ check done|❌ cross no|❓ question
❗ exclamation|⚠️ warning|💡 idea bulb|👀 eyes look|👋 wave hello|🙏 pray please thanks|👏 clap|🤝 handshake deal|💪 muscle strong|👌 ok|✌️ peace|🤞 luck fingers|🤷 shrug|🙃 upside down
🍺 beer|🍻 beers cheers|🍷 wine|☕ coffee|🍵 tea|🍕 pizza|🍔 burger|🍎 apple|🍓 strawberry|🍫 chocolate|🐱 cat|🐶 dog|🐢 turtle|🐘 elephant|🦊 fox|🐛 bug|🌞 sun|🌧 rain|❄️ snow|🌈 rainbow|🌲 tree|🌸 flower
🚀 rocket ship|🚗 car|🚲 bike|✈️ plane|🏠 house home|⏰ clock alarm|📌 pin|📎 clip|📷 camera|🎵 music|🎮 game|⚽ football|🏆 trophy win|💰 money|🔒 lock|🔑 key|🔧 wrench fix|💻 computer|📚 books|✏️ pencil`;

const EMOJI = NAMED.split(/[|\n]/).map((line) => { const at = line.indexOf(" "); return { sign: line.slice(0, at), words: line.slice(at + 1) }; });
const COLUMNS = 8;

/** @param {Element} anchor @param {(emoji: string) => void} choose */
export function pickEmoji(anchor, choose) {
  const search = el("input", { type: "text", placeholder: "Search", "aria-label": "Search emoji", autocomplete: "off", oninput: () => show() });
  const grid = el("div.emoji-grid", { role: "group", "aria-label": "Emoji" });
  const box = el("div.emoji-picker", { role: "dialog", "aria-label": "Choose an emoji", onkeydown: steer }, search, grid);
  const show = () => {
    const typed = /** @type {HTMLInputElement} */ (search).value.toLowerCase();
    grid.replaceChildren(...EMOJI.filter(({ words }) => words.includes(typed)).map(({ sign, words }) =>
      el("button", { type: "button", "aria-label": `${sign} ${words}`, title: words, onclick: () => { box.hidePopover(); choose(sign); } }, sign)));
  };
  function steer(event) {
    const signs = /** @type {HTMLElement[]} */ ([...grid.children]);
    if (event.key === "Enter" && event.target === search) { event.preventDefault(); signs[0]?.click(); return; }
    const at = signs.indexOf(event.target);
    const by = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: COLUMNS, ArrowUp: -COLUMNS }[event.key];
    if (!by || (at < 0 && event.key !== "ArrowDown")) return;
    event.preventDefault();
    if (at < 0) signs[0]?.focus();
    else if (at + by < 0) search.focus();
    else signs[Math.min(at + by, signs.length - 1)].focus();
  }
  show();
  showPopup(box, anchor, { above: true });
  search.focus();
}
