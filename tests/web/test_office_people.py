"""People and their access: invitations, roles, second factor, sessions that end, the audit log."""

import re
import time

import pytest
from sqlalchemy import select, update

from app.identity import audit, second_factor
from app.identity.audit import Wanted
from app.identity.models import RecoveryCode, Staff
from app.web import session as web_session
from kit.database import reading, transaction
from tests import small_shop
from tests.small_shop import LURE
from tests.standing import moved, snapshot
from tests.web.staff_bench import PASSWORD, at_work, hire, sign_in

pytestmark = pytest.mark.usefixtures("wednesday")

NEW = "a longer word than before"


@pytest.fixture
def shop(app):
    small_shop.build({("lager", LURE): 2})
    hire("admin", "office", "lager")
    return app


def staff_of(email):
    with reading() as session:
        return session.scalars(select(Staff).where(Staff.email == email)).one()


def log(**wanted):
    with reading() as session:
        return [
            (row.actor, row.action, row.thing, row.key)
            for row in audit.entries(session, Wanted(**wanted))
        ]


def code_in(secret, at=None):
    return second_factor.code_at(secret, time.time() if at is None else at)


def enrol(client):
    """Switch the second factor on; return its secret and the recovery codes."""
    client.post("/office/me/second-factor", data={"sure": "1"})
    secret = re.search(r"<p class=\"num small\">(\w+)</p>", client.get("/office/me").text).group(1)
    answer = client.post("/office/me/second-factor/confirmation", data={"code": code_in(secret)})
    return secret, re.findall(r"<li>(\w{5}-\w{5})</li>", answer.text)


@pytest.mark.parametrize(
    ("at", "code"), [(59, "287082"), (1111111109, "081804"), (20000000000, "353130")]
)
def test_codes_are_those_of_the_standard(at, code):
    """RFC 6238, appendix B (the last six of its eight digits)."""
    assert second_factor.code_at("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", at) == code


def test_the_second_factor_asks_for_a_code_that_counts_once(shop):
    client = at_work(shop, "office")
    secret, codes = enrol(client)
    assert len(set(codes)) == second_factor.RECOVERY_CODES
    assert secret not in str(staff_of("office@angelhaus.example").totp_sealed)
    fresh = shop.test_client()
    asked = sign_in(fresh, "office", next="/office/stock")
    assert (asked.status_code, "one-time-code" in asked.text) == (200, True)
    assert fresh.get("/office/").status_code == 302
    sign_in(fresh, "office")
    # The one that was used to switch it on lets nobody in, nor does a wrong one.
    for code in (code_in(secret), "000000", ""):
        assert fresh.post("/office/sign-in", data={"code": code}).status_code == 401
    answer = fresh.post(
        "/office/sign-in", data={"code": code_in(secret, time.time() + 30), "next": "/office/stock"}
    )
    assert (answer.status_code, answer.location) == (302, "/office/stock")
    assert fresh.get("/office/").status_code == 200


def test_a_recovery_code_stands_for_the_telephone_once(shop):
    _secret, codes = enrol(at_work(shop, "office"))
    for status in (302, 401):
        fresh = shop.test_client()
        sign_in(fresh, "office")
        answer = fresh.post("/office/sign-in", data={"code": codes[0].lower()})
        assert answer.status_code == status
    with reading() as session:
        used = select(RecoveryCode).where(RecoveryCode.used_at.is_not(None))
        assert len(session.scalars(used).all()) == 1


def test_a_code_without_the_password_before_it_lets_nobody_in(shop):
    secret, _codes = enrol(at_work(shop, "office"))
    stranger = shop.test_client()
    code = code_in(secret, time.time() + 30)
    assert stranger.post("/office/sign-in", data={"code": code}).status_code == 401
    assert stranger.get("/office/").status_code == 302


def test_ten_failures_lock_an_account_for_a_while_and_say_nothing_of_it(shop):
    client = shop.test_client()
    wrong = {"email": "office@angelhaus.example", "password": "wrong"}
    said = {client.post("/office/sign-in", data=wrong).text for _ in range(10)}
    assert sign_in(client, "office").status_code == 401
    assert len({re.sub(r'value="[^"]*"', "", text) for text in said}) == 1
    assert ("Ute Kranz", "locked", "staff", "office@angelhaus.example") in log()
    with transaction() as session:
        session.execute(update(Staff).values(locked_until=None))
    assert sign_in(client, "office").status_code == 302


