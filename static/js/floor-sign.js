// A signature on the glass: strokes as an SVG path, "M12 30L14 33…".

const canvas = document.getElementById("sign");
const field = document.getElementById("signature");
const LONGEST = 19_000;

if (canvas) {
  const pen = canvas.getContext("2d");
  let path = "";
  let drawing = false;

  const style = () => {
    pen.lineWidth = 3;
    pen.lineCap = "round";
    pen.strokeStyle = getComputedStyle(canvas).color;
  };
  const at = (event) => {
    const frame = canvas.getBoundingClientRect();
    return [
      Math.round(((event.clientX - frame.left) / frame.width) * canvas.width),
      Math.round(((event.clientY - frame.top) / frame.height) * canvas.height),
    ];
  };
  const step = (kind, [x, y]) => {
    if (path.length > LONGEST) return;
    path += `${kind}${x} ${y}`;
    if (kind === "M") {
      pen.beginPath();
      pen.moveTo(x, y);
    } else {
      pen.lineTo(x, y);
      pen.stroke();
    }
    field.value = path;
  };

  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    drawing = true;
    style();
    step("M", at(event));
  });
  canvas.addEventListener("pointermove", (event) => drawing && step("L", at(event)));
  for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, () => (drawing = false));
  document.getElementById("sign-clear").addEventListener("click", () => {
    pen.clearRect(0, 0, canvas.width, canvas.height);
    path = field.value = "";
  });
}
