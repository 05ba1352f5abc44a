"""What the till keeps on the device, each file by the hash of its content, and its service worker.

The list stands in the worker's own text. So the browser sees a new worker as soon as any file has
changed, fetches only what is new, and the till goes over to all of it at once.
"""

import hashlib
import json
from functools import lru_cache
from pathlib import Path

from flask import current_app, url_for

from app.web import stylesheets

_IMAGES = ("img/kontor.svg", "img/kontor-night.svg", "img/till-192.png", "icons.svg")
_FONTS = ("fonts/hanken-grotesk.woff2", "fonts/source-serif-4.woff2")
_WORKER = "till-worker.js"


def worker(home: str, page: str) -> str:
    """Return the service worker's text.

    Args:
        home: the till's address, which is kept as well.
        page: what stands there.
    """
    kept = {home: _hash(page.encode()), **_files()}
    script = (_static() / "js" / _WORKER).read_text("utf-8")
    return f"const HOME = {json.dumps(home)};\nconst KEPT = {json.dumps(kept, indent=1)};\n{script}"


def _static() -> Path:
    return Path(str(current_app.static_folder))


def _files() -> dict[str, str]:
    """Return address → hash of every file that the till needs to start."""
    scripts = sorted(_static().glob("js/till*.js"))
    names = [f"js/{file.name}" for file in scripts if file.name != _WORKER]
    names += ["js/kontor.js", "js/signing.js", *_IMAGES, *_FONTS]
    found = {url_for("static", filename=name): _of_file(_static() / name) for name in names}
    style = stylesheets.address("till")
    # A stylesheet's address carries its hash already.
    return {**found, style: style.rsplit("-", 1)[-1].partition(".")[0]}


def _of_file(file: Path) -> str:
    return _read(str(file), file.stat().st_mtime_ns)


@lru_cache(maxsize=256)
def _read(name: str, _changed: int) -> str:
    return _hash(Path(name).read_bytes())


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]
