"""A phone on the floor whose network goes: what was begun is picked and packed all the same."""

import pytest
from playwright.sync_api import expect

from fulfilment.outbound import picking
from kit.database import transaction
from tests.small_shop import HOOK, HOOK_GTIN, LURE, LURE_GTIN, PAN
from tests.standing import moved, snapshot
from tests.web import floor_bench
from tests.web.floor_bench import job_of, paid, parcels_of, state_of
from tests.web.staff_bench import PASSWORD

pytestmark = pytest.mark.usefixtures("wednesday", "sound")


class Hand:
    """What a person does with a phone; every tap and every scan is counted."""

    def __init__(self, page):
        self.page, self.taps, self.scans = page, 0, 0

    def tap(self, control):
        self.taps += 1
        control.click()

    def scan(self, code):
        self.scans += 1
        self.page.locator("#code").fill(code)
        self.page.locator("#code").press("Enter")


def signed_in(page, who):
    page.goto("/office/sign-in?next=/floor/")
    page.fill("input[name=email]", f"{who}@angelhaus.example")
    page.fill("input[name=password]", PASSWORD)
    page.get_by_role("button", name="Anmelden").click()
    page.locator("#jobs").wait_for()


def until_kept(page, *addresses):
    """Wait until the device keeps these pages."""
    page.evaluate(
        """async (addresses) => {
            const kept = (each) => caches.match(each, { ignoreVary: true });
            while (!(await Promise.all(addresses.map(kept))).every(Boolean)) {
                await new Promise((soon) => setTimeout(soon, 20));
            }
        }""",
        list(addresses),
    )


def test_what_was_begun_is_picked_and_packed_without_a_network(visit, judge, settle_events):
    floor_bench.build()
    ref = paid(settle_events, (LURE, 2), (HOOK, 1))
    job = job_of(ref)
    page = visit(390)
    hand = Hand(page)
    signed_in(page, "lager")
    hand.tap(page.locator(".job"))
    page.wait_for_url(f"**/floor/jobs/{job}")
    page.locator("#pick[data-ready]").wait_for(state="attached")
    until_kept(page, f"/floor/jobs/{job}/pack")
    before = snapshot()
    page.context.set_offline(True)
    # A page that has just been opened may be a moment late in knowing that it is offline.
    page.route("**/floor/steps", lambda route: route.abort())
    hand.scan(LURE_GTIN)
    hand.scan(PAN)
    expect(page.locator("#told")).to_have_text(f"Falscher Artikel: {PAN} gehört nicht hierher.")
    hand.scan(LURE_GTIN)
    assert (hand.taps, hand.scans) == (1, 2 + 1)
    hand.tap(page.get_by_text("Fehlt …").locator("visible=true"))
    hand.tap(page.get_by_role("button", name="1 × liegt nicht da"))
    expect(page.locator("#net")).to_have_text("Ohne Netz. Auf diesem Gerät warten Schritte: 3")
    judge.look(page, "picked without a network")
    hand.tap(page.get_by_role("link", name="Packen"))
    # To take and to pack, and two for what is missing.
    assert hand.taps == 2 + 2
    expect(page.locator("#packed-count")).to_have_text("2/2")
    expect(page.locator("#still-picking")).to_have_count(0)
    hand.scan(HOOK_GTIN)
    expect(page.locator("#told")).to_have_text("Davon ist schon alles eingepackt.")
    for count in (1, 2):
        hand.scan(LURE_GTIN)
        expect(page.locator("#packed-count")).to_have_text(f"{count}/2")
    nothing_without_a_weight(page)
    close_with(page, "0,9")
    expect(page.get_by_text("Paket 1: gewogen 900 g, erwartet 160 g.").first).to_be_visible()
    expect(page.get_by_role("button", name="So ist es richtig, schließen")).to_be_visible()
    close_with(page, "0,16")
    expect(page.locator("#told")).to_contain_text("Gemerkt.")
    judge.look(page, "packed without a network")
    assert moved(before) == set()
    page.unroute("**/floor/steps")
    page.context.set_offline(False)
    page.wait_for_url(f"**/floor/jobs/{job}")
    expect(page.get_by_role("link", name="Packzettel").first).to_be_visible()
    judge.look(page, "told when there is a network")
    assert state_of(job) == "packed"
    [parcel] = parcels_of(ref)
    assert (parcel.box, parcel.weight_grams) == ("s", 160)
    settle_events()
    assert state_of(job_of(ref, "bonn")) == "open"
    assert judge.found == []


