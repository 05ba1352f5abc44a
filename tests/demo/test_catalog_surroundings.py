"""People, places and stock of the demo as data: numbers valid, names known, figures as intended."""

import tomllib
from datetime import date
from pathlib import Path

import phonenumbers

from app.identity.staff import MIN_PASSWORD, ROLES
from demo import people, places, seed, stockroom
from demo.catalog.goods import variants
from fulfilment.places import geography
from fulfilment.places.calendars import STATES
from kit.ids import has_mod10_check_digit

HOME = Path(people.__file__).parent
PLACES = {"lager", "bonn", "koeln", "koblenz"}


def test_customers_have_numbers_with_check_digits_and_reachable_addresses() -> None:
    rows = people.customer_rows()
    assert len(rows) == 42
    for column in ("key", "number", "email", "phone"):
        assert len({row[column] for row in rows}) == len(rows), column
    for row in rows:
        assert len(row["number"]) == 7
        assert has_mod10_check_digit(row["number"]), row["key"]
        assert row["email"].endswith("@example.org")
        place = geography.locate(row["postal_code"])
        assert place is not None
        assert place.postal_code == row["postal_code"]
        assert row["price_group"] in people.PRICE_GROUPS
        assert row["home_location"] in PLACES | {""}


def test_telephone_numbers_are_valid_and_kept_free_for_fiction() -> None:
    shops = [place["phone"] for place in places.read()["location"].values()]
    persons = [row["phone"] for row in people.customer_rows()]
    for number in shops + persons:
        assert phonenumbers.is_valid_number(phonenumbers.parse(number)), number
    assert all(number.startswith("+492214710") for number in shops)
    assert all(number.startswith("+4917139200") for number in persons)


def test_herr_mueller_wants_to_be_called_and_frau_mueller_bought_in_bonn() -> None:
    assert people.number_of("mueller") == "2104881"
    rows = {row["key"]: row for row in people.customer_rows()}
    assert (rows["mueller"]["contact_by"], rows["mueller"]["postal_code"]) == ("call", "53474")
    hers = [sale for sale in seed._sales() if sale["customer"] == "frau_mueller"]
    assert [(sale["till"], sale["lines"]) for sale in hers] == [("bonn-1", "KM-X100-CREx1")]


def test_earlier_sales_name_tills_people_and_goods_that_exist_and_come_in_order() -> None:
    accounts = tomllib.loads((HOME / "accounts.toml").read_text("utf-8"))
    tills = {till["code"] for till in accounts["device"]}
    keys = {row["key"] for row in people.customer_rows()}
    sales = seed._sales()
    for sale in sales:
        assert sale["till"] in tills
        assert sale["customer"] in keys | {""}
        assert all(sku in variants() and units > 0 for sku, units in seed._lines(sale))
    order = [(-int(sale["days_ago"]), sale["time"]) for sale in sales]
    assert order == sorted(order)


def test_staff_can_be_created_as_they_stand_in_the_file() -> None:
    accounts = tomllib.loads((HOME / "accounts.toml").read_text("utf-8"))
    assert len(accounts["password"]) >= MIN_PASSWORD
    assert {person["role"] for person in accounts["staff"]} == set(ROLES)
    for person in accounts["staff"]:
        assert person.get("location", "lager") in PLACES
    stores = {till["location"] for till in accounts["device"]}
    assert stores == PLACES - {"lager"}


def test_places_lie_where_their_postal_code_is_and_know_their_carriers() -> None:
    facts = places.read()
    assert set(facts["location"]) == PLACES
    for place in facts["location"].values():
        found = geography.locate(place["postal_code"])
        assert found is not None
        assert place["state"] == found.state
        assert place["state"] in STATES
        away = geography.distance_km(
            place["latitude"], place["longitude"], found.latitude, found.longitude
        )
        assert away < 3
        assert len(place["hours"]) == 7
        served = {
            group for tariff in place["tariffs"] for group in facts["tariff"][tariff]["groups"]
        }
        assert served >= set(place["groups"])


def test_tariffs_grow_with_weight_and_distance() -> None:
    for tariff in places.read()["tariff"].values():
        reach = [zone[0] for zone in tariff["zones"]]
        assert reach == sorted(reach)
        assert reach[-1] >= 1000
        for group in tariff["groups"].values():
            assert len(group["steps"]) == len(group["cents"])
            assert group["steps"] == sorted(group["steps"])
            assert group["cents"] == sorted(group["cents"])


def test_every_article_fits_the_heaviest_parcel_of_its_group() -> None:
    steps: dict[str, int] = {}
    for tariff in places.read()["tariff"].values():
        for name, group in tariff["groups"].items():
            steps[name] = max(steps.get(name, 0), group["steps"][-1])
    for sku, (product, variant) in variants().items():
        assert variant.weight_grams <= steps[product.shipping_group], sku


def test_closed_days_are_dates_of_places_that_exist() -> None:
    closed = places.read()["closed"]
    assert {code for rule in closed for code in rule["locations"]} <= PLACES
    days = {rule["reason"]: [date.fromisoformat(day) for day in rule["days"]] for rule in closed}
    # Easter 2027 is on 28 March; the Monday of carnival lies 48 days before.
    assert days["Rosenmontag"][0] == date(2027, 2, 8)
    assert all(day.weekday() == 0 for day in days["Rosenmontag"])


def test_stock_is_the_same_everywhere_and_believable() -> None:
    stock = stockroom.quantities()
    assert stock == stockroom.quantities()
    assert stock.keys() == variants().keys()
    assert stock["OH-3-0"] == {"lager": 3, "bonn": 6, "koeln": 3, "koblenz": 0}
    assert stock["RS9-MOT"] == {"lager": 24, "bonn": 7, "koeln": 5, "koblenz": 3}
    total = {place: sum(units[place] for units in stock.values()) for place in stockroom.PLACES}
    assert total["lager"] > 3 * max(total[store] for store in stockroom.STORES)
    nowhere = {sku for sku, units in stock.items() if not any(units.values())}
    in_stores_only = {
        sku for sku, units in stock.items() if not units["lager"] and any(units.values())
    }
    assert len(nowhere) == 6
    assert len(in_stores_only) == 7
    assert "KC8-KUE" in in_stores_only
