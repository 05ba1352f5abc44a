"""People and devices: who gets in, and what is refused without a trace."""

import pytest
from sqlalchemy import text

from app.identity import devices, staff
from kit.database import reading, transaction
from kit.errors import Forbidden, Invalid, Refused
from tests import small_shop
from tests.standing import moved, snapshot

pytestmark = pytest.mark.usefixtures("wednesday")

PASSWORD = "correct horse"
PERSON = {"email": "A@Example.org ", "name": "Ada", "role": "picker", "location": "bonn"}


@pytest.fixture
def shop(database):
    small_shop.build({})


def create(**changes):
    with transaction() as session:
        return staff.create(session, **{**PERSON, "password": PASSWORD, **changes})


def enter(email, password):
    with reading() as session:
        return staff.sign_in(session, email, password)


def test_a_person_signs_in_by_address_in_any_case(shop):
    made = create()
    assert (made.email, made.active) == ("a@example.org", True)
    for typed in ("a@example.org", " A@EXAMPLE.ORG "):
        assert enter(typed, PASSWORD).id == made.id
    with reading() as session:
        assert staff.by_id(session, str(made.id)).name == "Ada"


def test_a_password_is_kept_as_argon2id_only(shop):
    create()
    with reading() as session:
        (stored,) = session.scalars(text("SELECT password_hash FROM staff"))
    assert stored.startswith("$argon2id$")
    assert PASSWORD not in stored


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("a@example.org", "correct hors"),
        ("a@example.org", "correct horse "),
        ("a@example.org", "Correct horse"),
        ("a@example.org", ""),
        ("b@example.org", PASSWORD),
        ("b@example.org", "nobody has this password"),
        ("", ""),
    ],
)
def test_who_is_wrong_hears_the_same_whatever_was_wrong(shop, email, password):
    create()
    with pytest.raises(Forbidden) as refusal:
        enter(email, password)
    assert (refusal.value.code, refusal.value.facts) == ("sign_in", {})


def test_a_closed_account_and_a_broken_hash_let_nobody_in(shop):
    made = create()
    with transaction() as session:
        session.execute(text("UPDATE staff SET active = false"))
    with pytest.raises(Forbidden):
        enter("a@example.org", PASSWORD)
    with reading() as session:
        assert staff.by_id(session, str(made.id)) is None
        assert staff.by_id(session, "not an id") is None
    with transaction() as session:
        session.execute(text("UPDATE staff SET active = true, password_hash = 'plain'"))
    with pytest.raises(Forbidden):
        enter("a@example.org", "plain")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"email": "nobody"}, "email"),
        ({"role": "king"}, "role"),
        ({"password": "123456789"}, "password_short"),
        ({"location": None}, "location"),
        ({"role": "cashier", "location": None}, "location"),
        ({"role": "store_lead", "location": None}, "location"),
        ({"location": "mars"}, "location"),
        ({"role": "admin", "location": "mars"}, "location"),
    ],
)
def test_a_person_who_could_not_work_is_not_made(shop, changes, code):
    before = snapshot()
    with pytest.raises(Invalid) as refusal:
        create(**changes)
    assert refusal.value.code == code
    assert moved(before) == set()


def test_an_address_belongs_to_one_person(shop):
    create()
    before = snapshot()
    with pytest.raises(Refused, match="email_taken"):
        create(email="a@EXAMPLE.org", name="Eve", password="another long one")
    assert moved(before) == set()


@pytest.mark.parametrize("role", ["service", "back_office", "admin"])
def test_who_works_for_the_whole_shop_needs_no_place(shop, role):
    assert create(role=role, location=None).location is None


def test_a_device_is_known_by_its_token_until_it_is_revoked(shop):
    with transaction() as session:
        device, token = devices.enrol(session, code="bonn-2", name="Kasse 2", location="bonn")
    assert len(token) == 32
    with reading() as session:
        assert devices.by_token(session, token).id == device.id
        stored = session.scalars(text("SELECT token_hash FROM devices ORDER BY code")).all()
    assert token not in stored
    with transaction() as session:
        session.execute(text("UPDATE devices SET revoked_at = now()"))
    for wrong in (token, "", token + "x", stored[1]):
        with reading() as session, pytest.raises(Forbidden, match="device_token"):
            devices.by_token(session, wrong)
