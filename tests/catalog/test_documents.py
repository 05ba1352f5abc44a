"""Documents of products, categories and type numbers."""

import pytest

from catalog import documents, publishing
from kit.errors import NotFound

MANUAL, GUIDE = "anleitung-km-x100", "ratgeber-gummi"


def slugs(found):
    return [document.slug for document in found]


def test_a_product_has_its_documents_manuals_first(shop):
    publishing.put_document(
        shop, "a-film", kind="film", title_de="Film", title_en="Film", path="film/a.webm",
        seconds=90, products=["km-x100"],
    )  # fmt: skip
    assert slugs(documents.for_product(shop, "km-x100")) == [MANUAL, "a-film"]
    assert slugs(documents.for_product(shop, "offset-haken")) == []


def test_a_manual_without_link_is_found_by_the_type_number_of_the_product(shop):
    publishing.put_document(
        shop, "manual-km-x100", kind="manual", title_de="Englisch", title_en="English",
        path="documents/en.pdf", language="en", type_number="KM-X100",
    )  # fmt: skip
    assert slugs(documents.for_product(shop, "km-x100")) == [MANUAL, "manual-km-x100"]


def test_a_category_has_its_own_documents_before_those_below(shop):
    publishing.put_document(
        shop, "a-karte", kind="table", title_de="Karte", title_en="Map", path="documents/k.pdf",
        categories=["angeln"],
    )  # fmt: skip
    assert slugs(documents.for_category(shop, "angeln")) == ["a-karte", GUIDE]
    assert slugs(documents.for_category(shop, "gummikoeder")) == [GUIDE]
    with pytest.raises(NotFound):
        documents.for_category(shop, "gibtsnicht")


@pytest.mark.parametrize(
    "typed", ["KM-X100", "km x100", "kmx100", "KM-X100-CRE", "9520000003241", "09520000003241"]
)
def test_whatever_stands_on_the_device_finds_its_manual(shop, typed):
    assert slugs(documents.by_type_number(shop, typed)) == [MANUAL]


@pytest.mark.parametrize("typed", ["", "—", "KM-X101", "X", "9520000003242"])
def test_other_numbers_find_nothing(shop, typed):
    assert documents.by_type_number(shop, typed) == []


def test_a_document_leads_back_to_its_goods(shop):
    assert documents.products_of(shop, GUIDE) == ["rheinshad"]
    assert documents.categories_of(shop, GUIDE) == ["gummikoeder"]
    manual = documents.by_slug(shop, MANUAL)
    assert (manual.title("de"), manual.title("en"), manual.pages) == (
        "Gebrauchsanleitung KM-X100", "Manual KM-X100", 24,
    )  # fmt: skip
    with pytest.raises(NotFound) as error:
        documents.by_slug(shop, "gibtsnicht")
    assert error.value.code == "document"


def test_documents_come_in_the_order_asked_for(shop):
    assert slugs(documents.by_slugs(shop, [GUIDE, "x", MANUAL])) == [GUIDE, MANUAL]
    assert documents.by_slugs(shop, []) == []


def test_what_a_document_belongs_to_is_replaced_as_a_whole(shop):
    publishing.put_document(
        shop, GUIDE, kind="guide", title_de="Ratgeber", title_en="Guide",
        path="documents/gummi.pdf", products=["moselschaufel"],
    )  # fmt: skip
    assert documents.products_of(shop, GUIDE) == ["moselschaufel"]
    assert documents.categories_of(shop, GUIDE) == []
