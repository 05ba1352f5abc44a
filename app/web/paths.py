"""Where a form may send somebody next: only to a path of this shop."""

from urllib.parse import urlsplit


def within(target: str | None) -> str | None:
    """Return a path of this shop; an address that leads elsewhere is dropped."""
    if not target:
        return None
    # Browsers read "///host" and "/\\host" as another host, and drop tabs and line breaks first.
    if not target.startswith("/") or target.startswith("//") or not target.isprintable():
        return None
    parts = urlsplit(target)
    inside = not parts.scheme and not parts.netloc and "\\" not in target
    return target if inside else None
