// What a scanner can read: GTIN, GS1 Digital Link, GS1 element strings, own weigh and price labels,
// customers' cards, receipts. Text in, meaning out; nothing here knows a page.

export const SEPARATOR = "\u001d";
// Application identifiers of fixed length that may stand before others in one string.
const FIXED = { "00": 18, "01": 14, "02": 14, 11: 6, 13: 6, 15: 6, 16: 6, 17: 6, 20: 2 };
// "3*9520…" is three of it.
const TIMES = /^(\d{1,3})\s*[*×]\s*(\S.*)$/;

// The GS1 check digit: weights 3 and 1 from the right.
export function checks(digits) {
  const sum = [...digits].reverse().reduce((total, digit, place) => total + digit * (place % 2 ? 3 : 1), 0);
  return sum % 10 === 0;
}

export const isGtin = (text) => /^(\d{8}|\d{12,14})$/.test(text) && checks(text);
export const gtin14 = (text) => text.padStart(14, "0");

// Seven digits, however they are spaced.
export function customerNumber(text) {
  const digits = text.replace(/[ .\-/]/g, "");
  return /^\d{7}$/.test(digits) && checks(digits) ? digits : null;
}

// https://…/01/09520000000011/10/L-7?17=271231: the identifiers stand in path and query.
function fromLink(text) {
  let address;
  try {
    address = new URL(text);
  } catch {
    return null;
  }
  const steps = address.pathname.split("/").map(decodeURIComponent);
  const at = steps.indexOf("01");
  const gtin = at < 0 ? "" : (steps[at + 1] ?? "");
  if (!isGtin(gtin)) return null;
  const after = {};
  for (let place = at + 2; place + 1 < steps.length; place += 2) after[steps[place]] = steps[place + 1];
  return { gtin: gtin14(gtin), lot: after[21] ?? after[10] ?? address.searchParams.get("10") ?? null };
}

// "(01)09520000000011(10)L-7", or as a scanner sends it: with or without symbology "]C1", FNC1 as GS.
function fromElements(text) {
  let rest = text.replace(/^\](C1|d2|Q3|e0)/, "");
  const found = {};
  if (rest.startsWith("(")) {
    for (const [, ai, value] of rest.matchAll(/\((\d{2,4})\)([^(]*)/g)) found[ai] = value;
  } else if (/^(01|02)\d{14}/.test(rest)) {
    while (rest) {
      const ai = rest.slice(0, 2);
      const length = FIXED[ai] ?? rest.slice(2).split(SEPARATOR, 1)[0].length;
      found[ai] = rest.slice(2, 2 + length);
      rest = rest.slice(2 + length).replace(/^\u001d/, "");
    }
  }
  const gtin = found["01"];
  if (!gtin || gtin.length !== 14 || !checks(gtin)) return null;
  return { gtin, lot: found[21] ?? found[10] ?? null, due: found[17] ?? found[15] ?? null };
}

// A label of our own scale, 13 digits: seven that stand for an article, five of price or weight, and
// the check digit. labels: [{starts, sku, value: "minor" | "grams"}].
function fromLabel(text, labels) {
  if (!/^\d{13}$/.test(text) || !checks(text)) return null;
  const label = labels.find((each) => text.startsWith(each.starts));
  if (!label) return null;
  const value = Number(text.slice(7, 12));
  return label.value === "grams" ? { sku: label.sku, grams: value } : { sku: label.sku, label_minor: value };
}

// {kind: "item" | "customer" | "receipt" | "text" | "wrong", times, …}
export function read(text, { labels = [], receipts = /^$/ } = {}) {
  const [, times, code] = TIMES.exec(text) ?? [null, "1", text];
  const what = meaning(code.trim(), labels, receipts);
  return { times: Math.max(1, Number(times)), code: code.trim(), ...what };
}

function meaning(code, labels, receipts) {
  if (code.startsWith("V0;") || receipts.test(code)) return { kind: "receipt" };
  const marked = fromLink(code) ?? fromElements(code) ?? fromLabel(code, labels);
  if (marked) return { kind: "item", ...marked };
  if (isGtin(code)) return { kind: "item", gtin: gtin14(code) };
  const number = customerNumber(code);
  if (number) return { kind: "customer", number };
  if (/^(\d{8}|\d{12,14})$/.test(code)) return { kind: "wrong" };
  return { kind: "text" };
}
