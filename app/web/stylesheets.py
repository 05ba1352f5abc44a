"""One stylesheet per surface, put together from the files that people edit.

`static/css` holds small files (tokens, base, components, goods, one per surface, print). A page
asks for all of its files at once; the address carries a hash of the contents, so that browsers may
keep it for a year and still see every change.
"""

import hashlib
from functools import lru_cache
from pathlib import Path

from flask import Flask, Response, abort, current_app, g, url_for

SHARED = ("tokens", "base", "components", "goods")
SURFACES = ("shop", "office", "till", "floor", "plain")
# A surface whose own styles stand in several files; the others have the file of their name.
PARTS = {
    "plain": (),
    "shop": ("shop", "search", "offer", "account"),
    "office": ("office", "office-plans", "office-setup", "office-offers", "office-desk"),
}
_YEAR = 31_536_000


def init(app: Flask) -> None:
    """Serve the stylesheets, and give templates `stylesheet(surface)`: its address."""
    app.add_url_rule("/stil/<surface>-<digest>.css", endpoint="stylesheet", view_func=_serve)
    app.jinja_env.globals["stylesheet"] = address
    app.jinja_env.globals["icons_file"] = _icons


def address(surface: str) -> str:
    """Return the address of a surface's stylesheet as its files are now."""
    digest, _ = _sheet(surface)
    return url_for("stylesheet", surface=surface, digest=digest)


def _icons() -> str:
    """Return the address of the file of icons; a page asks for it dozens of times."""
    known: str | None = g.get("icons_file")
    if known is None:
        known = g.icons_file = url_for("static", filename="icons.svg")
    return known


def _serve(surface: str, digest: str) -> Response:
    if surface not in SURFACES:
        abort(404)
    current, text = _sheet(surface)
    answer = Response(text, mimetype="text/css")
    if digest == current:
        answer.headers["Cache-Control"] = f"public, max-age={_YEAR}, immutable"
    return answer


def _sheet(surface: str) -> tuple[str, str]:
    folder = Path(str(current_app.static_folder)) / "css"
    names = [*SHARED, *PARTS.get(surface, (surface,)), "print"]
    files = [folder / f"{name}.css" for name in names]
    root = f"{current_app.static_url_path}/"
    return _joined(tuple((str(file), file.stat().st_mtime_ns) for file in files), root)


@lru_cache(maxsize=16)
def _joined(files: tuple[tuple[str, int], ...], root: str) -> tuple[str, str]:
    """Return hash and text of the files; their times are part of the key, so edits are seen."""
    texts = [Path(name).read_text("utf-8") for name, _ in files]
    texts[-1] = f"@media print {{\n{texts[-1]}}}\n"
    text = "\n".join(texts).replace('url("../', f'url("{root}')
    return hashlib.sha256(text.encode()).hexdigest()[:12], text
