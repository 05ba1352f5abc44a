"""`make audit-web` looks at every template of the shop, and at nothing that shows another one."""

import ast
import inspect
import re
import sys
from pathlib import Path

from flask import Flask

from bench import audit_pages, audit_states, audit_troubles
from bench.audit_pages import ALWAYS

TEMPLATES = Path(__file__).parents[2] / "app" / "templates"
STOREFRONT = TEMPLATES / "storefront"
_USED = re.compile(r'{%-?\s*(?:include|extends|from|import)\s+"([^"]+)"')
# Fragments that a script asks for; tests/browser/test_suggestions.py looks at it.
FRAGMENTS = {"suggestions"}


def pages() -> set[str]:
    """Return the templates that are pages: those that no other template is made of."""
    files = [*STOREFRONT.rglob("*.html"), TEMPLATES / "community" / "card.html"]
    texts = [file.read_text("utf-8") for file in TEMPLATES.rglob("*.html")]
    parts = {name for text in texts for name in _USED.findall(text)}
    whole = [file for file in files if file.relative_to(TEMPLATES).as_posix() not in parts]
    return {_name(file) for file in whole} | {"../errors/page"}


def _name(file: Path) -> str:
    if file.is_relative_to(STOREFRONT):
        return file.relative_to(STOREFRONT).with_suffix("").as_posix()
    return "../" + file.relative_to(TEMPLATES).with_suffix("").as_posix()


def looked_at() -> set[str]:
    """Return the templates that the places of the audit name."""
    named = set(audit_states._ACCOUNT.values())
    for module in (audit_pages, audit_states, audit_troubles):
        for node in ast.walk(ast.parse(inspect.getsource(module))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Place":
                third = node.args[2]
                named |= {third.value} if isinstance(third, ast.Constant) else set()
    return named


def test_no_template_of_the_shop_is_without_a_state() -> None:
    assert looked_at() - pages() == set()
    assert pages() - looked_at() == FRAGMENTS


def test_every_place_is_answered_by_a_view_that_knows_its_template(app: Flask) -> None:
    routes = app.url_map.bind("")
    for place in ALWAYS:
        if place.template == "../errors/page":
            continue
        endpoint, _ = routes.match(place.path.partition("?")[0])
        module = sys.modules[inspect.unwrap(app.view_functions[endpoint]).__module__]
        assert f'"storefront/{place.template}.html"' in inspect.getsource(module), place.name
