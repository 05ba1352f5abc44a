"""Scenes, marks, icons and the film's tracks: there, sound, and what the generator makes today."""

import re
import tomllib
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from PIL import Image

from demo.film import captions
from demo.film.script import CHAPTERS, SECONDS
from demo.illustrations import SCENES, scene
from demo.illustrations.brand import FILES

ROOT = Path(__file__).parents[2]
IMG, MEDIA = ROOT / "static" / "img", ROOT / "static" / "media"
SHELVES = tomllib.loads((ROOT / "demo/catalog/categories.toml").read_text(encoding="utf-8"))
NEEDED = {"home-hero", "empty-basket", "no-result", "thanks", "qr-card", "not-found", "error"}


def test_every_moment_and_every_shelf_has_its_scene():
    assert set(SCENES) >= NEEDED
    assert {name for name in SCENES if name.startswith("shelf-")} == {
        f"shelf-{slug}" for slug in SHELVES
    }


@pytest.mark.parametrize("name", SCENES)
def test_a_scene_is_sound_and_its_file_is_up_to_date(name):
    svg = scene(name)
    root = ET.fromstring(svg)  # noqa: S314 - our own drawing
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert root[0].text
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'(?:url\(|href=")#([\w-]+)', svg)) <= set(ids)
    assert len(svg.encode()) < 24_000
    assert (IMG / "scenes" / f"{name}.svg").read_text(encoding="utf-8") == svg


@pytest.mark.parametrize("name", sorted(NEEDED - {"home-hero"}))
def test_small_scenes_leave_the_paper_to_the_page(name):
    root = ET.fromstring(scene(name))  # noqa: S314 - our own drawing
    assert [e.tag for e in root if float(e.get("width", 0)) >= 600] == []


def test_night_falls_on_the_river():
    assert "@media(prefers-color-scheme:dark){.rl-sky{fill:#16221F}" in scene("home-hero")


def test_another_scene_is_refused():
    with pytest.raises(KeyError):
        scene("shelf-regenschirme")


@pytest.mark.parametrize("name", sorted(FILES))
def test_marks_are_up_to_date_and_named(name):
    svg = (IMG / name).read_text(encoding="utf-8")
    assert svg == FILES[name]()
    assert ET.fromstring(svg)[0].text in {"Angelhaus Rhein", "Kontor", "Kontor Kasse"}  # noqa: S314


@pytest.mark.parametrize(
    ("name", "size"),
    [("apple-touch-icon", 180), ("till-192", 192), ("till-512", 512), ("shop-192", 192),
     ("shop-512", 512), ("favicon-32", 32)],
)  # fmt: skip
def test_icons_have_the_size_they_promise(name, size):
    with Image.open(IMG / f"{name}.png") as icon:
        assert icon.size == (size, size)


def cues(text):
    """Return (start, end, words) of each cue in seconds."""
    pattern = r"(\d\d):(\d\d):([\d.]+) --> (\d\d):(\d\d):([\d.]+)\n(.+)\n"
    found = []
    for h1, m1, s1, h2, m2, s2, words in re.findall(pattern, text):
        start, end = (int(h) * 3600 + int(m) * 60 + float(s)
                      for h, m, s in ((h1, m1, s1), (h2, m2, s2)))  # fmt: skip
        found.append((start, end, words))
    return found


@pytest.mark.parametrize("language", ["de", "en"])
def test_captions_follow_one_another_and_can_be_read(language):
    track = cues(captions.track(language))
    assert len(track) == sum(len(chapter.captions) for chapter in CHAPTERS)
    assert all(before[1] <= after[0] for before, after in pairwise(track))
    assert track[-1][1] <= SECONDS == 180
    # The usual limit for captions is about 20 characters a second.
    assert [words for start, end, words in track if len(words) / (end - start) > 20] == []


def test_the_film_ends_with_the_hooks():
    assert CHAPTERS[-1].de == "Andere Köder brauchen andere Haken"
    last = cues(captions.track("de"))[-1][2]
    assert last == "Andere Köder brauchen andere Haken. Die passenden stehen unter dem Film."


def test_written_tracks_are_up_to_date(tmp_path):
    for made in captions.write(tmp_path):
        assert (MEDIA / made.name).read_text(encoding="utf-8") == made.read_text(encoding="utf-8")


@pytest.mark.parametrize(("ending", "magic"), [("webm", b"\x1a\x45\xdf\xa3"), ("mp4", b"ftyp")])
def test_the_film_is_there_and_light(ending, magic):
    data = (MEDIA / f"barsche-mit-gummi.{ending}").read_bytes()
    assert magic in data[:12]
    assert 200_000 < len(data) < 1_000_000


def test_the_poster_shows_a_frame():
    for ending in ("jpg", "webp"):
        with Image.open(MEDIA / f"barsche-mit-gummi.{ending}") as poster:
            assert poster.size == (640, 360)
