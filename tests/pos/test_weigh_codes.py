"""Labels of the shop's own scales: the office types them in, tills hear of them."""

import pytest

from app.identity import staff
from app.tills import weigh_codes
from kit.database import transaction
from kit.errors import Invalid
from tests.pos.register import Register
from tests.small_shop import HOOK, LURE

PASSWORD = "long enough for all"


@pytest.fixture
def office(register: Register):
    with transaction() as session:
        staff.create(
            session, email="b@example.org", name="Büro", role="back_office", password=PASSWORD
        )
    register.client.post("/office/sign-in", data={"email": "b@example.org", "password": PASSWORD})
    return register.client


def known(register: Register):
    return register.get("/changes?limit=1").get_json()["settings"]["weigh_codes"]


def test_a_label_is_typed_in_changed_and_taken_out(register, office):
    for value in ("minor", "grams"):
        posted = {"starts": "2000017", "sku": HOOK.lower(), "value": value}
        shown = office.post("/office/tills/weigh-codes", data=posted, follow_redirects=True)
        assert f"Etiketten mit 2000017 … sind {HOOK}." in shown.text
        assert known(register) == [{"starts": "2000017", "sku": HOOK, "value": value}]
    for wrong, told in (
        ({"starts": "1000017"}, "Bitte sieben Ziffern"),
        ({"starts": "20000170"}, "Bitte sieben Ziffern"),
        ({"sku": "NO-1"}, "Diesen Artikel gibt es nicht"),
        ({"value": "pounds"}, "Bitte sieben Ziffern"),
    ):
        posted = {"starts": "2000024", "sku": LURE, "value": "minor", **wrong}
        shown = office.post("/office/tills/weigh-codes", data=posted, follow_redirects=True)
        assert told in shown.text
    assert [one["starts"] for one in known(register)] == ["2000017"]
    for told in ("gelten nicht mehr", "kennen die Kassen nicht"):
        posted = {"starts": "2000017"}
        shown = office.post("/office/tills/weigh-codes/removal", data=posted, follow_redirects=True)
        assert told in shown.text
    assert known(register) == []


@pytest.mark.parametrize(
    ("starts", "value"), [("２000017", "minor"), ("200001", "grams"), ("2000017", "kilos")]
)
def test_digits_that_no_scale_prints_are_refused(starts, value):
    with pytest.raises(Invalid, match="weigh_code"):
        weigh_codes.put(None, starts, HOOK, value)
