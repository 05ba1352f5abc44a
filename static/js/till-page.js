// The till's page: its elements, words, amounts and views.

const root = document.getElementById("till");
// English words, but the day of the shop: 12:47, 25 Nov.
const { lang } = document.documentElement;
export const language = lang;
export const locale = lang === "en" ? "en-GB" : lang;
const words = root ? JSON.parse(root.dataset.words) : {};
const euros = new Intl.NumberFormat(locale, { style: "currency", currency: "EUR" });
export const plain = new Intl.NumberFormat(locale);
let fading = 0;

export const endpoint = root?.dataset.endpoint ?? "";
export const byId = (id) => document.getElementById(id);

// say("points", {points: 1240}): words with their facts; counts are grouped as people write them.
export function say(name, facts = {}) {
  return words[name].replace(/\{(\w+)\}/g, (_, fact) => {
    const value = facts[fact];
    return typeof value === "number" ? plain.format(value) : value;
  });
}

export const hasWord = (name) => name in words;

// A minus is a minus, not a hyphen.
export const money = (minor) => euros.format((minor || 0) / 100).replace("-", "\u2212");
export const percent = (basisPoints) => plain.format(basisPoints / 100);

export function piece(name) {
  return byId(`piece-${name}`).content.firstElementChild.cloneNode(true);
}

// What is seen: start, sign-in, loading, locked, sale or receipt.
export function show(view) {
  document.documentElement.dataset.view = view;
  // A receipt begins at its head, wherever the basket was.
  if (view === "receipt") document.querySelector(".till__list").scrollTop = 0;
  focusScan();
}
export const viewIs = (view) => document.documentElement.dataset.view === view;

// The scan field has the focus wherever a keyboard is; a finger asks for it, or a screen
// keyboard would cover half the basket.
export function focusScan() {
  if (viewIs("sale") && matchMedia("(pointer: fine)").matches && !document.querySelector("dialog[open]")) {
    const field = byId("scan-code");
    field.focus({ preventScroll: true });
    // A dialog that closes under a click gives the focus back without the caret: keys went nowhere.
    field.setSelectionRange(field.value.length, field.value.length);
  }
}

// "2,50 €" in a cell, a name in another.
export function row(name, amount) {
  const line = document.createElement("p");
  line.className = "receipt__row";
  for (const text of [name, amount]) {
    const cell = document.createElement("span");
    cell.textContent = text;
    line.append(cell);
  }
  return line;
}

// One line under the scan field: "ok" leaves by itself, "danger" stays until the next step.
export function tell(text, tone = "danger") {
  const line = byId("till-message");
  clearTimeout(fading);
  line.textContent = text;
  line.dataset.tone = text ? tone : "";
  if (text && tone === "ok") fading = setTimeout(() => tell(""), 2500);
}

// A picture is shown where there is one, and asked for once.
export function paint(image, picture) {
  image.hidden = !picture;
  if (picture && image.getAttribute("src") !== picture) image.src = picture;
}
