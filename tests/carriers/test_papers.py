"""Label, slip and card as they come out of the printer: size, words, and codes that read back."""

import io
import json
from dataclasses import asdict

import pytest
import typst
import zxingcpp
from PIL import Image
from pypdf import PdfReader

from app import press
from app.carriers import code128, papers
from app.carriers.papers import Address, LabelFacts
from fulfilment.outbound.parcels import sscc

WORDS = {
    "title": "Etikett",
    "to": "An",
    "order": "Bestellung",
    "parcel": "Paket",
    "weight": "Gewicht",
}
MM_PER_POINT = 25.4 / 72


def facts(number=1, **changes):
    known = {
        "sscc": sscc("9521234", number),
        "ref": "K-7Q2M9X",
        "sender": {"name": "Angelhaus", "street": "Weg 1", "postal_code": "53111", "city": "Bonn"},
        "to": Address("Jürgen Müller", ("Moselweg 3",), "56068", "Koblenz"),
        "carrier": "DHL",
        "service": "Paket",
        "count": "1 von 2",
        "weight": "0,94 kg",
        "wish": "Ablageort: Gartenhaus",
        "made_on": "2026-11-25",
        "language": "de",
        "words": WORDS,
    }
    return LabelFacts(**{**known, **changes})


def picture(form, data, files, ppi=203):
    """Return a form as the printer's dots: 203 per inch, as label printers have."""
    sources = {
        "main.typ": (press.FORMS / f"{form}.typ").read_bytes(),
        "house.typ": (press.FORMS / "house.typ").read_bytes(),
        "data.json": json.dumps(data).encode(),
        **files,
    }
    png = typst.compile(
        sources, font_paths=[str(press.FONTS)], ignore_system_fonts=True, format="png", ppi=ppi
    )
    return Image.open(io.BytesIO(png))


def size(page):
    return [round(float(side) * MM_PER_POINT) for side in page.mediabox[2:]]


@pytest.mark.parametrize("number", [1, 987654321, 999999999])
def test_the_bars_of_a_label_read_back_as_gs1_with_its_sscc(number):
    known = facts(number)
    data = {**asdict(known), "sscc_shown": papers.shown(known.sscc)}
    printed = picture("label", data, {"bars.svg": code128.of_sscc(known.sscc).encode()})
    [read] = zxingcpp.read_barcodes(printed)
    assert read.content_type == zxingcpp.ContentType.GS1
    assert read.symbology_identifier == "]C1"
    assert read.text == f"(00){known.sscc}"


def test_a_label_is_100_by_150_millimetres_and_says_where_it_goes():
    [page] = PdfReader(io.BytesIO(papers.label(facts()))).pages
    assert size(page) == [100, 150]
    said = page.extract_text()
    for words in ("Jürgen Müller", "Moselweg 3", "56068 Koblenz", "Gartenhaus", "1 von 2", "DHL"):
        assert words in said
    assert papers.label(facts()) == papers.label(facts())


def test_the_longest_address_still_fits_on_one_label():
    name = "Maria-Magdalena Freifrau von und zu Hohenstein-Wittgenstein"
    long = Address(name, ("Str. " * 9,) * 2, "56068", "K" * 40)
    assert len(PdfReader(io.BytesIO(papers.label(facts(to=long, wish="W" * 200)))).pages) == 1


def test_anything_but_an_sscc_has_no_bars():
    for wrong in ("", "123", "09521234000000001x", "0952123400000000170"):
        with pytest.raises(ValueError, match=f"{wrong}$"):
            code128.of_sscc(wrong)


def test_the_slip_names_this_parcel_and_what_comes_separately():
    seller = {"name": "Angelhaus", "phone_shown": "0221", "email": "a@example.org"}
    words = {
        "made_on": "2026-11-25",
        "language": "de",
        "seller": seller,
        "lead": "Bestellung vom 25.",
    }
    words |= {"here": "In diesem Paket", "foot": "Fragen?", "words": {"title": "Packzettel K-1"}}
    line = {"quantity": 2, "title": "Rheinshad", "sku": "RS-9", "lots": "L-7"}
    other = {"title": "Kommt getrennt aus Bonn", "when": "Ankunft Fr"}
    other["lines"] = [{"quantity": 1, "title": "Haken"}]
    [page] = PdfReader(io.BytesIO(papers.packing_slip(words, [line], [other]))).pages
    assert size(page) == [148, 210]
    said = page.extract_text()
    assert said.index("Rheinshad") < said.index("Kommt getrennt aus Bonn") < said.index("Haken")
    assert "L-7" in said


def test_the_card_is_a6_and_its_code_leads_to_its_page():
    url = "https://shop.example/fang/2NVSE3hTEzS7eL6PhvhiYMh2K9353t_f"
    given = {
        "title": "Zeig deinen Fang",
        "text": "Text.",
        "url": url,
        "seller": "A",
        "language": "de",
    }
    [page] = PdfReader(io.BytesIO(papers.card(**given, made_on="2026-11-25"))).pages
    assert size(page) == [105, 148]
    data = {**given, "made_on": "2026-11-25"}
    [read] = zxingcpp.read_barcodes(picture("card", data, {"qr.svg": papers.qr(url).encode()}))
    assert read.text == url
