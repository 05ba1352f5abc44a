"""Pages of the back office speak to people: names for codes, days for midnights."""

import re

import pytest

from app.identity.permissions import ALLOWED
from app.messages.kinds import KINDS
from app.web import office_words, timeline
from app.web.backoffice import rights
from app.workflows import checkout
from tests import small_shop
from tests.small_shop import LURE, MUELLER, basket_with, buyer
from tests.web.staff_bench import at_work, hire
from tests.web.storefront import text

pytestmark = pytest.mark.usefixtures("wednesday")


@pytest.fixture
def office(app):
    small_shop.build({("lager", LURE): 3, ("bonn", LURE): 2})
    hire("admin", "office")
    return at_work(app, "admin")


def test_every_route_belongs_to_a_part_of_the_house():
    for endpoint in ALLOWED:
        assert rights.area_of(endpoint) >= 0, endpoint


def test_the_longest_beginning_says_which_part():
    def same(one, other):
        return rights.area_of(one) == rights.area_of(other)

    assert same("backoffice.order_override", "backoffice.order_override_do")
    assert not same("backoffice.order_override", "backoffice.order")
    assert not same("backoffice.messages", "backoffice.me_password")
    assert not same("floor.returns", "backoffice.returns_list")


def test_the_table_of_roles_says_as_much_as_what_counts(app):
    with app.test_request_context():
        shown = [right for _name, rights_ in rights.table() for right in rights_]
    addresses = {rule.rule for rule in app.url_map.iter_rules() if rule.endpoint in ALLOWED}
    assert {address for right in shown for address in right.addresses} == addresses
    assert {right.roles for right in shown} == {frozenset(roles) for roles in ALLOWED.values()}


def test_the_table_of_roles_names_no_endpoint(office):
    said = text(office.get("/office/people/roles"))
    assert "Gutscheine ansehen" in said
    assert "/office/gift-cards" in said
    assert not re.search(r"\b(backoffice|floor)\.\w", said)


def test_every_fact_of_a_message_has_a_word(office):
    for kind in KINDS.values():
        assert office_words.facts(kind.facts).count(",") == max(0, len(kind.facts) - 1)
    assert "geheimer Link" in text(office.get("/office/messages/kinds"))


def test_shelves_are_named_in_the_readers_language(office):
    german, english = text(office.get("/office/goods")), text(office.get("/en/office/goods"))
    assert "Rheinshad" in german
    assert " Köder " in german
    assert " Lures " in english
    assert " koeder " not in german + english


def test_a_customers_number_reads_as_on_the_card(office):
    ref = checkout.place(basket_with((LURE, 1), number=MUELLER), buyer()).order_ref
    assert "Kundennummer 2 104 881" in text(office.get(f"/office/orders/{ref}"))
    assert ref in text(office.get("/office/orders?q=2+104+881"))


def test_who_did_it_is_a_till_or_the_house_itself(app):
    with app.test_request_context():
        assert office_words.word("till bonn-1") == "Kasse bonn-1"
        assert office_words.word("scheduler") == "Kontor"
        assert office_words.word("Petra Lindlar") == "Petra Lindlar"


@pytest.mark.parametrize(
    ("address", "status", "way", "leads"),
    [
        ("/office/orders/K-NOBODY", 404, "Zurück zur Arbeit", "/office/"),
        ("/office/nowhere", 404, "Zurück zur Arbeit", "/office/"),
        ("/en/office/nowhere", 404, "Back to work", "/en/office/"),
        ("/floor/nowhere", 404, "Zurück zur Arbeit", "/floor/"),
    ],
)
def test_who_works_gets_back_to_work_from_a_page_that_is_none(office, address, status, way, leads):
    answer = office.get(address)
    assert answer.status_code == status
    assert way in text(answer)
    assert f'href="{leads}"' in answer.text
    assert "Warenkorb" not in text(answer)


def test_who_may_not_is_led_to_what_everybody_may(app):
    small_shop.build({})
    hire("lager")
    answer = at_work(app, "lager").get("/office/people")
    assert answer.status_code == 403
    assert 'href="/office/me"' in answer.text


def test_one_parcel_is_one_parcel(app):
    with app.test_request_context():
        assert timeline.detail({"parcels": 1}, {}) == "1 Paket"
        assert timeline.detail({"parcels": 2}, {}) == "2 Pakete"
