"""Every route is declared: open by what it asks for instead, or guarded by the table of roles."""

import pytest

from app.identity import permissions
from app.identity.open_routes import (
    CUSTOMER,
    DEVICE,
    MAIL_LINK,
    OPEN,
    PUBLIC,
    SECRET_LINK,
    SIGNATURE,
)
from app.identity.permissions import ALLOWED
from app.identity.staff import ROLES
from app.workflows import checkout
from tests import small_shop
from tests.small_shop import LURE
from tests.standing import moved, snapshot
from tests.web.staff_bench import PEOPLE, at_work, hire

pytestmark = pytest.mark.usefixtures("wednesday")

NOBODYS = "00000000-0000-7000-8000-000000000000"
# A value for each name that stands in a route; what it names exists where that is easily so.
VALUES = {
    "address_id": NOBODYS,
    "card": "none",
    "card_id": NOBODYS,
    "card_payment_id": "nobody-1",
    "category": "koeder",
    "code": LURE,
    "digest": "none",
    "ending": "csv",
    "kind": "goods",
    "link_id": NOBODYS,
    "import_id": NOBODYS,
    "document": "none",
    "filename": "none.css",
    "job_id": NOBODYS,
    "message_id": NOBODYS,
    "month": "2026-10",
    "movement_id": 1,
    "issue_id": NOBODYS,
    "name": "none.svg",
    "number": small_shop.MUELLER,
    "page": "impressum",
    "first": 1,
    "notice_id": NOBODYS,
    "parked_id": "nobody-1",
    "parcel_id": NOBODYS,
    "photo_id": NOBODYS,
    "piece_id": NOBODYS,
    "question_id": NOBODYS,
    "rule": NOBODYS,
    "recall_id": NOBODYS,
    "run_id": NOBODYS,
    "place": "bonn",
    "product": LURE.lower(),
    "conflict_id": NOBODYS,
    "till_session": NOBODYS,
    "ref": "K-NOBODY",
    "refusal_id": NOBODYS,
    "undelivered_id": NOBODYS,
    "request_ref": "R-NOBODY",
    "return_id": NOBODYS,
    "session_id": "nobody-1",
    "signed": "none",
    "sale_id": "no-such-sale",
    "sku": LURE,
    "slug": "none",
    "staff_id": NOBODYS,
    "surface": "shop",
    "task_id": NOBODYS,
    "theme": "none",
    "token": "none",
    "unclear_id": NOBODYS,
    "version": 9,
    "wave_id": NOBODYS,
}
# Where an open page leads on, as there is nothing to show yet.
ELSEWHERE = {
    "storefront.asked": "/anfrage",
    "storefront.checkout": "/warenkorb",
    "storefront.checkout_collect": "/warenkorb",
    "storefront.hold": "/warenkorb",
    "storefront.offer": "/artikel/",
    "storefront.review": "/bestellen",
    "storefront.search": "/",
    "storefront.withdrawn": "/vertrag-widerrufen",
}
# Open pages that cannot read what their address names here.
UNREADABLE = {"pos.qr": {422}}
# What an empty form is enough for, or what finds nothing to do and is content with it.
CONTENT_WITH_NOTHING = {
    "backoffice.crosssell_consumed",
    "backoffice.crosssell_trial_end",
    "backoffice.stock_plan",
    "backoffice.synonym_miss",
}
# Forms that name a thing or a place themselves, which an empty one does not.
NAMED_IN_FORM = {"backoffice.reconciliation_repair", "backoffice.stock_plan"}
# The shop's clock stands still outside the demo, for everyone.
CLOSED_TO_ALL = {("backoffice.clock", "POST")}
# Forms that are shown again with their errors, without a status that says so.
ASKED_FOR_AGAIN = {
    "backoffice.incoming_buy",
    "backoffice.incoming_transfer",
    "backoffice.recall_open",
    "backoffice.synonym_add",
}
# One person per role; the till's cashier is the cashier.
WHO = {role: key for key, (role, _place, _name) in PEOPLE.items()}


def routes(app, declared):
    """Return endpoint, method and path of every route whose endpoint is in a table."""
    found = []
    with app.test_request_context():
        adapter = app.url_map.bind("shop.test")
        for rule in app.url_map.iter_rules():
            if rule.endpoint not in declared:
                continue
            values = {name: VALUES[name] for name in rule.arguments}
            path = adapter.build(rule.endpoint, values, method=next(iter(rule.methods)))
            found += [
                (rule.endpoint, method, path)
                for method in sorted(rule.methods - {"HEAD", "OPTIONS"})
            ]
    return sorted(found)


def naming(app):
    """Return the endpoints whose route names a thing, which need not exist."""
    return {rule.endpoint for rule in app.url_map.iter_rules() if rule.arguments}


def asked_to_sign_in(answer):
    return answer.status_code == 302 and answer.location.startswith("/office/sign-in")


@pytest.fixture
def shop(app):
    small_shop.build({("lager", LURE): 24, ("bonn", LURE): 6})
    return app


