"""What the documents say of the repository has to be there: links, files, functions, targets."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
GUIDES = sorted(
    [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *ROOT.glob("docs/*.md")]
)
DECISIONS = sorted(ROOT.glob("docs/adr/*.md"))
DOCUMENTS = [*GUIDES, *DECISIONS]
HEADINGS = [
    "## Context",
    "## Decision",
    "## Why",
    "## Consequences",
    "## What would change our mind",
]

_LINK = re.compile(r"\]\(([^)\s]+)\)")
_CODE = re.compile(r"`([^`]+)`")
_FILE = re.compile(
    r"^[\w./-]+\.(?:py|toml|md|js|css|svg|html|po|in|txt|csv|gz|cfg|mako|min\.js)(?:::\w+)?$"
)
_FOLDER = re.compile(r"^(?:[\w-]+/)+$")
_FENCE = re.compile(r"^ *```.*?^ *```", re.MULTILINE | re.DOTALL)
_MAKE = re.compile(r"\bmake ([a-z][a-z-]*)")
_NAMED_IN = re.compile(r"`(\w+)`\s+(?:in|of)\s+`([\w/.]+\.py)`")
# Made while the shop runs, or by whoever works on it.
_NOT_KEPT = {".demo/", ".venv/", "var/", "var/backups/", "var/logs/", "tests/.output/"}
FULFILMENT = sorted(str(p.relative_to(ROOT)) for p in (ROOT / "fulfilment").iterdir() if p.is_dir())
# A document of a folder speaks of the files of its folder.
_HOMES = {
    "design.md": ("static/css", "app/templates/layouts"),
    "ledger.md": ("fulfilment", *FULFILMENT, "tests/fulfilment"),
    "tour.md": ("fulfilment",),
    "routing.md": ("fulfilment/routing", "tests/fulfilment"),
    "search.md": ("catalog",),
}


def _named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _inline_code(document: Path) -> list[str]:
    text = _FENCE.sub("", document.read_text())
    assert text.count("`") % 2 == 0, "a backtick is open"
    return [" ".join(code.split()) for code in _CODE.findall(text)]


def _targets() -> set[str]:
    makefile = (ROOT / "Makefile").read_text()
    return set(re.findall(r"^([a-z][a-z-]*):", makefile, re.MULTILINE))


def _exists(name: str, document: Path) -> bool:
    places = [ROOT, document.parent]
    places += [ROOT / home for home in _HOMES.get(document.name, ())]
    return any((place / name).exists() for place in places)


def _paths(document: Path) -> Iterator[str]:
    for code in _inline_code(document):
        if _FILE.match(code) or (_FOLDER.match(code) and code not in _NOT_KEPT):
            yield code


@pytest.mark.parametrize("document", DOCUMENTS, ids=_named)
def test_every_relative_link_leads_somewhere(document: Path) -> None:
    links = [link for link in _LINK.findall(document.read_text()) if "://" not in link]
    broken = [link for link in links if not (document.parent / link.split("#")[0]).exists()]
    assert broken == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=_named)
def test_every_file_and_folder_that_is_named_exists(document: Path) -> None:
    assert [name for name in _paths(document) if not _exists(name, document)] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=_named)
def test_every_function_is_where_the_text_says(document: Path) -> None:
    text = " ".join(document.read_text().split())
    wrong = [
        (name, file)
        for name, file in _NAMED_IN.findall(text)
        if not re.search(rf"\b{name}\b", (ROOT / file).read_text())
    ]
    assert wrong == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=_named)
def test_every_make_target_that_is_named_exists(document: Path) -> None:
    code = "\n".join([*_inline_code(document), *_FENCE.findall(document.read_text())])
    assert sorted(set(_MAKE.findall(code)) - _targets()) == []


def test_every_decision_is_in_the_index_under_its_own_title() -> None:
    index = (ROOT / "docs/README.md").read_text()
    listed = re.findall(r"^\| \[(\d{4})\]\(adr/([\w-]+\.md)\) \| (.+) \|$", index, re.MULTILINE)
    kept = []
    for path in DECISIONS:
        title = path.read_text().splitlines()[0]
        assert title.startswith(f"# {path.name[:4]}: "), title
        kept.append((path.name[:4], path.name, title.partition(": ")[2]))
    assert listed == kept
    assert [number for number, _, _ in kept] == [f"{n:04}" for n in range(1, len(kept) + 1)]


@pytest.mark.parametrize("document", DECISIONS, ids=_named)
def test_a_decision_says_why_and_what_would_change_it(document: Path) -> None:
    headings = [line for line in document.read_text().splitlines() if line.startswith("## ")]
    assert headings == HEADINGS


def test_every_guide_is_in_the_index() -> None:
    index = (ROOT / "docs/README.md").read_text()
    guides = {path.name for path in ROOT.glob("docs/*.md")} - {"README.md"}
    assert {name for name in guides if f"]({name})" not in index} == set()


def test_every_dependency_has_its_reason() -> None:
    reasons = (ROOT / "docs/adr/0002-dependencies.md").read_text()
    asked = [
        re.split(r"[\[<>=~ ]", line)[0]
        for name in ("requirements.in", "requirements-dev.in", "requirements-uv.in")
        for line in (ROOT / name).read_text().splitlines()
        if line and not line.startswith(("#", "-"))
    ]
    assert len(asked) > 30
    assert [package for package in asked if f"`{package}`" not in reasons] == []
