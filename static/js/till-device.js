// Which till this is: its token comes once, by hand or by pairing link, and stays in the browser.

import { NoAnswer, get } from "./till-api.js";
import { setTime } from "./till-clock.js";
import { byId, say, show, tell } from "./till-page.js";
import { setHere } from "./till-stock.js";
import { token } from "./till-store.js";

// /till/#token=… or /till/?token=…; the address bar forgets it at once.
function fromLink() {
  const address = new URL(location.href);
  const given =
    address.searchParams.get("token") ?? new URLSearchParams(address.hash.slice(1)).get("token");
  if (!given) return;
  token.set(given);
  address.searchParams.delete("token");
  address.hash = "";
  history.replaceState(null, "", address);
}

// Returns whether the till may work: it is known, or nobody answers and it was known before.
async function check() {
  try {
    const device = await get("/device");
    setTime(device.time);
    setHere(device.location);
    const place = device.name.includes(device.location_name) ? "" : ` · ${device.location_name}`;
    byId("till-name").textContent = device.name + place;
    return true;
  } catch (error) {
    if (error instanceof NoAnswer) {
      tell(say("offline"));
      return true;
    }
    return false;
  }
}

export async function start(ready) {
  byId("sign-in").addEventListener("submit", async (event) => {
    event.preventDefault();
    const field = byId("token");
    token.set(field.value.trim());
    if (token.get() && (await check())) {
      field.value = "";
      byId("sign-in-message").textContent = "";
      ready();
      return;
    }
    token.forget();
    byId("sign-in-message").textContent = say("wrongToken");
    field.select();
  });
  byId("sign-off").addEventListener("click", () => {
    token.forget();
    show("sign-in");
    byId("token").focus();
  });
  addEventListener("till:signed-out", () => {
    if (document.documentElement.dataset.view !== "sign-in" && token.get()) {
      byId("sign-in-message").textContent = say("signInAgain");
    }
    token.forget();
    show("sign-in");
  });
  fromLink();
  if (token.get() && (await check())) ready();
  else if (!token.get()) show("sign-in");
}
