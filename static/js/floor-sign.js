// The signature of who fetches goods, in the form that is sent.

import { pad } from "./signing.js";

const canvas = document.getElementById("sign");
if (canvas) {
  const field = document.getElementById("signature");
  const signature = pad(canvas, (path) => (field.value = path));
  document.getElementById("sign-clear").addEventListener("click", signature.clear);
}
