// A thermal printer at the till's own USB: chosen once, then every receipt goes there as bytes. Where
// there is none, or nobody answers, the browser prints.

import { get, inPath, net } from "./till-api.js";
import { byId, say, tell } from "./till-page.js";

const PRINTERS = { filters: [{ classCode: 7 }] };
let printer = null;

export const supported = () => "usb" in navigator;

// The way out of the device: its first bulk endpoint for printing.
async function open(device) {
  await device.open();
  if (!device.configuration) await device.selectConfiguration(1);
  for (const { interfaceNumber, alternate } of device.configuration.interfaces) {
    const out = alternate.endpoints.find(({ direction, type }) => direction === "out" && type === "bulk");
    if (alternate.interfaceClass !== 7 || !out) continue;
    await device.claimInterface(interfaceNumber);
    printer = { device, endpoint: out.endpointNumber };
    return true;
  }
  return false;
}

async function choose() {
  try {
    const device = await navigator.usb.requestDevice(PRINTERS);
    tell((await open(device)) ? say("printerReady") : say("printerUnfit"), "ok");
  } catch {
    tell(say("printerUnfit"));
  }
}

// Returns whether the receipt is on paper.
export async function print(saleId) {
  if (!printer || !net.up) return false;
  try {
    const { escpos } = await get(`/receipts/${inPath(saleId)}/print`);
    const bytes = Uint8Array.from(atob(escpos), (letter) => letter.charCodeAt(0));
    await printer.device.transferOut(printer.endpoint, bytes);
    return true;
  } catch {
    return false;
  }
}

export function start() {
  byId("printer").hidden = !supported();
  if (!supported()) return;
  byId("printer").addEventListener("click", choose);
  navigator.usb.getDevices().then(([known]) => known && open(known).catch(() => {}));
}
