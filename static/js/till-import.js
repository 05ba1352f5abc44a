// The last resort, read back in: what a till has written into a file goes into the book and the queue
// of the same till, on whatever device that is now. Everything has its id, so twice is once.

import * as book from "./till-book.js";
import { device } from "./till-device.js";
import { FORMAT } from "./till-export.js";
import * as outbox from "./till-outbox.js";
import { byId, say, tell } from "./till-page.js";
import * as session from "./till-session.js";

const LONGEST = 64 * 1024 * 1024;
// What a till posts, and nothing else that a file may name.
const POSTED = /^\/(sales|voids|sessions|cash-movements|parked)(\/[^/?#]+(\/closing)?)?$/;
const METHODS = new Set(["POST", "DELETE"]);

const isEntry = ({ id, kind, method, path }) =>
  Boolean(id) && Boolean(kind) && METHODS.has(method) && POSTED.test(path);

// The file's content, or null for anything that no till has written.
async function read(file) {
  if (file.size > LONGEST) return null;
  try {
    const whole = JSON.parse(await file.text());
    const fits = whole.format === FORMAT && whole.waiting.every(isEntry) && whole.receipts.every((one) => one.sale_id);
    return fits ? whole : null;
  } catch {
    return null;
  }
}

async function take(file) {
  const whole = await read(file);
  if (!whole) return tell(say("importWrong"));
  if (whole.device !== device().code) return tell(say("importForeign", { device: whole.device }));
  const taken = await book.restore(whole.device, whole);
  await session.resume(whole.session ?? null);
  outbox.flush();
  dispatchEvent(new Event("till:queue"));
  return tell(taken ? say("imported", { count: taken }) : say("importKnown"), "ok");
}

export function start() {
  const field = byId("import-file");
  byId("import").addEventListener("click", () => field.click());
  field.addEventListener("change", async () => {
    const [file] = field.files;
    if (file) await take(file);
    field.value = "";
  });
}
