"""Goods in the back office: typed in, priced, linked; tables looked at before anything changes."""

import io
import re
from datetime import timedelta

import pypdf
import pytest
from sqlalchemy import select

from app.identity import audit
from app.identity.audit import Wanted
from catalog import documents, pricing, release
from catalog.imports import sheets
from catalog.models import Item, ItemLink, Product
from kit import clock
from kit.database import reading
from tests import small_shop
from tests.small_shop import HOOK, LURE, LURE_GTIN, LURE_MINOR, PAN
from tests.standing import moved, snapshot
from tests.web.staff_bench import at_work, hire

pytestmark = pytest.mark.usefixtures("wednesday")

NEW = {
    "slug": "moselspin-210", "category": "koeder", "family": "rod", "brand": "Rhein",
    "name_de": "Moselspin 2,10 m", "name_en": "Moselspin 2.10 m", "text_de": "Steckrute.",
    "text_en": "Travel rod.", "maker_name": "Maker", "maker_address": "Weg 1, 53111 Bonn",
    "maker_email": "maker@example.org", "maker_country": "DE", "no_warning": "Keine Gefahr.",
}  # fmt: skip


@pytest.fixture
def office(app):
    small_shop.build({("lager", LURE): 24})
    hire("office", "service")
    return at_work(app, "office")


def product(slug):
    with reading() as session:
        return session.get(Product, slug)


def upload(office, kind, text, name="preise.csv"):
    content = text.encode() if isinstance(text, str) else text
    return office.post(
        "/office/imports",
        data={"kind": kind, "file": (io.BytesIO(content), name)},
        content_type="multipart/form-data",
    )


def looked_at(office, settle_events, kind, text, name="preise.csv"):
    answer = upload(office, kind, text, name)
    assert answer.status_code == 303
    settle_events()
    return answer.location, office.get(answer.location).text


def prices_of(sku):
    with reading() as session:
        return [point.amount_minor for point in pricing.history(session, sku)]


def test_an_article_is_typed_in_priced_and_goes_on_sale_when_nothing_is_missing(office):
    assert office.post("/office/goods", data={**NEW, "name_en": ""}).status_code == 422
    assert product("moselspin-210") is None
    assert office.post("/office/goods", data=NEW).status_code == 303
    assert office.post("/office/goods", data=NEW).status_code == 422
    assert product("moselspin-210").state == "draft"
    item = {"sku": "MS-210", "gtin": "4006381333931", "weight_grams": "210", "vat_percent": "19",
            "shipping_group": "std", "sellable": "1", "picture": "goods/a.jpg"}  # fmt: skip
    office.post("/office/goods/moselspin-210/items", data={**item, "gtin": "4006381333932"})
    office.post("/office/goods/moselspin-210/items", data={**item, "sku": LURE})
    with reading() as session:
        assert session.get(Item, "MS-210") is None
        assert session.get(Item, LURE).product == LURE.lower()
    office.post("/office/goods/moselspin-210/items", data=item)
    office.post("/office/articles/moselspin-210/publication")
    assert product("moselspin-210").state == "draft", "no price yet"
    for typed in ("0", "viel", "5,999"):
        office.post("/office/goods/moselspin-210/prices", data={"sku": "MS-210", "price": typed})
    past = {"sku": "MS-210", "price": "79,90", "valid_from": "01.01.2026"}
    office.post("/office/goods/moselspin-210/prices", data=past)
    assert prices_of("MS-210") == []
    office.post("/office/goods/moselspin-210/prices", data={"sku": "MS-210", "price": "79,90 €"})
    with reading() as session:
        assert release.standing(session, "moselspin-210").gaps == ()
    office.post("/office/articles/moselspin-210/publication")
    assert product("moselspin-210").state == "published"
    page = office.get("/office/goods/moselspin-210").text
    assert "79,90" in page
    assert "gilt jetzt" in page
    assert "Moselspin" in office.get("/office/goods?q=MS-21").text
    with reading() as session:
        mine = audit.entries(session, Wanted(actor="Ute Kranz"))
    assert {(row.thing, row.action) for row in mine} >= {
        ("products", "insert"), ("items", "insert"), ("prices", "insert"), ("products", "update"),
    }  # fmt: skip


