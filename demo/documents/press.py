"""Sets all papers as PDF: Typst, the fonts of this folder, drawings from the catalog's attributes.

Typst is told everything through files in a scratch folder, so that a text can be worked on with any
Typst editor as well.
"""

import json
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import typst

from demo.catalog.goods import by_id, variants
from demo.catalog.shelves import Paper, papers
from demo.documents import manuals
from demo.documents.sketches import all_drawings
from demo.documents.strokes import RIVER, SIGNAL, sheet
from demo.illustrations import draw
from demo.illustrations.brand import hook_and_waves

HERE = Path(__file__).parent
FONTS = HERE / "fonts"
WORKERS = 2
# The goods on the covers of the guides; the others show one of their own drawings.
COVERS = {
    "gummikoeder": "RS9-MOT",
    "spinnrute": "RU-2500",
    "feedern": "FK-60",
    "pfanne": "EP-28",
    "messer": "FM-19",
    "raeuchern": "TR-2",
}


@dataclass(frozen=True)
class Printed:
    """A paper that has been set: where it lies, its pages and its size in bytes."""

    paper: Paper
    file: Path
    pages: int
    size: int


def print_all(
    folder: Path, say: Callable[[str], None] = lambda _: None, only: Iterable[str] = ()
) -> list[Printed]:
    """Set every guide, table and manual below `folder`, at the paths the catalog names.

    Args:
        folder: the media folder.
        say: told the title of each paper when it is done.
        only: slugs to set; all where empty.

    Returns:
        What was printed, in the order of the catalog.
    """
    wanted = set(only)
    sheets = [
        paper for paper in papers() if paper.kind != "film" and (not wanted or paper.slug in wanted)
    ]
    (folder / "documents").mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="kontor-papers-") as scratch:
        desk = Path(scratch)
        _lay_out(desk)

        def one(paper: Paper) -> Printed:
            printed = _print(paper, desk, folder / paper.path)
            say(paper.title["de"])
            return printed

        # Typst lets go of the interpreter while it works: two papers at a time.
        with ThreadPoolExecutor(WORKERS) as workers:
            return list(workers.map(one, sheets))


def _lay_out(desk: Path) -> None:
    """Put texts and drawings where Typst finds them by name."""
    for text in [*HERE.glob("*.typ"), *(HERE / "guides").glob("*.typ")]:
        shutil.copyfile(text, desk / text.name)
    for name, drawing in all_drawings().items():
        (desk / name).write_text(drawing, "utf-8")
    mark = sheet(64, 64, hook_and_waves(RIVER, SIGNAL), ground="")
    (desk / "marke.svg").write_text(mark, "utf-8")
    for topic, sku in COVERS.items():
        product, variant = variants()[sku]
        (desk / f"cover-{topic}.svg").write_text(draw(product.family, variant.attributes), "utf-8")


def _print(paper: Paper, desk: Path, target: Path) -> Printed:
    source = _manual(paper, desk) if paper.kind == "manual" else desk / f"{paper.topic}.typ"
    pdf = typst.compile(source, root=source.parent, font_paths=[FONTS], ignore_system_fonts=True)
    target.write_bytes(pdf)
    return Printed(paper, target, page_count(pdf), len(pdf))


def _manual(paper: Paper, desk: Path) -> Path:
    """Lay out one manual in a folder of its own: `manual.typ` reads fixed names."""
    product = by_id()[paper.products[0]]
    own = desk / paper.slug
    own.mkdir()
    for name in ("house.typ", "manual.typ", "marke.svg"):
        shutil.copyfile(desk / name, own / name)
    words = json.dumps(manuals.content(product, paper), ensure_ascii=False)
    (own / "manual.json").write_text(words, "utf-8")
    picture = draw(product.family, product.variants[0].attributes)
    (own / "product.svg").write_text(picture, "utf-8")
    return own / "manual.typ"


def page_count(pdf: bytes) -> int:
    """Return the pages of a PDF that Typst wrote: the count of its page tree's root.

    Raises:
        ValueError: there is no page tree (ISO 32000-1, section 7.7.3.2).
    """
    counts = [
        int(count)
        for tree in re.findall(rb"<<[^>]*/Type\s*/Pages[^>]*>>", pdf)
        for count in re.findall(rb"/Count\s+(\d+)", tree)
    ]
    if not counts:
        raise ValueError("this PDF has no page tree")
    return max(counts)
