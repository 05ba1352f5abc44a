// The shop's own behaviours. Each does without itself: the page works when this never loads.

// A film is fetched when it is asked for, not before: <a data-film="ID"> opens the player in place.
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-film]");
  if (!opener || event.metaKey || event.ctrlKey) return;
  const film = document.getElementById(opener.dataset.film);
  if (!film) return;
  event.preventDefault();
  film.hidden = false;
  const video = film.querySelector("video");
  if (video.dataset.poster) video.poster = video.dataset.poster;
  for (const source of video.querySelectorAll("[data-src]")) source.src = source.dataset.src;
  if (!video.currentSrc) video.load();
  video.focus();
  video.play().catch(() => {});
  opener.setAttribute("aria-expanded", "true");
});

// Chapters of the film: <a data-at="42"> jumps.
document.addEventListener("click", (event) => {
  const chapter = event.target.closest("[data-at]");
  const video = chapter?.closest("[data-player]")?.querySelector("video");
  if (!video) return;
  event.preventDefault();
  video.currentTime = Number(chapter.dataset.at);
  video.play().catch(() => {});
});

// Suggestions come with the first look into the search field, not with the page.
const search = document.querySelector("form[data-suggest]");
search?.addEventListener(
  "focusin",
  () => import(search.dataset.suggestModule).then((module) => module.suggestFor(search)),
  { once: true },
);

// A picture opens over the page; without this its link leads to the picture itself.
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-zoom]");
  if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  import(link.dataset.zoom)
    .then((module) => module.zoom(link, link.dataset.zoomClose))
    .catch(() => location.assign(link.href));
});
