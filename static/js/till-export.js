// The last resort: everything that the server has not got yet as a file. Another device that is paired
// as this till reads it in (till-import.js). Nothing of it is secret beyond what a receipt says.

import * as book from "./till-book.js";
import { now } from "./till-clock.js";
import { device } from "./till-device.js";
import { tell, say } from "./till-page.js";
import * as session from "./till-session.js";

export const FORMAT = "kontor-till-1";

export async function contents() {
  return {
    format: FORMAT,
    device: device().code,
    made_at: now().toISOString(),
    waiting: (await book.waiting()).map(({ id, kind, method, path, body }) => ({ id, kind, method, path, body })),
    receipts: await book.receipts(),
    session: session.current(),
  };
}

export async function exportAll() {
  const whole = await contents();
  const file = new Blob([JSON.stringify(whole, null, 1)], { type: "application/json" });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = `kasse-${whole.device}-${whole.made_at.slice(0, 16).replace(/\D/g, "")}.json`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  tell(say("exported", { count: whole.waiting.length }), "ok");
}
