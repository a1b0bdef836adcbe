// How far each person has read each channel. All tabs of this browser share it.

const KEY = "read";
/** @type {Record<string, string>} "person/channel" -> last message read */
let marks = {};

const stored = () => { try { return JSON.parse(localStorage[KEY] ?? "{}"); } catch { return {}; } };
const newer = (a, b) => BigInt(a || 0) > BigInt(b || 0);
const store = () => { localStorage[KEY] = JSON.stringify(marks); };

/**
 * Take over what was read before; what was never looked at counts as read, and nothing is read before it is written.
 * @param {string[]} people @param {string[]} channels @param {(channel: string) => string} lastId
 */
export function loadMarks(people, channels, lastId) {
  const before = { ...stored(), ...marks };
  marks = {};
  for (const channel of channels) {
    const last = lastId(channel);
    for (const person of people) {
      const old = before[`${person}/${channel}`];
      marks[`${person}/${channel}`] = old === undefined || newer(old, last) ? last : old;
    }
  }
  store();
}

export const readUpTo = (person, channel) => marks[`${person}/${channel}`] ?? "0";

/** Read on, never back: another tab of the same person may be further. */
export function mark(person, channel, id) {
  if (newer(id, readUpTo(person, channel))) remark(person, channel, id);
}

/** Say how far somebody has read, also backwards. */
export function remark(person, channel, id) {
  marks[`${person}/${channel}`] = id;
  store();
}

/** @param {() => void} listener called when another tab has read on */
export function onOtherTab(listener) {
  addEventListener("storage", (event) => {
    if (event.key !== KEY) return;
    marks = { ...marks, ...stored() };
    listener();
  });
}
