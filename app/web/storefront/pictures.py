"""Addresses of pictures: goods in the media folder, drawn scenes among the static files."""

from functools import cache
from pathlib import Path

from flask import current_app, url_for


def address(path: str | None) -> str | None:
    """Return the address of a file below the media folder; None where there is none."""
    return None if path is None else url_for("media", name=path)


def banner(slug: str) -> str | None:
    """Return the address of a category's banner; None where nobody has drawn one."""
    name = f"img/scenes/banner-{slug}.svg"
    folder = current_app.static_folder
    if folder is None or not _exists(f"{folder}/{name}"):
        return None
    return url_for("static", filename=name)


@cache
def _exists(path: str) -> bool:
    return Path(path).is_file()
