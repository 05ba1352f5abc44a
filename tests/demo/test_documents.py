"""The papers as they come from the press: pages, words and pictures that a reader will find."""

from pathlib import Path

import pytest
from pypdf import PdfReader

from demo.catalog.goods import by_id
from demo.catalog.shelves import papers
from demo.documents import manuals
from demo.documents.press import page_count, print_all
from demo.documents.sketches import all_drawings

GUIDE, TABLE = "ratgeber-gummikoeder", "hakengroessen-tabelle"
GERMAN, ENGLISH = "anleitung-km-x100", "manual-km-x100"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("media")
    guides = [paper.slug for paper in papers() if paper.kind in {"guide", "table"}]
    wanted = [*guides, GERMAN, ENGLISH]
    printed = print_all(folder, only=wanted)
    assert [sheet.paper.slug for sheet in printed] == wanted
    assert all(sheet.file.stat().st_size == sheet.size for sheet in printed)
    return folder / "documents"


def text_of(folder: Path, slug: str) -> str:
    pages = PdfReader(folder / f"{slug}.pdf").pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def test_the_guide_has_its_pages_and_can_be_searched(desk: Path) -> None:
    reader = PdfReader(desk / f"{GUIDE}.pdf")
    assert 6 <= len(reader.pages) <= 12
    assert reader.metadata is not None
    assert reader.metadata.title == "Ratgeber Gummiköder"
    text = text_of(desk, GUIDE)
    assert "Passt zu Rheinshad 9 cm" in text
    assert "2/0 und 4/0 gehen auch" in text
    assert "Faulenzen" in text


@pytest.mark.slow
def test_every_guide_is_worth_printing(desk: Path) -> None:
    for file in desk.glob("ratgeber-*.pdf"):
        pages = PdfReader(file).pages
        assert 6 <= len(pages) <= 12, file.name
        assert all(len(page.extract_text()) > 150 for page in pages), file.name


def test_the_hook_table_is_two_pages_for_printing(desk: Path) -> None:
    assert len(PdfReader(desk / f"{TABLE}.pdf").pages) == 2
    assert "Action Shad 12 cm" in text_of(desk, TABLE)


def test_a_manual_says_what_the_law_and_the_owner_want_to_read(desk: Path) -> None:
    text = text_of(desk, GERMAN)
    for words in ("KM-X100", "Sicherheit", "Entsorgen", "DE95200417", "zwei Jahren", "Knethaken"):
        assert words in text, words
    assert "1000 W" in text
    assert "9,4 kg" in text


def test_the_english_manual_is_english(desk: Path) -> None:
    reader = PdfReader(desk / f"{ENGLISH}.pdf")
    assert len(reader.pages) >= 5
    assert reader.metadata is not None
    assert reader.metadata.title == "Manual KM-X100"
    text = text_of(desk, ENGLISH)
    assert "Read before first use" in text
    assert "9.4 kg" in text
    assert "Gewährleistung" not in text


def test_the_page_count_is_that_of_an_independent_reader(desk: Path) -> None:
    for file in desk.glob("*.pdf"):
        assert page_count(file.read_bytes()) == len(PdfReader(file).pages)


def test_what_is_no_pdf_has_no_pages() -> None:
    with pytest.raises(ValueError, match="no page tree"):
        page_count(b"nothing")


@pytest.mark.parametrize("paper", papers(), ids=lambda paper: paper.slug)
def test_every_manual_has_words_in_every_section(paper) -> None:
    if paper.kind != "manual":
        assert paper.kind == "film" or (paper.topic and paper.path.endswith(".pdf"))
        return
    product = by_id()[paper.products[0]]
    content = manuals.content(product, paper)
    for section in ("rules", "parts", "first_use", "use", "care", "faults", "data"):
        assert len(content[section]) >= 1, section
    assert all(part["steps"] for part in content["use"])
    assert "|" not in str(content)
    assert product.type_number in content["service"]


def test_drawings_are_named_as_the_guides_call_them() -> None:
    drawn = set(all_drawings())
    folder = Path(manuals.__file__).parents[1] / "guides"
    called = {
        name
        for text in folder.glob("*.typ")
        for name in text.read_text("utf-8").split('"')
        if name.endswith(".svg") and not name.startswith("cover-")
    }
    assert called == drawn