def test_what_is_on_sale_stays_fit_for_sale(office):
    with reading() as session:
        row = session.get(Product, LURE.lower())
        typed = {name: getattr(row, name) or "" for name in ("category", "family", "brand")}
        typed |= {n: getattr(row, n) for n in ("name_de", "name_en", "text_de", "text_en")}
    whole = {"slug": LURE.lower(), "known": "1", **typed, "maker_name": "Maker",
             "maker_address": "Weg 1, 53111 Bonn", "maker_email": "maker@example.org"}  # fmt: skip
    before = snapshot()
    for wrong in ({"maker_name": ""}, {"text_de": "Umweltfreundlich."}, {"category": "nirgends"},
                  {"electrical": "1"}):  # fmt: skip
        assert office.post("/office/goods", data={**whole, **wrong}).status_code in {404, 422}
    assert moved(before) == set()
    office.post("/office/goods", data={**whole, "name_de": "Rheinshad 9 cm, neu"})
    assert product(LURE.lower()).name_de == "Rheinshad 9 cm, neu"
    with reading() as session:
        (entry,) = audit.entries(session, Wanted(thing="products"))
    assert entry.was["name_de"] == "Rheinshad 9 cm"
    assert entry.becomes["name_de"] == "Rheinshad 9 cm, neu"
    assert "text_de" not in entry.becomes


def test_links_papers_and_pictures_come_and_go(office, app):
    link = {
        "kind": "fits",
        "source": PAN,
        "target": HOOK,
        "reason_de": "passt",
        "reason_en": "fits",
    }
    page = f"/office/goods/{PAN.lower()}"
    office.post(f"{page}/links", data={**link, "reason_en": ""})
    office.post(f"{page}/links", data={**link, "target": "NICHTS"})
    with reading() as session:
        query = select(ItemLink.id).where(ItemLink.source == PAN)
        assert session.scalars(query).all() == []
    office.post(f"{page}/links", data=link)
    with reading() as session:
        (made,) = session.scalars(query).all()
    office.post(f"{page}/links/{made}/removal")
    with reading() as session:
        assert session.scalars(query).all() == []
    writer, out = pypdf.PdfWriter(), io.BytesIO()
    writer.add_blank_page(200, 200)
    writer.add_attachment("evil.txt", b"app.alert")
    writer.write(out)
    paper = {"title_de": "Pflege", "title_en": "Care", "kind": "guide", "language": "de"}
    for content in (b"%PDF-1.7 not really", b"MZ\x90", out.getvalue()):
        office.post(
            f"{page}/documents",
            data={**paper, "file": (io.BytesIO(content), "a.pdf")},
            content_type="multipart/form-data",
        )
    with reading() as session:
        (kept,) = documents.for_product(session, PAN.lower())
    stored = (app.config["KONTOR"].media / kept.path).read_bytes()
    assert (kept.pages, kept.title_de, b"evil" in stored) == (1, "Pflege", False)
    office.post(f"{page}/documents/{kept.slug}/removal")
    with reading() as session:
        assert documents.for_product(session, PAN.lower()) == []


def test_a_table_shows_first_what_it_would_change_and_then_does_it(office, settle_events):
    table = f"sku;price;valid_from\n{LURE};7,20;\n{HOOK};4,90;\n{PAN};99,00;01.12.2026\n"
    before = snapshot()
    where, page = looked_at(office, settle_events, "prices", table)
    assert moved(before) <= {"catalog_imports", "outbox_events", "outbox_handled"}
    assert re.findall(r"<del>([^<]+)</del> → </?ins>?([^<]*)", page)
    assert "6,90" in page
    assert "7,20" in page
    assert "So übernehmen" in page
    service = at_work(office.application, "service")
    assert service.post(where, data={"do": "take"}).status_code == 403
    office.post(where, data={"do": "take"})
    settle_events()
    assert prices_of(LURE) == [LURE_MINOR, 720]
    assert prices_of(HOOK) == [490], "the same price is no new one"
    assert prices_of(PAN) == [8900, 9900]
    assert "übernommen" in office.get(where).text
    with reading() as session:
        mine = audit.entries(session, Wanted(thing="prices"))
    assert {(row.actor, row.key) for row in mine} == {("Ute Kranz", LURE), ("Ute Kranz", PAN)}
    # Once is once.
    office.post(where, data={"do": "take"})
    settle_events()
    assert prices_of(LURE) == [LURE_MINOR, 720]


