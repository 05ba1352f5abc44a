// Who signs out takes along what the device has kept of pages: names and addresses stand on them.
// Steps that wait stay, for the same person's next time.

document.addEventListener("submit", (event) => {
  if (event.target.action.endsWith("/sign-out")) navigator.serviceWorker?.controller?.postMessage("forget");
});
