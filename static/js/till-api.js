// Asking the POS endpoint: an answer, a refusal with its reason, or no answer at all.

import { byId, endpoint } from "./till-page.js";
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

// Nobody knows whether it arrived: only the same request again can tell.
export class NoAnswer extends Error {}

export async function ask(method, path, body) {
  const headers = { Authorization: `Bearer ${token.get()}`, Accept: "application/json" };
  if (body) headers["Content-Type"] = "application/json";
  let answer, content;
  try {
    answer = await fetch(endpoint + path, {
      method,
      headers,
      body: body && JSON.stringify(body),
      cache: "no-store",
      credentials: "omit",
      signal: AbortSignal.timeout(PATIENCE),
    });
    content = await answer.json();
  } catch {
    return fail();
  }
  if (answer.status >= 500 || answer.status === 429) return fail();
  byId("till-offline").hidden = true;
  if (answer.ok) return content;
  if (answer.status === 401) dispatchEvent(new Event("till:signed-out"));
  throw new Refusal(content);
}

function fail() {
  byId("till-offline").hidden = false;
  throw new NoAnswer("no answer");
}

export const get = (path) => ask("GET", path);
export const post = (path, body) => ask("POST", path, body);
