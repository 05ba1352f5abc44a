// The phone's camera as a scanner, where the browser reads codes itself (BarcodeDetector). Elsewhere
// there is no button for it. Pictures stay on the device; the camera is off as soon as it is not seen.

import { byId, focusScan, say, tell } from "./till-page.js";
import { submit } from "./till-scan.js";

const KINDS = ["ean_13", "ean_8", "upc_a", "upc_e", "code_128", "itf", "data_matrix", "qr_code"];
const PAUSE = 120;
// The same code stays in the picture after it was read; again it counts after a look elsewhere.
const ONCE_IN = 2000;
let detector = null;
let stream = null;
let last = { code: "", at: 0 };

async function reader() {
  if (!("BarcodeDetector" in window) || !navigator.mediaDevices?.getUserMedia) return null;
  const known = await window.BarcodeDetector.getSupportedFormats();
  const formats = KINDS.filter((kind) => known.includes(kind));
  return formats.includes("ean_13") ? new window.BarcodeDetector({ formats }) : null;
}

async function look() {
  const picture = byId("camera-picture");
  while (stream) {
    const [found] = await detector.detect(picture).catch(() => []);
    const code = found?.rawValue.trim();
    const again = code === last.code && performance.now() - last.at < ONCE_IN;
    if (code) last = { code, at: performance.now() };
    if (code && !again) take(code);
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}

// An article goes into the basket and the next may come; anything that asks something ends the looking.
async function take(code) {
  const open = [...document.querySelectorAll("dialog[open]")];
  if (open.some(({ id }) => id !== "camera")) return;
  await submit(code);
  byId("camera-read").textContent = byId("till-message").textContent;
  byId("camera-total").textContent = byId("total").textContent;
  if (document.querySelectorAll("dialog[open]").length > 1) byId("camera").close();
}

async function open() {
  const wanted = { audio: false, video: { facingMode: "environment", width: { ideal: 1280 } } };
  try {
    stream = await navigator.mediaDevices.getUserMedia(wanted);
  } catch {
    return tell(say("noCamera"));
  }
  last = { code: "", at: 0 };
  byId("camera-read").textContent = say("cameraReady");
  byId("camera-total").textContent = byId("total").textContent;
  byId("camera-picture").srcObject = stream;
  byId("camera").showModal();
  byId("camera-picture").play().catch(() => {});
  return look();
}

function close() {
  for (const track of stream?.getTracks() ?? []) track.stop();
  stream = null;
  byId("camera-picture").srcObject = null;
  focusScan();
}

// Whether this browser can do it shows at the start.
export async function ready() {
  detector = await reader().catch(() => null);
  byId("camera-open").hidden = !detector;
}

export function start() {
  byId("camera-open").addEventListener("click", open);
  byId("camera").addEventListener("close", close);
  document.addEventListener("visibilitychange", () => document.hidden && byId("camera").close());
  ready();
}