def test_sessions_end_by_themselves_and_with_a_new_password(shop, monkeypatch):
    client, elsewhere = at_work(shop, "office"), at_work(shop, "office")
    picker = at_work(shop, "lager")
    changed = client.post(
        "/office/me/password", data={"password": PASSWORD, "new": NEW, "again": NEW}
    )
    assert changed.status_code == 303
    assert client.get("/office/").status_code == 200
    assert elsewhere.get("/office/").status_code == 302
    assert sign_in(elsewhere, "office").status_code == 401
    later = time.time() + web_session.IDLE_AT_THE_DESK + 5
    monkeypatch.setattr(web_session.time, "time", lambda: later)
    assert client.get("/office/").status_code == 302
    assert picker.get("/floor/").status_code == 200
    monkeypatch.setattr(web_session.time, "time", lambda: later + web_session.LONGEST_ELSEWHERE)
    assert picker.get("/floor/").status_code == 302


def test_somebody_is_invited_chooses_a_password_works_and_leaves(shop):
    admin = at_work(shop, "admin")
    invited = admin.post(
        "/office/people",
        data={
            "name": "Lea Roth",
            "email": "Lea@Angelhaus.example",
            "role": "picker",
            "location": "bonn",
        },
    )
    link = re.search(r"http://shop.test(/office/welcome/[\w-]+)", invited.text).group(1)
    lea = shop.test_client()
    assert "Guten Tag, Lea Roth" in lea.get(link).text
    assert lea.post(link, data={"password": "short", "again": "short"}).status_code == 422
    assert lea.post(link, data={"password": NEW, "again": "other"}).status_code == 422
    assert lea.post(link, data={"password": NEW, "again": NEW}).status_code == 302
    assert lea.get(link).status_code == 404
    form = {"email": "lea@angelhaus.example", "password": NEW}
    assert lea.post("/office/sign-in", data=form).location == "/floor/"
    row = staff_of("lea@angelhaus.example")
    office = at_work(shop, "office")
    # Another role, and the end: each ends her sessions at once.
    assert office.post(f"/office/people/{row.id}", data={}).status_code == 403
    change = {"name": "Lea Roth", "role": "cashier", "location": "bonn", "active": "1"}
    assert admin.post(f"/office/people/{row.id}", data=change).status_code == 303
    assert lea.get("/floor/").status_code == 302
    assert admin.post(f"/office/people/{row.id}", data={**change, "active": ""}).status_code == 303
    assert lea.post("/office/sign-in", data=form).status_code == 401
    mine = [entry for entry in log(thing="staff", key=row.email) if entry[0] == "Karl Amrein"]
    assert [action for _who, action, *_rest in mine] == ["update", "update", "insert"]
    shown = office.get(f"/office/audit?key={row.email}").text
    assert "cashier" in shown
    assert NEW not in shown
    assert "argon2" not in shown


def test_nobody_takes_the_last_admins_rights_nor_their_own(shop):
    admin = at_work(shop, "admin")
    karl = staff_of("admin@angelhaus.example")
    before = snapshot()
    for change in ({"role": "service", "active": "1"}, {"role": "admin"}):
        answer = admin.post(f"/office/people/{karl.id}", data={"name": "Karl Amrein", **change})
        assert answer.status_code == 422
    wrong = {"name": "X", "email": "x@example.org", "role": "picker", "location": ""}
    assert admin.post("/office/people", data=wrong).status_code == 422
    assert moved(before) == set()


def test_where_a_second_factor_is_asked_for_the_desk_does_nothing_without(shop, monkeypatch):
    config = shop.config["KONTOR"]
    asking = type(config)(**{**vars(config), "second_factor_required": True})
    monkeypatch.setitem(shop.config, "KONTOR", asking)
    office, picker = at_work(shop, "office"), at_work(shop, "lager")
    assert office.get("/office/orders").location == "/office/me"
    assert picker.get("/floor/").status_code == 200
    enrol(office)
    assert office.get("/office/orders").status_code == 200