def test_one_bad_line_and_nothing_is_taken_over_and_each_is_named(office, settle_events):
    table = (
        "sku,product,gtin,weight_grams,variant_de,variant_en\n"
        f"{LURE},,,45,,\n"
        "NEU-1,pan-28,4006381333931,300,groß,large\n"
        "NEU-2,pan-28,4006381333931,300,,\n"
        "NEU-3,pan-28,123,300,,\n"
        "NEU-4,pan-28,,schwer,,\n"
        "NEU-5,gibt-es-nicht,,10,,\n"
        ",,,10,,\n"
    )
    where, page = looked_at(office, settle_events, "goods", table, "artikel.csv")
    found = re.findall(r'<strong class="num">Zeile (\d+)</strong> ([^<]+)', page)
    assert [int(line) for line, _why in found] == [4, 5, 6, 7, 8]
    assert "gehört schon zu NEU-1" in found[0][1]
    assert "Spalte" in found[4][1]
    before = snapshot()
    office.post(where, data={"do": "take"})
    settle_events()
    assert moved(before) == set()
    assert "So übernehmen" not in page


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "sku;preis\nX;1"), ("a.csv", "sku;sku;price\nX;X;1"), ("a.csv", "sku;price\n"),
        ("a.csv", ""), ("a.xlsx", "no zip"), ("a.exe", "MZ"), ("a.csv", "sku;price\n\x00;1"),
        ("a.csv", 'sku;price\n"RS;1\n'),
    ],
)  # fmt: skip
def test_a_wrong_file_is_refused_and_changes_nothing(office, name, content):
    before = snapshot()
    assert upload(office, "prices", content, name).status_code == 422
    assert moved(before) == set()


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_what_is_exported_comes_in_again_and_changes_nothing(office, settle_events, ending):
    sent = office.get(f"/office/exports/goods.{ending}")
    assert [cells["sku"] for _line, cells in sheets.read(f"a.{ending}", sent.data)] == [
        HOOK, PAN, LURE,
    ]  # fmt: skip
    _where, page = looked_at(office, settle_events, "goods", sent.data, f"artikel.{ending}")
    stats = re.findall(r'class="stat[^>]*>\s*<[^>]+>(\d+)', page)
    assert stats[:4] == ["0", "0", "3", "0"]


def test_a_spreadsheet_never_gets_a_formula_from_us():
    table = sheets.write_csv(("a",), [("=1+1",), ("@x",), ("-5",)])
    assert table.decode("utf-8-sig").split("\r\n")[1:4] == ["'=1+1", "'@x", "-5"]
    assert sheets.read("a.csv", "a;b\n1;2\n\n3;4\n".encode("utf-8-sig")) == [
        (2, {"a": "1", "b": "2"}),
        (4, {"a": "3", "b": "4"}),
    ]


def test_a_planned_price_may_be_seen_before_it_holds(office):
    day = (clock.today() + timedelta(days=7)).strftime("%d.%m.%Y")
    form = {"sku": LURE, "price": "5,90", "valid_from": day, "reduced": "1"}
    office.post(f"/office/goods/{LURE.lower()}/prices", data=form)
    page = office.get(f"/office/goods/{LURE.lower()}").text
    assert "geplant" in page
    assert LURE_GTIN in office.get(f"/office/goods/{LURE.lower()}").text
