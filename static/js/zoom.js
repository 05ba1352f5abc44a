// A picture over the page, as large as the window; a press makes it larger and back. Esc closes.

export function zoom(link, label) {
  const dialog = document.createElement("dialog");
  dialog.className = "lens";
  dialog.setAttribute("aria-label", link.querySelector("img")?.alt ?? "");
  const close = document.createElement("button");
  close.className = "btn btn--quiet lens__close";
  close.textContent = label;
  const view = document.createElement("div");
  view.className = "lens__view";
  view.tabIndex = 0;
  const picture = document.createElement("img");
  picture.src = link.href;
  picture.alt = link.querySelector("img")?.alt ?? "";
  view.append(picture);
  dialog.append(close, view);
  document.body.append(dialog);

  const toggle = (x, y) => {
    const large = view.classList.toggle("lens__view--large");
    if (!large) return;
    view.scrollLeft = x * view.scrollWidth - view.clientWidth / 2;
    view.scrollTop = y * view.scrollHeight - view.clientHeight / 2;
  };
  picture.addEventListener("click", (event) => {
    const box = picture.getBoundingClientRect();
    toggle((event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
  });
  view.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === "+" || event.key === "-") toggle(0.5, 0.5);
  });
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => {
    dialog.remove();
    link.focus();
  });
  dialog.showModal();
  view.focus();
}
