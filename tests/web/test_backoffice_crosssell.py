"""Suggestions in the back office: why, rules, gaps, and what they earned."""

import pytest

from app.workflows import learn_together
from catalog.crosssell import measuring, receipts, rules
from kit import clock
from kit.database import reading, transaction
from tests import small_shop
from tests.small_shop import HOOK, LURE, PAN
from tests.web.staff_bench import at_work, hire
from tests.web.storefront import text

pytestmark = pytest.mark.usefixtures("wednesday", "sound")
RULE = {
    "kind": "fits", "source_family": "lure_shad", "target_family": "lure_*",
    "reason_de": "passt zu Gummiködern", "reason_en": "fits soft lures",
}  # fmt: skip


@pytest.fixture
def office(app):
    small_shop.build({("lager", LURE): 24, ("lager", HOOK): 9})
    hire("office", "service")
    with transaction() as session:
        for number in range(3):
            receipts.sell(session, f"K-{number}", [LURE, PAN], channel="web", sold_at=clock.now())
    learn_together.learn_everything()
    return at_work(app, "office")


def test_a_typed_basket_is_explained(office):
    said = text(office.get(f"/office/crosssell?basket={LURE},+NIX&postal_code=50676"))
    assert "Nicht im Sortiment: NIX" in said
    assert f"Offset-Haken 3/0 {HOOK} gebraucht Verknüpfung {LURE} 0,435: passt zu" in said
    assert "wird angeboten kein zusätzliches Paket" in said
    assert f"Schmiedepfanne 28 cm {PAN} oft dazu gekauft gelernt {LURE}" in said
    assert "nirgends vorrätig" in said
    assert "1 25.11.2026" not in said
    assert "gilt" in said


def test_a_rule_is_tried_kept_and_stopped(office):
    tried = text(office.post("/office/crosssell/rules", data={**RULE, "do": "try"}))
    assert "Dazu angeboten Offset-Haken 3/0 OH-30 Schmiedepfanne 28 cm PAN-28" in tried
    assert office.post("/office/crosssell/rules", data={**RULE, "do": "save"}).status_code == 303
    listed = office.get("/office/crosssell/rules")
    assert "passt zu Gummiködern · 6 Paare" in text(listed)
    # What people call the goods stands before the retailer's own code for them.
    assert "Rheinshad 9 cm lure_shad" in text(listed)
    number = listed.get_data(as_text=True).split("/switch")[0].rsplit("/", 1)[1]
    office.post(f"/office/crosssell/rules/{number}/switch", data={"active": "0"})
    assert "ruht" in text(office.get("/office/crosssell/rules"))
    wide = {**RULE, "target_family": "Köder", "do": "save"}
    assert office.post("/office/crosssell/rules", data=wide).status_code == 422


def test_what_is_used_up_is_kept_only_when_it_is_said(office):
    office.post("/office/crosssell/consumed", data={"family": ["lure_shad", "nix"], "do": "keep"})
    with reading() as session:
        assert rules.consumed(session) == {"lure_shad"}
    office.post("/office/crosssell/consumed")
    with reading() as session:
        assert rules.consumed(session) == {"lure_shad"}


def test_the_report_says_how_sure_it_is_and_a_trial_runs_one_at_a_time(office):
    with transaction() as session:
        for number in range(40):
            unit = measuring.unit_of(str(number))
            measuring.shown(session, unit, [(HOOK, "needs")], trial=None, arm="a", channel="web")
            if number < 10:
                measuring.added(session, unit, HOOK)
    said = text(office.get("/office/crosssell/report"))
    assert "0 gezeigt und nicht zu haben" in said
    # Wilson, 10 of 40.
    assert "25,0 % (14,2 % – 40,2 %)" in said
    trial = {"name": "Mit und ohne", "variant": "knowledge", "share": "30"}
    office.post("/office/crosssell/trials", data=trial)
    again = office.post("/office/crosssell/trials", data=trial, follow_redirects=True)
    assert "Es läuft schon ein Vergleich." in text(again)
    with reading() as session:
        running = measuring.running(session)
    arms = [measuring.arm_of(running, measuring.unit_of(str(number))) for number in range(1000)]
    assert 250 < arms.count("b") < 350
    assert arms == [
        measuring.arm_of(running, measuring.unit_of(str(number))) for number in range(1000)
    ]
    office.post("/office/crosssell/trials/end")
    with reading() as session:
        assert measuring.running(session) is None


def test_gaps_name_what_nobody_knows_anything_about(office):
    said = text(office.get("/office/crosssell/gaps"))
    assert "3 Artikel im Verkauf" in said
    assert f"Schmiedepfanne 28 cm {PAN} 1" in said


def test_service_may_look_and_not_change(app, office):
    service = at_work(app, "service")
    assert service.get("/office/crosssell/rules").status_code == 200
    assert service.post("/office/crosssell/rules", data=RULE).status_code == 403
    assert "Neue Regel" not in text(service.get("/office/crosssell/rules"))
