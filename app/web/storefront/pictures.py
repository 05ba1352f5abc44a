"""Addresses of pictures: goods in the media folder, drawn scenes among the static files."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from flask import current_app, url_for

from app.i18n import current_language
from catalog.views import ItemView


@dataclass(frozen=True)
class Picture:
    """A picture of an item: its address, and in words what is seen."""

    src: str
    alt: str


def address(path: str | None) -> str | None:
    """Return the address of a file below the media folder; None where there is none."""
    return None if path is None else url_for("media", name=path)


def of_item(item: ItemView) -> list[Picture]:
    """Return all pictures of an item, the one that stands for it first."""
    if item.picture is None:
        return []
    language = current_language()
    title = item.title(language)
    first = Picture(url_for("media", name=item.picture), title)
    more = [
        Picture(url_for("media", name=one["path"]), f"{title}: {one.get(language, '')}")
        for one in item.pictures
    ]
    return [first, *more]


def shelf(slug: str) -> str | None:
    """Return the address of a category's tile; None where nobody has drawn one."""
    name = f"img/scenes/shelf-{slug}.svg"
    folder = current_app.static_folder
    if folder is None or not _exists(f"{folder}/{name}"):
        return None
    return url_for("static", filename=name)


@cache
def _exists(path: str) -> bool:
    return Path(path).is_file()
