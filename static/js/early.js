// Runs before the first paint, so that what needs scripts does not appear late and move things.
document.documentElement.classList.add("has-js");
