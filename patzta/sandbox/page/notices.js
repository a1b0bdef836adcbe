// Lines that Discord itself writes: a pin, a new thread, the end of a poll.

import { called, el } from "./dom.js";
import { icon } from "./icons.js";
import { jump } from "./jump.js";
import { openPins } from "./pins.js";
import { pollResult } from "./polls.js";
import { author, open } from "./store.js";

const POLL_RESULT = 46;
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });
const link = (text, run) => el("button.inline-link", { type: "button", onclick: run }, text);

/** @type {Record<number, (message: any) => [import("./icons.js").Sign, ...(Node|string)[]]>} */
const WORDS = {
  6: ({ message_reference: { message_id: id } }) => ["pin", " pinned ", link("a message", () => jump(id)), " to this channel. See all ", link("pinned messages", openPins), "."],
  18: ({ content, message_reference: { channel_id: id } }) => ["thread", " started a thread: ", link(content, () => open(id))],
  [POLL_RESULT]: (message) => ["poll", "’s poll ", link(questionOf(message), () => jump(message.message_reference.message_id)), " has ended."],
};

const questionOf = (message) => message.embeds[0]?.fields?.find((one) => one.name === "poll_question_text")?.value ?? "";

/** @param {any} message @returns {Node|null} null for what somebody said */
export function notice(message) {
  const words = WORDS[message.type]?.(message);
  if (!words) return null;
  const [sign, ...rest] = words;
  return el("div.notice-line", {}, icon(sign), el("div", {}, el("b", {}, called(author(message).display_name)), ...rest,
    " ", el("time", { datetime: message.timestamp }, clock.format(new Date(message.timestamp))), message.type === POLL_RESULT && pollResult(message)));
}
