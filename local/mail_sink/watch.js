// Shows new mails without a reload by hand: asks every two seconds, replaces the list when it grew.
const script = document.currentScript;
let known = Number(script.dataset.count);

async function look() {
  const query = location.search;
  const mails = await (await fetch(`/messages.json${query}`)).json();
  if (mails.length !== known) {
    const fresh = new DOMParser().parseFromString(await (await fetch(`/${query}`)).text(), "text/html");
    for (const part of ["#list", "h1"]) {
      document.querySelector(part).replaceWith(document.adoptNode(fresh.querySelector(part)));
    }
    known = mails.length;
  }
}

setInterval(() => {
  if (!document.hidden) look().catch(() => {});
}, 2000);
