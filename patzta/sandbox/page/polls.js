// Polls: the question, voting, the result.

import { call } from "./api.js";
import { el } from "./dom.js";
import { icon } from "./icons.js";
import { state } from "./store.js";

const shown = (media) => [media.emoji?.name, media.text].filter(Boolean).join(" ");

/** @param {any} message */
export function drawPoll(message) {
  const { poll } = message;
  const votes = new Map(poll.results.answer_counts.map((one) => [one.id, one.count]));
  const total = [...votes.values()].reduce((a, b) => a + b, 0);
  const mine = message.votes?.[state.me] ?? [];
  const open = !poll.results.is_finalized;
  return el("form.poll", { onsubmit: (event) => { event.preventDefault(); send(message, new FormData(event.currentTarget).getAll("answer")); } },
    el("fieldset", { disabled: !open }, el("legend", {}, poll.question.text),
      el("p.poll-hint", {}, !open ? "The poll has ended" : poll.allow_multiselect ? "Select one or more answers" : "Select one answer"),
      ...poll.answers.map((one) => answer(message, one, { count: votes.get(one.answer_id) ?? 0, total, mine, open }))),
    el("div.poll-foot", {}, el("span", {}, `${total} ${total === 1 ? "vote" : "votes"} · ${open ? `ends ${when(poll.expiry)}` : "ended"}`),
      open && (mine.length ? el("button.button.secondary", { type: "button", onclick: () => send(message, []) }, "Remove vote") : el("button.button.primary", { type: "submit" }, "Vote"))));
}

function answer(message, { answer_id: id, poll_media: media }, { count, total, mine, open }) {
  const share = total ? Math.round((100 * count) / total) : 0;
  const voted = mine.includes(id);
  const told = mine.length || !open;
  const kind = message.poll.allow_multiselect ? "checkbox" : "radio";
  const bar = el("span.bar", { "aria-hidden": "true" });
  bar.style.width = told ? `${share}%` : "0";
  return el(voted ? "label.answer.voted" : "label.answer", { data: { answer: String(id) } }, bar,
    open && !mine.length && el("input", { type: kind, name: "answer", value: String(id) }),
    el("span.text", {}, shown(media)), voted && el("span.hidden", {}, "your vote"), told && el("b", {}, `${share}%`), told && el("small", {}, String(count)));
}

const send = (message, answers) =>
  call("PUT", "votes", { as: state.me, channel: message.channel_id, message: message.id, answers: answers.map(Number) });

const close = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });
const far = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const when = (expiry) => (new Date(expiry).getTime() - Date.now() < 86_400_000 ? close : far).format(new Date(expiry));

/** How a poll went: the notice that ends it. @param {any} message of type 46 */
export function pollResult(message) {
  const fields = Object.fromEntries((message.embeds[0]?.fields ?? []).map((one) => [one.name, one.value]));
  const total = Number(fields.total_votes ?? 0);
  const share = total ? Math.round((100 * Number(fields.victor_answer_votes)) / total) : 0;
  const winner = fields.victor_answer_text ?? (total ? "A draw" : "Nobody voted");
  return el("div.poll-result", {}, icon("poll"), el("span", {}, el("b", {}, winner), el("small", {}, total ? `${share}% of ${total} ${total === 1 ? "vote" : "votes"}` : "No result")));
}