def close_with(page, kilos):
    page.get_by_label("Gewogen, kg").fill(kilos)
    page.get_by_role("button", name="Paket schließen").click()


def nothing_without_a_weight(page):
    for no_weight in ("0", "-1", "160000", "viel"):
        close_with(page, no_weight)
        expect(page.locator("#told")).to_have_text("Bitte das Gewicht in Kilogramm angeben.")
        page.locator("#told").evaluate("told => (told.textContent = '')")


def test_what_was_refused_stays_in_sight_until_somebody_has_read_it(visit, judge, settle_events):
    floor_bench.build()
    ref = paid(settle_events, (LURE, 1), (HOOK, 1))
    job = job_of(ref)
    page = visit(390)
    signed_in(page, "lager")
    page.locator(".job").click()
    page.wait_for_url(f"**/floor/jobs/{job}")
    page.locator("#pick[data-ready]").wait_for(state="attached")
    page.context.set_offline(True)
    Hand(page).scan(LURE_GTIN)
    with transaction() as session:
        picking.put_back(session, job)
        picking.claim(session, job, "Somebody Else")
    page.context.set_offline(False)
    refused = page.locator("#not-booked li")
    expect(refused).to_have_text(f"{LURE_GTIN}: Daran arbeitet schon jemand.")
    # The page has come back by itself.
    expect(page.get_by_text("Somebody Else pickt diesen Auftrag")).to_be_visible()
    expect(refused).to_be_visible()
    page.goto("/floor/")
    expect(refused).to_be_visible()
    judge.look(page, "a step that was refused")
    page.get_by_role("button", name="Gelesen").click()
    expect(refused).to_have_count(0)
    page.reload()
    page.locator("#pick[data-ready]").wait_for(state="attached")
    expect(refused).to_have_count(0)
    assert judge.found == []


def test_the_next_one_is_taken_without_a_network_unless_somebody_was_faster(
    visit, judge, settle_events
):
    floor_bench.build()
    first, second = (paid(settle_events, (LURE, 1)) for _each in range(2))
    mine, lost = job_of(first), job_of(second)
    page = visit(390)
    hand = Hand(page)
    signed_in(page, "lager")
    page.locator("#pick[data-ready]").wait_for(state="attached")
    until_kept(page, *(f"/floor/jobs/{job}{end}" for job in (mine, lost) for end in ("", "/pack")))
    before = snapshot()
    page.context.set_offline(True)
    # A page that has just been opened may be a moment late in knowing that it is offline.
    page.route("**/floor/steps", lambda route: route.abort())
    for job in (mine, lost):
        hand.tap(page.locator(f"form[data-job='{job}'] .job"))
        expect(page.locator("#told")).to_contain_text("Ohne Netz übernommen.")
        judge.look(page, "taken without a network")
        hand.scan(LURE_GTIN)
        hand.tap(page.get_by_role("link", name="Packen"))
        # Without its script the page would send its form the plain way, into no network.
        page.locator("#pick[data-ready]").wait_for(state="attached")
        page.get_by_role("button", name="Paket schließen").click()
        page.get_by_role("link", name="Zur Liste").click()
        expect(page.locator(f"form[data-job='{job}'] .badge")).to_have_text("wartet auf Netz")
    assert (hand.taps, hand.scans) == (4, 2)
    assert moved(before) == set()
    with transaction() as session:
        picking.claim(session, lost, "Somebody Else")
        picking.pick_all(session, lost, "Somebody Else")
    page.unroute("**/floor/steps")
    page.context.set_offline(False)
    refused = page.locator("#not-booked li")
    expect(refused).to_have_count(1, timeout=10_000)
    expect(refused).to_contain_text(second)
    expect(refused).to_contain_text("Bitte alles zurücklegen, was Sie dafür geholt haben.")
    assert (state_of(mine), state_of(lost)) == ("packed", "picked")
    assert judge.found == []
