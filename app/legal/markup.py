"""The small markup of the legal texts: headings, paragraphs, lists, links, a form in a box.

``## heading`` · ``- item`` · ``> line of a form`` · ``[text](/address)`` · a blank line ends a
paragraph. Everything else is text; no HTML gets through.
"""

import re
from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

_LINK = re.compile(r"\[([^\]]+)\]\((/[^)\s]*|https://[^)\s]+|mailto:[^)\s]+)\)")

Part = dict[str, Any]


def parts(body: str) -> list[Part]:
    """Return a text as parts: ``{kind: heading | text | list | form, …}``."""
    found: list[Part] = []
    for block in re.split(r"\n\s*\n", body.strip()):
        lines = [line.rstrip() for line in block.strip().splitlines()]
        if not lines:
            continue
        if lines[0].startswith("## "):
            found.append({"kind": "heading", "text": lines[0][3:].strip()})
            lines = lines[1:]
        if lines:
            found.append(_part(lines))
    return found


def _part(lines: Sequence[str]) -> Part:
    if all(line.startswith("- ") for line in lines):
        return {"kind": "list", "items": [line[2:].strip() for line in lines]}
    if all(line.startswith(">") for line in lines):
        return {"kind": "form", "lines": [line[1:].strip() for line in lines]}
    return {"kind": "text", "text": "\n".join(lines)}


def html(body: str, prefix: str = "") -> Markup:
    """Return a text as HTML; everything but the markup is escaped.

    Args:
        prefix: goes before addresses of this shop, e.g. ``/en``.
    """
    return Markup("\n").join(_html(part, prefix) for part in parts(body))


def _html(part: Part, prefix: str) -> Markup:
    if part["kind"] == "heading":
        return Markup("<h2>{}</h2>").format(part["text"])
    if part["kind"] == "list":
        items = [Markup("<li>{}</li>").format(_inline(one, prefix)) for one in part["items"]]
        return Markup("<ul>{}</ul>").format(Markup("").join(items))
    if part["kind"] == "form":
        lines = [Markup("<p>{}</p>").format(_inline(one, prefix)) for one in part["lines"]]
        return Markup('<div class="card stack gap-s">{}</div>').format(Markup("").join(lines))
    return Markup("<p>{}</p>").format(_inline(part["text"], prefix))


def _inline(text: str, prefix: str) -> Markup:
    done, at = Markup(""), 0
    for found in _LINK.finditer(text):
        done += _broken(text[at : found.start()])
        address = prefix + found[2] if found[2].startswith("/") else found[2]
        done += Markup('<a href="{}">{}</a>').format(address, found[1])
        at = found.end()
    return done + _broken(text[at:])


def _broken(text: str) -> Markup:
    return Markup("<br>\n").join(text.split("\n"))


def plain(body: str) -> list[Part]:
    """Return a text as parts for paper: links say what they are called."""
    return [
        {
            **part,
            **{name: _LINK.sub(r"\1", part[name]) for name in ("text",) if name in part},
            **{
                name: [_LINK.sub(r"\1", one) for one in part[name]]
                for name in ("items", "lines")
                if name in part
            },
        }
        for part in parts(body)
    ]
