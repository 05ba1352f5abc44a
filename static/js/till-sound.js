// Two sounds: a short high one for "taken", a low double one for "not known". F9 turns them off.

import { byId, say } from "./till-page.js";
import { keep, state } from "./till-store.js";

let context = null;

function tone(hertz, start, seconds) {
  const swing = context.createOscillator();
  const volume = context.createGain();
  swing.type = hertz < 400 ? "square" : "sine";
  swing.frequency.value = hertz;
  volume.gain.setValueAtTime(0.12, context.currentTime + start);
  volume.gain.exponentialRampToValueAtTime(0.001, context.currentTime + start + seconds);
  swing.connect(volume).connect(context.destination);
  swing.start(context.currentTime + start);
  swing.stop(context.currentTime + start + seconds);
}

function play(...tones) {
  if (!state.sound || !window.AudioContext) return;
  context ??= new AudioContext();
  // A browser keeps quiet until a person has pressed something; a scanner's keys count.
  context.resume().catch(() => {});
  for (const [hertz, start, seconds] of tones) tone(hertz, start, seconds);
}

export const taken = () => play([1320, 0, 0.07]);
export const unknown = () => play([210, 0, 0.16], [170, 0.2, 0.22]);
export const paid = () => play([880, 0, 0.09], [1320, 0.09, 0.14]);

function label() {
  const button = byId("sound");
  button.setAttribute("aria-pressed", String(state.sound));
  button.querySelector("span").textContent = say(state.sound ? "soundOn" : "soundOff");
}

export function start() {
  label();
  byId("sound").addEventListener("click", () => {
    keep({ sound: !state.sound });
    label();
    taken();
  });
}
