// Suggestions while somebody types: fetched as a piece of a page, moved through with the arrow keys.
// Without this the search field is a plain form, and that is enough to find things.

const WAIT = 120;
const LEAST = 2;

export function suggestFor(form) {
  const input = form.querySelector("input[name=q]");
  const box = document.createElement("div");
  box.className = "suggestions";
  box.hidden = true;
  const status = document.createElement("p");
  status.className = "sr";
  status.setAttribute("role", "status");
  form.append(box, status);
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-expanded", "false");
  input.setAttribute("aria-controls", "suggestions");

  let timer;
  let asking;
  let asked = "";

  const options = () => [...box.querySelectorAll("[role=option]")];
  const active = () => box.querySelector("[aria-selected=true]");

  function choose(option) {
    active()?.setAttribute("aria-selected", "false");
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) input.setAttribute("aria-activedescendant", option.id);
    else input.removeAttribute("aria-activedescendant");
  }

  function show(open) {
    box.hidden = !open;
    input.setAttribute("aria-expanded", String(open));
    if (!open) choose(null);
  }

  async function ask() {
    const text = input.value.trim();
    if (text === asked) {
      show(options().length > 0);
      return;
    }
    asking?.abort();
    asked = text;
    if (text.length < LEAST) {
      box.replaceChildren();
      show(false);
      return;
    }
    asking = new AbortController();
    try {
      const address = `${form.dataset.suggest}?q=${encodeURIComponent(text)}`;
      const answer = await fetch(address, { signal: asking.signal });
      if (!answer.ok) throw new Error(answer.status);
      box.innerHTML = await answer.text();
      show(options().length > 0 && document.activeElement === input);
      status.textContent = box.hidden ? "" : form.dataset.suggestCount.replace("0", options().length);
    } catch (error) {
      // A list that does not come is no reason to disturb anybody: the form still searches.
      if (error.name !== "AbortError") show(false);
    }
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT);
  });
  input.addEventListener("focus", () => show(options().length > 0 && input.value.trim() === asked));
  form.addEventListener("focusout", (event) => {
    if (!form.contains(event.relatedTarget)) show(false);
  });
  // The field keeps the focus while a suggestion is pressed; the link is followed all the same.
  box.addEventListener("mousedown", (event) => event.preventDefault());
  form.addEventListener("submit", () => clearTimeout(timer));

  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !box.hidden) {
      event.preventDefault();
      show(false);
      return;
    }
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const several = options();
      if (!several.length) return;
      event.preventDefault();
      if (box.hidden) show(true);
      const step = event.key === "ArrowDown" ? 1 : -1;
      // One place more than there are options: the field itself.
      const next = (several.indexOf(active()) + 1 + step + several.length + 1) % (several.length + 1);
      choose(next === 0 ? null : several[next - 1]);
      return;
    }
    if (event.key === "Enter" && !box.hidden && active()) {
      event.preventDefault();
      location.assign(active().href);
    }
  });
  ask();
}
