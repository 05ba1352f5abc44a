"""The back office with real work in it: a split order, a till sale, an order that nobody paid."""

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import event, select, text

from app.messages.models import CallTask, Message
from app.payments import charges
from app.sales import orders
from app.workflows import checkout, floor, lapsing
from app.workflows.floor import Worker
from catalog import search
from fulfilment.models import Parcel
from kit import clock
from kit.database import reading, transaction
from tests import small_shop
from tests.pos.register import Register
from tests.small_shop import HOOK, HOOK_GTIN, LURE, LURE_GTIN, MUELLER, WEDNESDAY
from tests.standing import moved, snapshot
from tests.web.floor_bench import paid
from tests.web.staff_bench import PASSWORD, at_work, hire, sign_in
from tests.web.storefront import text as words_of

pytestmark = pytest.mark.usefixtures("wednesday", "sound")

STOCK = {("lager", LURE): 24, ("lager", HOOK): 3, ("bonn", HOOK): 5, ("bonn", LURE): 6}
DIRK = Worker("Dirk Hessler", "lager")


@pytest.fixture
def shop(app):
    small_shop.build(STOCK)
    hire("office")
    return app


@pytest.fixture
def asked(database):
    """What the pages have asked the database."""
    statements = []

    def note(_connection, _cursor, statement, *_):
        statements.append(statement)

    event.listen(database, "before_cursor_execute", note)
    yield statements
    event.remove(database, "before_cursor_execute", note)


@pytest.fixture
def office(shop):
    return at_work(shop, "office")


@pytest.fixture
def split(shop, settle_events):
    """Herr Müller's order: two lures packed in Kassel, a hook on its way to be picked in Bonn."""
    token = small_shop.basket_with((LURE, 2), (HOOK, 1), number=MUELLER)
    ref = checkout.place(token, small_shop.buyer()).order_ref
    with reading() as session:
        payment = charges.of_order(session, ref)
        checkout.settle(str(payment.id), payment.amount_minor, "pi_1")
    settle_events()
    with reading() as session:
        job = small_shop.job_at(session, ref, "lager")
    floor.start(job, DIRK)
    floor.scan(job, LURE, DIRK)
    floor.scan(job, LURE, DIRK)
    floor.short_pick(job, HOOK, DIRK)
    settle_events()
    floor.finish(job, DIRK)
    floor.pack(job, DIRK)
    settle_events()
    return ref


@pytest.fixture
def sale(shop, settle_events):
    """A lure over the counter in Bonn, for cash."""
    answer = Register(shop.test_client()).sell()
    assert answer.status_code == 200
    settle_events()
    return answer.get_json()


@pytest.fixture
def lapsed(shop, settle_events):
    """An order of somebody else that was closed unpaid."""
    token = small_shop.basket_with((LURE, 1))
    facts = {"name": "Erika Lind", "email": "lind@example.org", "phone": None, "contact_by": "mail"}
    ref = checkout.place(token, small_shop.buyer(**facts)).order_ref
    with clock.frozen(WEDNESDAY + timedelta(minutes=16)):
        assert lapsing.lapse_due() == 1
        settle_events()
    return ref


def found(client, term):
    """Return where a search leads: the order's reference, or the page's words."""
    answer = client.get("/office/orders", query_string={"q": term})
    if answer.status_code == 302:
        return answer.location.removeprefix("/office/orders/")
    return words_of(answer)


def test_a_wrong_password_is_refused_and_says_no_more(shop):
    client = shop.test_client()
    for form in ({"password": "wrong"}, {"email": "nobody@angelhaus.example"}, {"password": ""}):
        answer = sign_in(client, "office", **form)
        assert answer.status_code == 401
        assert "E-Mail oder Passwort stimmen nicht." in words_of(answer)
    assert client.get("/office/").status_code == 302
    with transaction() as session:
        session.execute(text("UPDATE staff SET active = false"))
    assert sign_in(client, "office").status_code == 401


def test_who_left_is_out_at_once(office):
    assert office.get("/office/").status_code == 200
    with transaction() as session:
        session.execute(text("UPDATE staff SET active = false"))
    answer = office.get("/office/")
    assert (answer.status_code, answer.location.split("?")[0]) == (302, "/office/sign-in")


