// Words without what people leave out when they type: case, accents, hyphens; ä is ae and a.

const LONG = { ä: "ae", ö: "oe", ü: "ue", ß: "ss" };

export function folded(text) {
  return text
    .toLowerCase()
    .replace(/[äöüß]/g, (letter) => LONG[letter])
    .normalize("NFD")
    .replace(/[\u0300-\u036f]/g, "")
    .replace(/[^a-z0-9]+/g, " ")
    .trim();
}
