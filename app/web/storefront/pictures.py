"""Addresses of pictures in the media folder."""

from flask import url_for


def address(path: str | None) -> str | None:
    """Return the address of a file below the media folder; None where there is none."""
    return None if path is None else url_for("media", name=path)
