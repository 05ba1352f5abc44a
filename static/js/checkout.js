// The town follows from the postal code. What somebody has typed stands; without this the server does
// it. Several towns with one code are offered as a list.
const code = document.getElementById("f-postal_code");
const town = document.getElementById("f-city");

if (code && town) {
  const list = document.createElement("datalist");
  list.id = "towns";
  town.after(list);
  town.setAttribute("list", list.id);
  let filled = town.value;

  code.addEventListener("input", async () => {
    if (!/^\d{5}$/.test(code.value.trim())) return;
    try {
      const answer = await fetch(`${code.dataset.towns}?plz=${code.value.trim()}`);
      if (!answer.ok) return;
      const { towns } = await answer.json();
      list.replaceChildren(...towns.map((name) => new Option(name, name)));
      if (town.value === "" || town.value === filled) {
        town.value = towns.length === 1 ? towns[0] : "";
        filled = town.value;
        // Who is already there types over it.
        if (document.activeElement === town) town.select();
      }
    } catch {
      // No answer is no harm: the field is typed by hand.
    }
  });
}
