// A signature on the glass: strokes on a canvas, kept as an SVG path, "M12 30L14 33…".

const LONGEST = 19_000;

// Returns {path(), clear()}; `changed` is told the path after each stroke's step.
export function pad(canvas, changed = () => {}) {
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
    changed(path);
  };

  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    drawing = true;
    style();
    step("M", at(event));
  });
  canvas.addEventListener("pointermove", (event) => drawing && step("L", at(event)));
  for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, () => (drawing = false));

  const clear = () => {
    pen.clearRect(0, 0, canvas.width, canvas.height);
    path = "";
    changed(path);
  };
  return { path: () => path, clear };
}
