// The receipt by mail, where the customer wants it so. Sent from the queue, as everything else.

import * as outbox from "./till-outbox.js";
import { byId, say } from "./till-page.js";
import { newId, state } from "./till-store.js";

function open() {
  byId("mail-address").value = byId("mail-message").textContent = "";
  byId("mail").showModal();
}

async function send(event) {
  event.preventDefault();
  const email = byId("mail-address").value.trim();
  if (!/^\S+@\S+\.\S+$/.test(email)) {
    byId("mail-message").textContent = say("noMail");
    return;
  }
  const id = newId();
  byId("mail").close();
  await outbox.send("mail", "/receipt-mails", { mail_id: id, sale_id: state.shown, email }, { id: `mail/${id}` });
  byId("done-detail").textContent = say("mailed", { email });
}

export function start() {
  byId("mail-open").addEventListener("click", open);
  byId("mail-form").addEventListener("submit", send);
}
