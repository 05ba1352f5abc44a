// Finding an article by what a scanner has read: in the till's own catalog, and where that has not
// heard of it yet, at the server.

import { NoAnswer, get, inPath, net } from "./till-api.js";
import { sync } from "./till-catalog.js";
import * as index from "./till-index.js";

// An article from the catalog; one that the till has not heard of yet is asked for.
export async function find(read) {
  const known = local(read);
  if (known || read.kind !== "item" || !net.up) return known;
  try {
    await get(`/items/${inPath(read.sku ?? read.gtin)}`);
    await sync();
  } catch (error) {
    if (error instanceof NoAnswer) return null;
    throw error;
  }
  return local(read);
}

function local({ sku, gtin, code }) {
  return (sku && index.bySku(sku)) || (gtin && index.byGtin(gtin)) || index.bySkuTyped(code);
}
