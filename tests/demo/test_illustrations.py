"""Pictures of goods: every family draws, small, titled, and different where the goods differ."""

import re
import tomllib
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from demo.catalog import goods
from demo.illustrations import FAMILIES, UnknownFamilyError, draw, write_all
from demo.illustrations.hook_shapes import GAPE_MM
from demo.illustrations.kit import smooth
from demo.illustrations.soft_lures import pixels

CATALOG = Path(__file__).parents[2] / "demo" / "catalog"
RULES = tomllib.loads((CATALOG / "families.toml").read_text(encoding="utf-8"))
COLOURS = tomllib.loads((CATALOG / "colours.toml").read_text(encoding="utf-8"))
LIMIT = 8_000
SVG = "{http://www.w3.org/2000/svg}"

# What can't be seen: weight of metal lures, more than a handful of worms, colour of bare steel.
UNSEEN = {
    ("lure_worm", "pieces"),
    ("spinner", "weight_g"),
    ("spoon", "weight_g"),
    ("pot", "colour"),
    ("bowl", "colour"),
}


def values(rule):
    """Return both ends of a range, or all choices."""
    if "min" in rule:
        return [rule["min"], rule["max"]]
    return rule["of"] if "of" in rule else list(COLOURS[rule["colour"]])


def attributes(family):
    return {name: rule for name, rule in RULES[family].items() if isinstance(rule, dict)}


def ends(family):
    """Return the smallest and the largest article of a family."""
    rules = attributes(family)
    return [{name: values(rule)[at] for name, rule in rules.items()} for at in (0, -1)]


def body(svg):
    """Return the drawing without its title."""
    return svg.split("</title>", 1)[1]


def check(svg):
    """Assert what holds for each picture; return its root."""
    root = ET.fromstring(svg)  # noqa: S314 - our own drawing
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    asked = set(re.findall(r'(?:url\(|href=")#([\w-]+)', svg))
    assert len(ids) == len(set(ids))
    assert asked <= set(ids)
    assert "nan" not in svg
    return root


def test_all_families_of_the_catalog_are_drawn():
    assert set(FAMILIES) == set(RULES)


@pytest.mark.parametrize("family", sorted(RULES))
def test_both_ends_of_a_family_draw_on_the_same_stage(family):
    for facts in ends(family):
        svg = draw(family, facts)
        root = check(svg)
        assert root.get("viewBox") == "0 0 800 600"
        title, ground = root[0], root[1]
        assert title.tag == f"{SVG}title"
        assert title.text.startswith(RULES[family]["de"])
        assert (ground.get("width"), ground.get("height")) == ("800", "600")
        assert ground.get("fill") == "#F1EBDD"
        assert len(svg.encode()) < LIMIT


@pytest.mark.parametrize(
    ("family", "name"),
    [(family, name) for family in sorted(RULES) for name in attributes(family)],
)
def test_each_attribute_shows(family, name):
    base = ends(family)[0]
    choices = values(attributes(family)[name])
    drawn = {body(draw(family, {**base, name: choice})) for choice in choices}
    assert len(drawn) == (1 if (family, name) in UNSEEN else len(choices))


def test_every_article_of_the_catalog_is_small_and_unlike_the_others():
    seen = {}
    for product in goods.products():
        for variant in product.variants:
            svg = draw(product.family, variant.attributes)
            check(svg)
            assert len(svg.encode()) < LIMIT, variant.sku
            assert body(svg) not in seen, (variant.sku, seen[body(svg)])
            seen[body(svg)] = variant.sku
    assert len(seen) >= 250


def test_the_title_says_what_it_is_in_german():
    svg = draw("lure_shad", {"length_mm": 75, "colour": "feuertiger", "pieces": 6})
    assert "<title>Gummifisch mit Schaufelschwanz, 7,5 cm, feuertiger</title>" in svg
    hook = draw("hook_offset", {"size": "3/0", "colour": "schwarz", "pieces": 5})
    assert "<title>Offset-Haken, Größe 3/0, schwarz</title>" in hook


def test_longer_lures_are_drawn_longer_on_one_scale():
    assert [pixels(length) for length in (50, 75, 120)] == [342.5, 393.75, 486.0]


def hook_scale(size):
    svg = draw("hook_offset", {"size": size, "colour": "schwarz", "pieces": 3})
    return float(re.search(r"scale\(([\d.]+)\)", svg).group(1))


@pytest.mark.parametrize(("small", "large"), [("1/0", "5/0"), ("4", "2/0"), ("2", "3/0")])
def test_hooks_keep_their_true_proportion(small, large):
    true = GAPE_MM[large] / GAPE_MM[small]
    assert hook_scale(large) / hook_scale(small) == pytest.approx(true, rel=0.01)


def test_an_outline_passes_through_its_points_and_closes():
    assert smooth([(0, 0, True), (30, 0, True), (30, 30, True)]) == (
        "M0 0c7.5 0 22.5 0 30 0c0 7.5 0 22.5 0 30c-7.5-7.5-22.5-22.5-30-30Z"
    )


def test_what_nobody_has_drawn_is_refused():
    with pytest.raises(UnknownFamilyError, match="umbrella"):
        draw("umbrella", {"colour": "rot"})
    with pytest.raises(KeyError, match="neon"):
        draw("lure_shad", {"length_mm": 75, "colour": "neon", "pieces": 1})
    with pytest.raises(KeyError, match="pieces"):
        draw("lure_shad", {"length_mm": 75, "colour": "pink"})


def test_pictures_are_written_under_their_names(tmp_path):
    facts = {"material": "coated", "diameter_mm": 240, "shape": "round"}
    written = write_all([("pfanne-24", "pan", facts)], tmp_path / "new")
    assert written == [tmp_path / "new" / "pfanne-24.svg"]
    assert written[0].read_text(encoding="utf-8") == draw("pan", facts)


def test_one_bad_article_and_nothing_is_written(tmp_path):
    facts = {"material": "coated", "diameter_mm": 240, "shape": "round"}
    target = tmp_path / "new"
    with pytest.raises(UnknownFamilyError):
        write_all([("a", "pan", facts), ("b", "umbrella", {})], target)
    assert not target.exists()
