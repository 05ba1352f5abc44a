// Handing over: the first scan clears the ticks, each scanned parcel gets its own again.

import { taken, unknown } from "./till-sound.js";

for (const field of document.querySelectorAll("[data-check]")) {
  let checking = false;
  const parcels = [...field.form.querySelectorAll("[data-code]")];
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    // As a scanner reads GS1-128: ]C1 in front, then the identifier 00 and 18 digits.
    const code = field.value.trim().replace(/^\]C1/, "").replace(/^\(?00\)?(?=\d{18}$)/, "");
    field.value = "";
    const found = parcels.find((each) => each.dataset.code === code || (code && each.dataset.number === code));
    if (!found) {
      unknown();
      navigator.vibrate?.([180, 80, 180]);
      return;
    }
    if (!checking) for (const each of parcels) each.querySelector("input").checked = false;
    checking = true;
    found.querySelector("input").checked = true;
    found.scrollIntoView({ block: "nearest" });
    taken();
  });
}
