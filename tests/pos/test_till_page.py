"""The till's page as the server sends it."""

import re
from pathlib import Path

SCRIPTS = Path(__file__).parents[2] / "static" / "js"


def test_the_page_is_never_kept_and_its_scripts_are_asked_for_again(client):
    assert client.get("/till/").headers["Cache-Control"] == "no-store"
    with client.get("/static/js/till-pay.js") as script:
        assert script.headers["Cache-Control"] == "no-cache"
        assert script.headers["ETag"]
    with client.get("/static/js/shop.js") as other:
        assert "no-cache" not in other.headers["Cache-Control"]


def test_nothing_on_the_page_needs_more_than_our_own_files(client):
    page = client.get("/till/").text

    assert re.findall(r"<script(?![^>]*\bsrc=)", page) == []
    assert re.findall(r"\son\w+=", page) == []
    assert re.findall(r"\sstyle=", page) == []
    assert re.findall(r'(?:src|href)="(?:https?:)?//', page) == []


def test_every_word_that_a_script_says_is_on_the_page(client):
    said = set()
    for script in SCRIPTS.glob("till*.js"):
        text = script.read_text()
        said |= set(re.findall(r'\bsay\(\s*"(\w+)"', text))
        for either in re.findall(r"\bsay\([^()]*\?([^()]*?)[,)]", text):
            said |= set(re.findall(r'"(\w+)"', either))
    from app.web.pos import words

    with client.application.test_request_context("/till/"):
        assert said <= set(words.of_till())


def test_the_till_speaks_english_and_so_does_what_it_asks(client):
    english = client.get("/en/till/").text

    assert "Exact cash" in english
    assert "Bar passend" not in english
    assert 'data-endpoint="/en/api/pos/v1"' in english
    assert "wrong check digit" in english
    # Beside "Back" a mere "Cancel" would be pressed by who wants nothing to happen.
    assert "Void receipt" in english


def test_no_script_is_longer_than_a_screenful_or_two():
    for script in SCRIPTS.glob("till*.js"):
        assert len(script.read_text().splitlines()) <= 150, script.name


def test_no_script_comes_back_to_itself_through_what_it_imports():
    imports = {
        script.name: set(re.findall(r'from "\./([\w-]+\.js)"', script.read_text()))
        for script in SCRIPTS.glob("*.js")
    }
    # Whoever imports nothing that is still there is taken away; what stays goes round in a circle.
    left = dict(imports)
    while ends := [name for name, wants in left.items() if not wants & left.keys()]:
        for name in ends:
            del left[name]
    assert len(imports) > 1
    assert left == {}
