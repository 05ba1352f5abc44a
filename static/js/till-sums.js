// Sums in whole cents, rounded as the books round (kit/money.py). Nothing here knows a page.

const half = (top, bottom) => {
  // Half away from zero, exact beyond 2^53: amounts times weights get large.
  const [over, under] = [BigInt(top), BigInt(bottom)];
  const sign = over < 0n ? -1n : 1n;
  return Number((sign * (2n * sign * over + under)) / (2n * under));
};

export const share = (amount, basisPoints) => half(BigInt(amount) * BigInt(basisPoints), 10_000);

export const vatWithin = (gross, basisPoints) =>
  half(BigInt(gross) * BigInt(basisPoints), 10_000 + basisPoints);

// Split an amount by weights, largest remainder first; the parts add up exactly.
export function allocate(amount, weights) {
  const total = weights.reduce((sum, weight) => sum + BigInt(weight), 0n);
  const products = weights.map((weight) => BigInt(amount) * BigInt(weight));
  const parts = products.map((product) => Number(product / total));
  const rest = products.map((product) => product % total);
  const order = weights.map((_, place) => place);
  order.sort((one, other) => (rest[one] === rest[other] ? one - other : rest[other] > rest[one] ? 1 : -1));
  const missing = amount - parts.reduce((sum, part) => sum + part, 0);
  for (const place of order.slice(0, missing)) parts[place] += 1;
  return parts;
}

// What cash is asked for where the smallest coin is 5 cents; 1 changes nothing.
export const rounded = (amount, coin) => half(amount, coin) * coin;

// "50", "50,00", "12.5" → minor units; null for anything else.
export function amountOf(text) {
  const parts = /^(\d{1,7})(?:[.,](\d{1,2}))?\s*€?$/.exec(text.trim());
  return parts && Number(parts[1]) * 100 + Number((parts[2] ?? "").padEnd(2, "0"));
}

// VAT contained in lines, per rate: [{rate_basis_points, gross_minor, vat_minor}], highest first.
export function vatOf(lines) {
  const gross = new Map();
  for (const line of lines) {
    gross.set(line.vat_basis_points, (gross.get(line.vat_basis_points) ?? 0) + line.line_minor);
  }
  return [...gross]
    .sort(([one], [other]) => other - one)
    .map(([rate, sum]) => ({ rate_basis_points: rate, gross_minor: sum, vat_minor: vatWithin(sum, rate) }));
}