def test_signing_in_leads_where_one_wanted_to_go_and_out_again(shop):
    client = shop.test_client()
    asked = client.get("/office/orders?q=K-1")
    assert asked.location == "/office/sign-in?next=/office/orders?q%3DK-1"
    form = client.get(asked.location).get_data(as_text=True)
    assert 'name="next" value="/office/orders?q=K-1"' in form
    assert sign_in(client, "office", next="/office/orders?q=K-1").location == "/office/orders?q=K-1"
    assert client.post("/office/sign-out").location == "/office/sign-in"
    assert client.get("/office/").status_code == 302


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/",
        "///evil.example/",
        "////evil.example/",
        "/\\evil.example/",
        "\\\\evil.example/",
        "/\t/evil.example/",
        "/\n/evil.example/",
        "javascript:alert(1)",
        "evil.example",
        "",
    ],
)
def test_signing_in_never_leads_to_another_host(shop, elsewhere):
    answer = sign_in(shop.test_client(), "office", next=elsewhere)
    assert (answer.status_code, answer.location) == (302, "/office/")


@pytest.mark.parametrize(
    ("who", "home"),
    [("office", "/office/"), ("lead", "/office/"), ("lager", "/floor/"), ("till", "/till/")],
)
def test_everyone_comes_out_at_their_own_work(shop, who, home):
    if who != "office":
        hire(who)
    assert sign_in(shop.test_client(), who).location == home


def test_guessing_passwords_is_slowed_down(shop):
    client = shop.test_client()
    answers = [sign_in(client, "office", password="x").status_code for _ in range(21)]
    assert answers == [401] * 20 + [429]
    assert sign_in(client, "office").status_code == 429


def test_the_board_shows_the_split_order_with_its_reason(office, split, sale, lapsed):
    shown = words_of(office.get("/office/"))
    assert f"{split} · Jürgen Müller, Koblenz" in shown
    assert "zugesagt" in shown
    assert "2 Pakete" in shown
    assert "2 × Rheinshad 9 cm" in shown
    assert "1 × Offset-Haken 3/0" in shown
    assert "Anruf bis 14:30" in shown
    for other in (sale["order_ref"], lapsed, "Erika Lind"):
        assert other not in shown
    assert split in words_of(office.get("/office/?only=open"))
    for only in ("late", "short"):
        assert "Hier ist nichts offen" in words_of(office.get(f"/office/?only={only}"))
    with clock.frozen(WEDNESDAY + timedelta(days=3)):
        assert split in words_of(office.get("/office/?only=late"))
    assert split in words_of(office.get("/office/?only=nonsense"))


def test_the_board_asks_as_much_for_many_orders_as_for_one(office, split, settle_events, asked):
    asked.clear()
    assert office.get("/office/?only=open").text.count('<article class="card"') == 1
    once = len(asked)
    for _ in range(2):
        paid(settle_events, (LURE, 1))
    asked.clear()
    assert office.get("/office/?only=open").text.count('<article class="card"') == 3
    assert len(asked) == once


def test_an_order_page_tells_the_whole_story(office, split):
    shown = words_of(office.get(f"/office/orders/{split}"))
    with reading() as session:
        order = orders.by_ref(session, split)
        title = session.scalars(select(Message.subject).where(Message.order_ref == split)).first()
    assert title in shown
    for part in (
        "Jürgen Müller Moselweg 3 56068 Koblenz",
        "2 × Rheinshad 9 cm",
        "1 × Offset-Haken 3/0",
        "Neu geroutet",
        "Dirk Hessler",
        "Anruf aus Bonn",
        "Stripe: 22,65 €",
    ):
        assert part in shown, part
    assert (order.total_minor, order.state) == (2265, "confirmed")
    assert office.get("/office/orders/K-NOBODY").status_code == 404


def test_a_till_sale_and_a_lapsed_order_have_pages_too(office, sale, lapsed):
    ref = sale["order_ref"]
    shown = words_of(office.get(f"/office/orders/{ref}"))
    assert sale["receipt_number"] in shown
    assert "Kasse Bonn" in shown
    assert "Bar: 6,90 €" in shown
    shown = words_of(office.get(f"/office/orders/{lapsed}"))
    assert "Nicht bezahlt, geschlossen" in shown
    assert "Erika Lind" in shown
    listed = words_of(office.get("/office/orders"))
    for part in (sale["receipt_number"], lapsed, "Erika Lind"):
        assert part in listed


def test_orders_are_found_by_whatever_someone_has_at_hand(office, split, sale, lapsed):
    with reading() as session:
        (parcel,) = session.scalars(select(Parcel).where(Parcel.order_ref == split)).all()
    for term in (split, split.lower(), f" {split} ", parcel.sscc, HOOK_GTIN, HOOK, HOOK.lower()):
        assert found(office, term) == split, term
    for term in (sale["receipt_number"], sale["receipt_number"].upper(), sale["order_ref"]):
        assert found(office, term) == sale["order_ref"], term
    for term in ("Erika", "lind", "LIND@example.org", lapsed):
        assert found(office, term) == lapsed, term
    for term in ("0261 14710777", "+49 261 14710777", "026114710777", MUELLER, "2 104 881"):
        assert found(office, term) == split, term
    everything = found(office, LURE_GTIN)
    assert all(ref in everything for ref in (split, lapsed, sale["receipt_number"]))