def test_every_route_is_declared_exactly_once(app):
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
    assert endpoints - ALLOWED.keys() - OPEN.keys() == set(), "undeclared: say who may use it"
    assert (ALLOWED.keys() | OPEN.keys()) - endpoints == set(), (
        "declared, but there is no such route"
    )
    assert ALLOWED.keys() & OPEN.keys() == set()
    assert set(OPEN.values()) == {PUBLIC, SECRET_LINK, MAIL_LINK, CUSTOMER, DEVICE, SIGNATURE}


def test_the_table_names_roles_that_exist_and_leaves_no_endpoint_to_nobody():
    named = set().union(*ALLOWED.values())
    assert named == set(ROLES) == set(WHO)
    assert all(ALLOWED.values())
    assert not permissions.may("admin", "backoffice.nothing")
    assert not permissions.may("stranger", "backoffice.board")


def test_without_signing_in_nothing_guarded_is_shown_or_done(shop):
    client = shop.test_client()
    before = snapshot()
    for endpoint, method, path in routes(shop, ALLOWED):
        assert asked_to_sign_in(client.open(path, method=method)), (endpoint, method)
    assert moved(before) == set()


def test_what_is_open_never_asks_to_sign_in(shop):
    client = shop.test_client()
    named = naming(shop)
    for endpoint, method, path in routes(shop, OPEN):
        if method != "GET":
            continue
        answer = client.get(path)
        assert not asked_to_sign_in(answer), endpoint
        if endpoint in ELSEWHERE:
            assert answer.status_code in {302, 303}, endpoint
            assert answer.location.startswith(ELSEWHERE[endpoint]), endpoint
            continue
        plain = {404} if OPEN[endpoint] == SECRET_LINK else {200}
        if OPEN[endpoint] == PUBLIC and endpoint in named:
            # What it names may be nothing that there is.
            plain = {200, 404}
        expected = {DEVICE: {401}, MAIL_LINK: {410}, CUSTOMER: {302}}.get(OPEN[endpoint], plain)
        assert answer.status_code in UNREADABLE.get(endpoint, expected), endpoint


@pytest.mark.parametrize(
    ("proof", "status"),
    [(DEVICE, 401), (SIGNATURE, 403), (SECRET_LINK, 404), (MAIL_LINK, 410), (CUSTOMER, 302)],
)
def test_who_lacks_the_proof_moves_nothing(shop, proof, status):
    client = shop.test_client()
    asking = {endpoint for endpoint, asked in OPEN.items() if asked == proof}
    before = snapshot()
    for endpoint, method, path in routes(shop, asking):
        answer = client.open(path, method=method, json={} if proof == DEVICE else None)
        assert answer.status_code == status, (endpoint, method)
    assert moved(before) == set()


@pytest.mark.parametrize("role", ROLES)
def test_each_role_may_exactly_what_the_table_says(shop, role):
    """Who may is let in and told what is missing; who may not is refused. Nothing moves."""
    hire(WHO[role])
    client = at_work(shop, WHO[role])
    named = naming(shop)
    before = snapshot()
    wrong = []
    for endpoint, method, path in routes(shop, ALLOWED):
        answer = client.open(path, method=method)
        if not permissions.may(role, endpoint) or (endpoint, method) in CLOSED_TO_ALL:
            right = answer.status_code == 403
        elif method == "GET":
            right = answer.status_code in ({200, 404} if endpoint in named else {200})
        else:
            right = told(client, answer, endpoint, named)
        if not right:
            wrong.append((endpoint, method, answer.status_code))
    assert wrong == []
    assert moved(before) == set()


def told(client, answer, endpoint, named):
    """Tell whether an empty form was answered as one: not found, refused, or asked for again."""
    if answer.status_code in {302, 303}:
        if asked_to_sign_in(answer):
            return False
        with client.session_transaction() as kept:
            said = [tone for tone, _words in kept.pop("_flashes", [])]
        return endpoint in CONTENT_WITH_NOTHING or (said and "ok" not in said)
    if answer.status_code == 404:
        return endpoint in named or endpoint in NAMED_IN_FORM
    return answer.status_code in {409, 422} or (
        answer.status_code == 200 and endpoint in ASKED_FOR_AGAIN
    )


@pytest.mark.parametrize("link", ["", "?t=", "?t=wrong", "?t=%00", "?token=x"])
def test_an_order_is_nobodys_without_its_own_token(shop, link):
    ref = checkout.place(small_shop.basket_with((LURE, 1)), small_shop.buyer()).order_ref
    other = checkout.place(small_shop.basket_with((LURE, 1)), small_shop.buyer())
    client = shop.test_client()
    before = snapshot()
    for query in (link, f"?t={other.token}"):
        assert client.get(f"/bestellung/{ref}{query}").status_code == 404
        assert client.get(f"/bestellung/{ref}/bezahlt{query}").status_code == 404
        assert client.post(f"/bestellung/{ref}/zahlung{query}").status_code == 404
    assert moved(before) == set()
    assert client.get(f"/bestellung/{other.order_ref}?t={other.token}").status_code == 200
