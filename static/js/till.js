// The till: every behaviour has its module; here they are joined and started.

import * as age from "./till-age.js";
import { net } from "./till-api.js";
import * as basket from "./till-basket.js";
import * as camera from "./till-camera.js";
import * as card from "./till-card.js";
import * as catalog from "./till-catalog.js";
import * as clock from "./till-clock.js";
import * as collect from "./till-collect.js";
import * as customer from "./till-customer.js";
import * as device from "./till-device.js";
import * as discount from "./till-discount.js";
import * as drawer from "./till-drawer.js";
import * as favourites from "./till-favourites.js";
import * as givenUp from "./till-given-up.js";
import * as home from "./till-home.js";
import * as imported from "./till-import.js";
import * as install from "./till-install.js";
import * as keys from "./till-keys.js";
import * as lines from "./till-lines.js";
import * as menu from "./till-menu.js";
import * as outbox from "./till-outbox.js";
import { byId, say, show } from "./till-page.js";
import * as parked from "./till-parked.js";
import * as pay from "./till-pay.js";
import * as people from "./till-people.js";
import * as printer from "./till-printer.js";
import * as receipt from "./till-receipt.js";
import * as returns from "./till-returns.js";
import * as scan from "./till-scan.js";
import * as search from "./till-search.js";
import * as sending from "./till-sending.js";
import * as session from "./till-session.js";
import * as sound from "./till-sound.js";
import * as status from "./till-status.js";
import * as stock from "./till-stock.js";
import * as tenders from "./till-tenders.js";
import * as wedge from "./till-wedge.js";

const SYNC_EVERY = 60_000;
// The search comes before the scan field: its Enter chooses while a choice is open.
const PARTS = [lines, customer, clock, sound, search, scan, favourites, age, givenUp, pay, card, tenders, receipt, stock, discount,
  parked, returns, collect, home, sending, drawer, menu, imported, camera, printer, people, status, outbox, wedge, keys]; // prettier-ignore
let began = false;

function progress(done, total) {
  byId("loading-bar").max = total || 1;
  byId("loading-bar").value = done;
  byId("loading-text").textContent = say("loading", { done, total });
}

// What can have changed while nobody looked. Without an answer yesterday's stands.
async function refresh() {
  await catalog.sync();
  await people.refresh().catch(() => {});
  people.guard();
  basket.refresh();
  await favourites.refresh();
}

// Known as a till: the catalog from the disk, the whole of it from the server where there is none.
async function ready() {
  const whole = await catalog.load();
  await people.load();
  await session.load();
  if (!whole) {
    show("loading");
    for (;;) {
      try {
        await catalog.sync(progress);
        break;
      } catch {
        byId("loading-text").textContent = say("loadingWaits");
        await new Promise((resolve) => setTimeout(resolve, 3000));
      }
    }
    await people.refresh().catch(() => {});
  } else refresh().catch(() => {});
  basket.refresh();
  favourites.refresh();
  people.attended(async () => {
    await pay.settle();
    drawer.offer();
  });
  outbox.flush();
  if (!began) setInterval(() => net.up && refresh().catch(() => {}), SYNC_EVERY);
  began = true;
}

async function start() {
  const why = await install.unfit();
  if (why) return stay(why);
  for (const part of PARTS) part.start();
  install.start();
  addEventListener("till:net", () => net.up && began && refresh().catch(() => {}));
  return device.start(ready);
}

function stay(why) {
  show("sign-in");
  byId("sign-in").replaceChildren(say(why));
}

// Two windows would work on one basket: the first one has it. A reload finds its own lock for a
// moment still held by the page that is going.
if (navigator.locks) {
  const hold = () => {
    start();
    return new Promise(() => {});
  };
  const waiting = { signal: AbortSignal.timeout(1500) };
  navigator.locks.request("kontor.till", waiting, hold).catch(() => stay("secondTab"));
} else start();
