// The list of areas is longer than most screens: the one that is open is brought into sight, at the
// side on a desk, in the strip above on a phone. The page itself does not move.

const here = document.querySelector(".office__nav [aria-current]");
const scrolls = (box) => box.scrollHeight > box.clientHeight || box.scrollWidth > box.clientWidth;
for (const box of here ? [here.closest(".office__side"), here.closest(".office__nav")].filter(scrolls) : []) {
  const outer = box.getBoundingClientRect();
  const inner = here.getBoundingClientRect();
  if (inner.bottom > outer.bottom) box.scrollTop += inner.bottom - outer.bottom + inner.height;
  if (inner.right > outer.right) box.scrollLeft += inner.left - outer.left - inner.height;
}
