"""Items by SKU and GTIN, products with their variants."""

import pytest
from sqlalchemy import event

from catalog import products
from catalog.products import normal_gtin
from kit.errors import Invalid, NotFound
from tests.catalog.shelf import MAKER


def test_an_item_says_what_it_is_in_both_languages(shop):
    item = products.item(shop, "RS90-RO")
    assert item.title("de") == "Rheinshad 9 cm, rot"
    assert item.title("en") == "Rheinshad (en) 9 cm, rot"
    assert item.attributes == {"species": ["zander", "barsch"], "length_mm": 90, "colour": "rot"}
    assert (item.product_slug, item.category, item.brand) == ("rheinshad", "gummikoeder", "Werk")
    assert (item.content_quantity, item.content_unit) == (5, "piece")
    only = products.item(shop, "KM-X100-CRE")
    assert only.title("de") == "Küchenmaschine KM-X100"
    assert only.gtin_shown == "9520000003241"


def test_many_items_come_with_one_query(shop):
    asked = []
    event.listen(shop.connection(), "before_cursor_execute", lambda *args: asked.append(args[2]))
    found = products.items(shop, ["RS90-RO", "OH-2-0", "GIBTSNICHT", "OH-2-0"])
    assert sorted(found) == ["OH-2-0", "RS90-RO"]
    assert len(asked) == 1
    assert products.items(shop, []) == {}


@pytest.mark.parametrize(
    "scanned", ["4006381333931", "04006381333931", "4006 3813 3393 1", "4006-381333931"]
)
def test_a_gtin_finds_its_item_with_or_without_leading_zeros(shop, scanned):
    assert products.by_gtin(shop, scanned).sku == "OH-2-0"


@pytest.mark.parametrize(
    ("short", "stored"),
    [
        ("96385074", "00000096385074"),
        ("036000291452", "00036000291452"),
        ("4006381333931", "04006381333931"),
        ("14006381333938", "14006381333938"),
    ],
)
def test_gtins_of_all_lengths_are_stored_with_14_digits(short, stored):
    assert normal_gtin(short) == stored


@pytest.mark.parametrize(
    "scanned",
    ["4006381333932", "400638133393", "", "OH-2-0", "4006381333931x", "٤٠٠٦٣٨١٣٣٣٩٣١", "0" * 15],
)
def test_a_mistyped_gtin_is_invalid(shop, scanned):
    with pytest.raises(Invalid) as error:
        products.by_gtin(shop, scanned)
    assert error.value.code == "gtin"


def test_unknown_things_are_not_found(shop):
    with pytest.raises(NotFound) as error:
        products.by_gtin(shop, "96385074")
    assert error.value.facts == {"gtin": "96385074"}
    with pytest.raises(NotFound) as error:
        products.item(shop, "oh-2-0")
    assert (error.value.code, error.value.facts) == ("item", {"sku": "oh-2-0"})
    with pytest.raises(NotFound) as error:
        products.product(shop, "gibtsnicht")
    assert (error.value.code, error.value.facts) == ("product", {"slug": "gibtsnicht"})


def test_a_product_has_its_variants_in_order_and_its_maker(shop):
    product = products.product(shop, "rheinshad")
    assert [item.sku for item in product.items] == ["RS70-RO", "RS90-GR", "RS90-RO"]
    assert product.maker == MAKER
    assert (product.name("de"), product.name("en")) == ("Rheinshad", "Rheinshad (en)")
    assert product.text("en") == "Rheinshad in use."
    assert product.safety("de") == ""
