// Asking the POS endpoint: an answer, a refusal with its reason, or no answer at all.

import { endpoint } from "./till-page.js";
import { token } from "./till-store.js";

const PATIENCE = 8000;

// The endpoint has understood and says no (RFC 9457): nothing was booked.
export class Refusal extends Error {
  constructor(problem) {
    super(problem.title);
    this.code = problem.code;
    this.status = problem.status;
    this.facts = problem;
  }
}

// Nobody knows whether it arrived: only the same request again can tell. `reached`: somebody was
// there, but not well; others may have better luck at the same time.
export class NoAnswer extends Error {
  constructor(reached) {
    super("no answer");
    this.reached = reached;
  }
}

// Whether the last question was answered. Told to the page as the event till:net.
export const net = { up: navigator.onLine };

function heard(up) {
  if (net.up === up) return;
  net.up = up;
  dispatchEvent(new Event("till:net"));
}

export async function ask(method, path, body, patience = PATIENCE) {
  const headers = { Accept: "application/json" };
  if (token.get()) headers.Authorization = `Bearer ${token.get()}`;
  if (body) headers["Content-Type"] = "application/json";
  let answer, content;
  try {
    answer = await fetch(endpoint + path, {
      method,
      headers,
      body: body && JSON.stringify(body),
      cache: "no-store",
      credentials: "omit",
      signal: AbortSignal.timeout(patience),
    });
    content = answer.status === 204 ? null : await answer.json();
  } catch {
    heard(false);
    throw new NoAnswer(false);
  }
  // A gate without a server behind it is no net; one question that could not be answered says nothing.
  if (answer.status === 502 || answer.status === 504) heard(false);
  if (answer.status >= 500 || answer.status === 429) throw new NoAnswer(true);
  heard(true);
  if (answer.ok) return content;
  if (answer.status === 401 && content.code === "device_token") dispatchEvent(new Event("till:signed-out"));
  throw new Refusal(content);
}

export const get = (path, patience) => ask("GET", path, undefined, patience);
export const post = (path, body, patience) => ask("POST", path, body, patience);
export const remove = (path) => ask("DELETE", path);
export const inPath = encodeURIComponent;
