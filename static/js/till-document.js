// A sale as the server is told it, and as the till keeps and prints it.

import { net } from "./till-api.js";
import { byId } from "./till-page.js";
import * as people from "./till-people.js";
import * as session from "./till-session.js";
import { state } from "./till-store.js";
import { vatOf } from "./till-sums.js";

function soldLine(line, place) {
  const { lot = null, discount = null, age_checked = null, home = false } = state.lines[place] ?? {};
  return {
    sku: line.sku,
    quantity: line.quantity,
    unit_minor: line.unit_minor,
    promotions: line.promotions.map(({ ref, amount_minor }) => ({ ref, amount_minor })),
    lot,
    ...(home ? { home } : {}),
    // For goods that the books know no more when the sale reaches them.
    title: line.title,
    vat_basis_points: line.vat_basis_points,
    ...(discount ? { discount: { ...discount, amount_minor: line.own_discount_minor } } : {}),
    ...(age_checked === null ? {} : { age_checked }),
  };
}

// What it is stands there too, for a receipt that nobody finds when it comes to be booked.
const BACK = ["order_ref", "line_id", "quantity", "amount_minor", "disposition", "reason", "sku", "title", "vat_basis_points"]; // prettier-ignore
const backLine = (line) => Object.fromEntries(BACK.map((name) => [name, line[name]]));

// Where goods are sent, and what the basket was before it came to this till.
function beyond() {
  const { send, from } = state;
  const known = Object.entries(from ?? {}).filter(([, value]) => value);
  if (!send || !state.lines.some((line) => line.home)) return Object.fromEntries(known);
  const { shipping_minor, ...address } = send;
  return { ...Object.fromEntries(known), send: address, shipping_minor };
}

export function documentOf(quote, tenders, soldAt) {
  const facts = {
    sale_id: state.sale_id,
    lines: quote.lines.map(soldLine),
    tenders: tenders.map(({ shown, ...tender }) => tender),
    customer_number: quote.customer?.number ?? null,
    promotion_code: state.code,
    started_at: state.started_at,
    sold_at: soldAt,
    offline: !net.up,
  };
  if (state.refused.length) facts.age_refused = state.refused.map(({ sku }) => sku);
  if (state.returns.length) facts.returns = state.returns.map(backLine);
  if (session.current()) ({ session_id: facts.session_id } = session.current());
  if (state.person) facts.cashier = state.person;
  return { ...facts, ...beyond() };
}

// Carriage is taxed like the largest part of what is sent (UStAE 3.10 (5)).
function carriage(lines, shipping) {
  if (!shipping) return [];
  const sent = vatOf(lines.filter(({ home }) => home));
  const main = sent.reduce((most, each) => (each.gross_minor > most.gross_minor ? each : most));
  return [{ vat_basis_points: main.rate_basis_points, line_minor: shipping }];
}

export function receiptOf(quote, tenders, facts) {
  const returns = state.returns.map((line) => ({ ...line, line_minor: -line.amount_minor }));
  const { list_minor, total_minor, refund_minor, due_minor, points, shipping_minor } = quote;
  const lines = quote.lines.map((line, place) => (state.lines[place]?.home ? { ...line, home: true } : line));
  return {
    sale_id: facts.sale_id,
    collected: facts.collection?.ref ?? null,
    session_id: facts.session_id ?? null,
    place: byId("till-name").textContent,
    served_by: people.nameOf(state.person),
    started_at: facts.started_at,
    sold_at: facts.sold_at,
    offline: facts.offline,
    lines,
    returns,
    tenders: tenders.map(({ code, ...tender }) => tender),
    vat: vatOf([...lines, ...returns, ...carriage(lines, shipping_minor)]),
    customer: quote.customer,
    ...{ list_minor, total_minor, refund_minor, due_minor, points, shipping_minor },
  };
}