@pytest.mark.parametrize(
    "term",
    ["K-NOBODY", "9520000000012", "000000", "%%%", "_____", "'; DROP TABLE orders --", "²³¹⁴⁵⁶⁷⁸"],
)
def test_a_search_that_finds_nothing_says_so(office, lapsed, term):
    shown = found(office, term)
    assert "Nichts gefunden" in shown


def test_stock_explains_why_it_is_what_it_is(office, split, sale):
    with transaction() as session:
        search.reindex(session)
    for term in (LURE, LURE.lower(), LURE_GTIN, "Rheinshad"):
        answer = office.get("/office/stock", query_string={"sku": term})
        assert LURE in words_of(answer), term
    assert office.get("/office/stock?sku=nothing-like-it").status_code == 200
    assert "Offset-Haken 3/0" in words_of(office.get("/office/stock"))  # to be counted
    shown = words_of(office.get(f"/office/stock/{LURE}?place=bonn"))
    assert sale["receipt_number"] in shown or sale["order_ref"] in shown
    assert "opening" in shown
    assert office.get("/office/stock/NOTHING").status_code == 404
    assert office.get(f"/office/stock/{LURE}?place=mars").status_code == 200


def test_letters_are_shown_as_they_were_sent(office, split, lapsed):
    with reading() as session:
        rows = session.scalars(select(Message)).all()
    listed = words_of(office.get("/office/messages"))
    for row in rows:
        assert row.subject in listed
        assert office.get(f"/office/messages/{row.id}").status_code == 200
    assert {row.kind for row in rows} == {"order_placed", "order_confirmed", "order_lapsed"}
    assert office.get(f"/office/messages/{uuid.uuid4()}").status_code == 404


def test_a_call_is_done_once(office, split):
    with reading() as session:
        (task,) = session.scalars(select(CallTask))
    assert "Jürgen Müller" in words_of(office.get("/office/calls"))
    path = f"/office/calls/{task.id}"
    before = snapshot()
    assert office.post(path, data={"outcome": "shouted"}).status_code == 422
    nobodys = f"/office/calls/{uuid.uuid4()}"
    assert office.post(nobodys, data={"outcome": "reached"}).status_code == 404
    assert moved(before) == set()
    assert office.post(path, data={"outcome": "reached"}).location == "/office/calls"
    before = snapshot()
    answer = office.post(path, data={"outcome": "reached"}, follow_redirects=True)
    assert "Der Anruf ist schon erledigt." in words_of(answer)
    assert "Jürgen Müller" not in words_of(office.get("/office/calls"))
    assert moved(before) == set()
    with reading() as session:
        told = [entry.what for entry in orders.timeline(session, split)]
    assert told.count("customer_called") == 1


def test_the_invariants_page_says_which_hold(office, split, owner):
    shown = words_of(office.get("/office/invariants"))
    assert shown.count("stimmt") == 15
    assert "noch nicht gebaut" not in shown
    assert "verletzt" not in shown
    owner.execute("UPDATE stock_balances SET in_transit = 1 WHERE location = 'bonn'")
    assert words_of(office.get("/office/invariants")).count("verletzt") == 2
    owner.execute("UPDATE stock_balances SET in_transit = 0")


@pytest.mark.parametrize("hours", ["1", "x", "-1", "9" * 30, ""])
def test_the_clock_is_moved_in_the_demo_only(office, hours):
    before = snapshot()
    assert "12:30" in words_of(office.get("/office/clock"))
    assert office.post("/office/clock", data={"hours": hours}).status_code == 403
    assert moved(before) == set()


@pytest.mark.parametrize("hours", ["x", "-1", "0", "9" * 30, "", "１０" * 30])
def test_the_demos_clock_goes_forward_only(shop, office, hours, monkeypatch):
    import dataclasses

    demo = dataclasses.replace(shop.config["KONTOR"], demo=True)
    monkeypatch.setitem(shop.config, "KONTOR", demo)
    before = snapshot()
    answer = office.post("/office/clock", data={"hours": hours}, follow_redirects=True)
    assert answer.status_code == 200
    assert "Die Uhr geht nur vorwärts" in words_of(answer)
    assert moved(before) == set()


def test_passwords_are_never_shown(office):
    assert PASSWORD not in office.get("/office/").get_data(as_text=True)


@pytest.mark.parametrize(
    "path", ["/office/orders?q=%00", "/office/stock?sku=%00", "/suche?q=a%00b"]
)
def test_characters_that_no_text_has_are_no_accident_of_ours(office, path):
    assert office.get(path).status_code in {200, 422}
