"""What a basket needs and what fits it."""

import pytest
from sqlalchemy import event

from catalog import links, publishing


@pytest.fixture
def linked(shop):
    """Lures that need hooks, hooks that fit more, and a guide that asks for something too."""

    def link(kind, target, rank=0, **origin):
        publishing.put_link(
            shop, kind, target, rank=rank,
            reason_de=f"{kind}: {target}", reason_en=f"{kind}: {target} (en)", **origin,
        )  # fmt: skip

    link("needs", "OH-2-0", source="RS70-RO")
    link("fits", "OH-3-0", source="RS70-RO", rank=1)
    link("fits", "MS90-GR", source="RS70-RO")
    link("needs", "MS90-GR", document="ratgeber-gummi", rank=5)
    link("fits", "OH-2-0", source="KM-X100-CRE")
    return shop


def offered(session, *skus):
    return [
        (found.sku, found.kind, found.source_sku or found.document)
        for found in links.needs_and_fits(session, skus)
    ]


def test_needs_come_before_fits_and_each_item_once_for_its_best_reason(linked):
    assert offered(linked, "RS70-RO") == [
        ("OH-2-0", "needs", "RS70-RO"),
        ("MS90-GR", "needs", "ratgeber-gummi"),
        ("OH-3-0", "fits", "RS70-RO"),
    ]
    first = links.needs_and_fits(linked, ["RS70-RO"])[0]
    assert (first.rank, first.reason("de"), first.reason("en")) == (
        0, "needs: OH-2-0", "needs: OH-2-0 (en)",
    )  # fmt: skip


def test_an_item_speaks_before_a_document(linked):
    publishing.put_link(
        linked, "needs", "MS90-GR", source="RS70-RO", rank=9, reason_de="d", reason_en="e"
    )
    assert ("MS90-GR", "needs", "RS70-RO") in offered(linked, "RS70-RO")
    assert ("MS90-GR", "needs", "ratgeber-gummi") not in offered(linked, "RS70-RO")


def test_nothing_is_offered_that_is_in_the_basket_in_any_variant(linked):
    assert offered(linked, "RS70-RO", "OH-3-0") == [("MS90-GR", "needs", "ratgeber-gummi")]
    assert offered(linked, "RS70-RO", "OH-3-0", "MS90-GR") == []


def test_a_whole_basket_is_one_query(linked):
    asked = []
    event.listen(linked.connection(), "before_cursor_execute", lambda *args: asked.append(args[2]))
    assert offered(linked, "RS70-RO", "KM-X100-CRE")[0] == ("OH-2-0", "needs", "RS70-RO")
    assert len(asked) == 1


def test_what_is_no_longer_sold_is_not_offered(linked):
    publishing.put_item(linked, "OH-2-0", product="offset-haken", weight_grams=10, sellable=False)
    assert [sku for sku, _, _ in offered(linked, "RS70-RO")] == ["MS90-GR", "OH-3-0"]


def test_an_empty_basket_needs_nothing(linked):
    assert offered(linked) == []
    assert offered(linked, "GIBTSNICHT") == []


def test_a_product_page_and_a_film_page_ask_the_same_links(linked):
    assert [found.sku for found in links.of_product(linked, "rheinshad")] == [
        "OH-2-0", "MS90-GR", "OH-3-0",
    ]  # fmt: skip
    assert [found.sku for found in links.of_document(linked, "ratgeber-gummi")] == ["MS90-GR"]
    assert [found.sku for found in links.of_item(linked, "KM-X100-CRE")] == ["OH-2-0"]
