// What lies in the drawer, note by note and coin by coin.

import { byId, money } from "./till-page.js";

const COINS = [20000, 10000, 5000, 2000, 1000, 500, 200, 100, 50, 20, 10, 5, 2, 1];

function countLine(coin) {
  const label = document.createElement("label");
  const name = document.createElement("span");
  const field = document.createElement("input");
  name.className = "num";
  name.textContent = money(coin);
  field.className = "input num";
  field.inputMode = "numeric";
  field.maxLength = 4;
  field.dataset.coin = coin;
  label.append(name, field);
  return label;
}

export const counted = () =>
  Object.fromEntries(
    [...byId("drawer-coins").querySelectorAll("input")]
      .map((field) => [field.dataset.coin, Number.parseInt(field.value, 10) || 0])
      .filter(([, units]) => units > 0),
  );

export const worth = (counts) => Object.entries(counts).reduce((sum, [coin, units]) => sum + coin * units, 0);

export const draw = () => byId("drawer-coins").replaceChildren(...COINS.map(countLine));
