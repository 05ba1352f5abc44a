// The drawer: float at the opening, money in and out, X report, and the blind count that closes.

import * as book from "./till-book.js";
import { now } from "./till-clock.js";
import * as coins from "./till-coins.js";
import { byId, locale, money, percent, row, say, tell } from "./till-page.js";
import * as people from "./till-people.js";
import * as session from "./till-session.js";
import { amountOf } from "./till-sums.js";

const stamp = new Intl.DateTimeFormat(locale, { dateStyle: "short", timeStyle: "short", timeZone: "Europe/Berlin" });
// No drawer holds more than that: a barcode that was read into the wrong field.
const MOST = 5_000_000;
const OUT = new Set(["payout", "bank"]);

// One dialog, four faces.
function face(name) {
  for (const part of byId("drawer").querySelectorAll("[data-face]")) part.hidden = part.dataset.face !== name;
  byId("drawer-title").textContent = say(`drawer_${name}`);
  byId("drawer-message").textContent = "";
  if (!byId("drawer").open) byId("drawer").showModal();
  // Under a finger a field would bring the keyboard over what is to be read.
  const first = name === "report" && !matchMedia("(pointer: fine)").matches ? "button" : ":is(input, button)";
  byId("drawer").querySelector(`[data-face=${name}] ${first}`)?.focus();
}

export function open() {
  if (session.current()) report(session.current());
  else face("opening");
}

// Before the first sale of a session somebody says what lies in the drawer.
export const offer = () => people.known() && people.may("count") && !session.current() && face("opening");

async function begin(event) {
  event.preventDefault();
  const amount = amountOf(byId("drawer-float").value || "0");
  if (amount === null) return complain("noAmount");
  if (amount > MOST) return complain("tooMuch");
  await session.begin(amount);
  byId("drawer").close();
  tell(say("sessionOpen", { amount: money(amount) }), "ok");
}

const complain = (word) => void (byId("drawer-message").textContent = say(word));

function facts(found) {
  const rows = [
    [say("thisTill"), byId("till-name").textContent],
    [say("since"), stamp.format(new Date(found.opened_at))],
    [say("receipts"), `${found.receipts.count}${found.receipts.count ? ` · ${found.receipts.first} – ${found.receipts.last}` : ""}`],
    [say("sales"), money(found.sales_minor)],
    [say("returns"), money(-found.returns_minor)],
    ...found.by_method.map(({ method, amount_minor }) => [say(method), money(amount_minor)]),
    [say("float"), money(found.opening_minor)],
    [say("movements"), money(found.movements_minor)],
    ...(found.vat ?? []).map((one) => [say("vat", { rate: percent(one.rate_basis_points) }), money(one.vat_minor)]),
  ];
  if (found.aborted) rows.push([say("givenUp"), String(found.aborted)]);
  if (found.age_refused) rows.push([say("ageRefused"), String(found.age_refused)]);
  if (found.waiting) rows.push([say("notYetBooked"), String(found.waiting)]);
  return rows.map(([name, text]) => row(name, text));
}

async function report(of) {
  const mine = await session.report(of);
  byId("drawer-facts").replaceChildren(...facts(mine));
  face("report");
  // A till that has lost its memory in the middle of a day knows less than the books.
  const theirs = await session.theirs(of.session_id);
  if (theirs?.receipts.count > mine.receipts.count) byId("drawer-facts").replaceChildren(...facts(theirs));
}

async function move(event) {
  event.preventDefault();
  if (!people.may("cash")) return complain("notAllowed");
  const amount = amountOf(byId("drawer-amount").value);
  const kind = byId("drawer-kind").value;
  const reason = byId("drawer-reason").value.trim();
  if (!amount) return complain("noAmount");
  if (amount > MOST) return complain("tooMuch");
  if (!reason) return complain("noReason");
  await session.move(kind, OUT.has(kind) ? -amount : amount, reason);
  byId("drawer-amount").value = byId("drawer-reason").value = "";
  await report(session.current());
}

function count() {
  if (!people.may("count")) return complain("notAllowed");
  coins.draw();
  byId("drawer-counted").textContent = money(0);
  face("count");
}

// Nobody sees what should be there before the count is given.
async function close(event) {
  event.preventDefault();
  const counts = coins.counted();
  const found = await session.close(coins.worth(counts), counts);
  drawClosed(found);
  face("closed");
  await book.clean(new Date(now() - 30 * 86_400_000).toISOString());
  numberOf(found.session_id);
}

function drawClosed(found) {
  const rows = [
    ...facts(found),
    row(say("expected"), money(found.cash_expected_minor)),
    row(say("counted"), money(found.cash_counted_minor)),
    row(say("difference"), money(found.difference_minor)),
  ];
  byId("drawer-z").replaceChildren(...rows);
}

// The Z report is the server's; it comes when everything of the session is there. Until then the
// till's own sums stand.
async function numberOf(sessionId) {
  for (let turn = 0; turn < 10 && byId("drawer").open; turn += 1) {
    const theirs = await session.theirs(sessionId);
    if (theirs?.z_number) {
      byId("drawer-title").textContent = say("zNumber", { number: theirs.z_number });
      drawClosed(theirs);
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 700));
  }
}

export function start() {
  byId("drawer-open").addEventListener("click", open);
  byId("drawer-begin").addEventListener("submit", begin);
  byId("drawer-move").addEventListener("submit", move);
  byId("drawer-count").addEventListener("click", count);
  byId("drawer-close").addEventListener("submit", close);
  byId("drawer-coins").addEventListener("input", () => (byId("drawer-counted").textContent = money(coins.worth(coins.counted()))));
  byId("drawer-print").addEventListener("click", () => print());
}
