// Talking with the sandbox's control API and hearing its events.

import { toast } from "./dom.js";

/**
 * @param {string} method @param {string} path @param {any} [body]  JSON, or FormData with files
 * @returns {Promise<any>} null where the sandbox refused (the reader has been told); true where it has nothing to say
 */
export async function call(method, path, body) {
  const form = body instanceof FormData;
  const headers = body && !form ? { "Content-Type": "application/json" } : undefined;
  try {
    const response = await fetch(`/sandbox/api/${path}`, { method, headers, body: form ? body : body && JSON.stringify(body) });
    if (response.status === 204) return true;
    const answer = await response.json();
    if (response.ok) return answer;
    toast(explain(answer));
  } catch {
    toast("The sandbox does not answer.");
  }
  return null;
}

/** A body with files, as multipart; without any it stays JSON. @param {any} body @param {File[]} files */
export function withFiles(body, files) {
  if (!files.length) return body;
  const form = new FormData();
  form.append("payload_json", JSON.stringify(body));
  files.forEach((one, index) => form.append(`files[${index}]`, one, one.name));
  return form;
}

/** The innermost message of a Discord error body. @param {any} error */
function explain(error) {
  let part = error.errors;
  while (part && !part._errors) part = Object.values(part)[0];
  return part ? part._errors[0].message : error.message;
}

/**
 * Keep an event socket open for good.
 * @param {() => void} onOpen @param {(event: any) => void} onEvent @param {() => void} onLost
 */
export function listen(onOpen, onEvent, onLost) {
  const socket = new WebSocket(`ws://${location.host}/sandbox/events`);
  socket.addEventListener("message", ({ data }) => {
    const event = JSON.parse(data);
    if (event.type === "HELLO") onOpen();
    else onEvent(event);
  });
  socket.addEventListener("close", () => {
    onLost();
    setTimeout(() => listen(onOpen, onEvent, onLost), 1000);
  });
}
