// Everything that is not needed in every sale, behind one key.

import * as basket from "./till-basket.js";
import { exportAll } from "./till-export.js";
import { giveUp } from "./till-given-up.js";
import { byId, say, tell } from "./till-page.js";
import * as people from "./till-people.js";
import { keep, state } from "./till-store.js";

function practise() {
  if (!people.may("training")) return tell(say("notAllowed"));
  if (!basket.isEmpty()) return tell(say("emptyFirst"));
  keep({ training: !state.training });
  byId("menu").close();
}

// Emptying asks once more, on the same button.
function startClearing() {
  const button = byId("clear");
  let sure = 0;
  const calm = () => {
    clearTimeout(sure);
    sure = 0;
    button.textContent = say("emptyBasket");
  };
  button.addEventListener("click", () => {
    if (sure) {
      calm();
      giveUp();
      return;
    }
    button.textContent = say("emptySure");
    sure = setTimeout(calm, 3000);
  });
}

export function start() {
  startClearing();
  byId("menu-open").addEventListener("click", () => {
    byId("menu").showModal();
    // A finger wants the keys, not the field with a keyboard under it.
    if (!matchMedia("(pointer: fine)").matches) byId("offer-open").focus();
  });
  byId("menu").addEventListener("click", (event) => event.target.closest("[data-ends-menu]") && byId("menu").close());
  byId("practise").addEventListener("click", practise);
  byId("export").addEventListener("click", exportAll);
  byId("switch-person").addEventListener("click", people.lock);
  byId("code-form").addEventListener("submit", (event) => {
    event.preventDefault();
    basket.setCode(byId("promotion-code").value.trim().toUpperCase() || null);
    byId("menu").close();
  });
}
