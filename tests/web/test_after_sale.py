"""What comes after the order: invoice, cancelling, returning; the order page without a sign-in."""

import io
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import facturx
import pytest
from flask.testing import FlaskClient
from pypdf import PdfReader
from sqlalchemy import select

from app.aftersales.models import ReturnRequest
from app.invoicing import einvoice, issued, papers
from app.invoicing.models import Invoice
from app.messages.models import Message
from app.payments import charges
from app.payments.models import Refund
from app.sales import orders
from app.sales.models import Order, OrderLine
from app.workflows import bring_back, cancel_order, checkout, floor
from app.workflows.floor import Worker
from fulfilment.outbound import shipments
from kit import clock
from kit.database import reading, transaction
from kit.errors import Refused
from loyalty import points
from tests import small_shop
from tests.small_shop import HOOK, LURE, MUELLER, WEDNESDAY
from tests.web.staff_bench import at_work, hire
from tests.web.storefront import text

pytestmark = pytest.mark.usefixtures("wednesday", "sound")

STOCK = {("lager", LURE): 24, ("lager", HOOK): 9}
PICKER = Worker("Frau Yilmaz", "lager")


def ordered(settle: Callable[[], int]) -> Order:
    """Two lures and a hook, paid; 5 % off each unit, 4.90 for the delivery."""
    small_shop.build(STOCK)
    token = small_shop.basket_with((LURE, 2), (HOOK, 1), number=MUELLER)
    placed = checkout.place(token, small_shop.buyer())
    with reading() as session:
        payment = charges.of_order(session, placed.order_ref)
    checkout.settle(str(payment.id), payment.amount_minor, "pi_1")
    settle()
    with reading() as session:
        return orders.by_ref(session, placed.order_ref)


def begin(ref: str) -> object:
    with reading() as session:
        job = small_shop.job_at(session, ref, "lager")
    floor.start(job, PICKER)
    return job


def sent(ref: str, settle: Callable[[], int]) -> None:
    """Pick, pack and hand over all that is left of an order."""
    job = begin(ref)
    units = [(line.sku, line.quantity - line.cancelled) for line in lines_of(ref)]
    for sku, count in units:
        for _ in range(count):
            floor.scan(job, sku, PICKER)
    floor.finish(job, PICKER)
    floor.pack(job, PICKER)
    floor.hand_over(job, PICKER)
    settle()


def lines_of(ref: str) -> list[OrderLine]:
    """Return the lines of an order, the lures first."""
    with reading() as session:
        lines = orders.lines_of(session, orders.by_ref(session, ref))
    return sorted(lines, key=lambda line: line.sku, reverse=True)


def page(order: Order, more: str = "") -> str:
    return f"/bestellung/{order.ref}{more}?t={order.token}"


def refunds(ref: str) -> list[tuple[str, int]]:
    with reading() as session:
        rows = session.scalars(select(Refund).order_by(Refund.created_at, Refund.amount_minor))
        return [(row.cause, row.amount_minor) for row in rows]


def printed(pdf: bytes) -> str:
    return " ".join(
        " ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split()
    )


def test_the_invoice_comes_with_the_last_parcel_and_is_the_same_every_time(
    client: FlaskClient, settle_events: Callable[[], int]
) -> None:
    order = ordered(settle_events)
    assert "Die Rechnung kommt mit dem letzten Paket" in text(client.get(page(order)))
    sent(order.ref, settle_events)
    seen = text(client.get(page(order)))
    assert "Rechnung RE-2026-000001" in seen
    address = page(order, "/rechnung/RE-2026-000001.pdf")
    answer = client.get(address)
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    said = printed(answer.data)
    for fact in ("Rechnung RE-2026-000001", "Angelhaus Rhein GmbH", "DE999999999", "Jürgen Müller"):
        assert fact in said
    assert "22,65 €" in said  # 2 x 6.55 + 4.65 + 4.90
    assert "3,62 €" in said  # 22.65 * 19 / 119
    assert said == printed(client.get(address).data)
    assert client.get(address.replace(order.token, "wrong")).status_code == 404
    assert client.get(page(order, "/rechnung/RE-2026-000002.pdf")).status_code == 404


def test_the_paper_carries_its_data_after_the_standard(
    settle_events: Callable[[], int],
) -> None:
    order = ordered(settle_events)
    sent(order.ref, settle_events)
    with reading() as session:
        paper = issued.by_number(session, "RE-2026-000001")
    name, xml = facturx.get_facturx_xml_from_pdf(papers.pdf(paper))
    assert name == "factur-x.xml"
    assert xml == einvoice.xml(paper)
    assert facturx.xml_check_xsd(xml, flavor="factur-x", level="en16931")
    said = xml.decode()
    assert "<ram:TaxBasisTotalAmount>19.03</ram:TaxBasisTotalAmount>" in said
    assert "<ram:GrandTotalAmount>22.65</ram:GrandTotalAmount>" in said
    assert "<ram:DuePayableAmount>0.00</ram:DuePayableAmount>" in said


def test_numbers_have_no_gap_and_a_paper_is_issued_once(settle_events: Callable[[], int]) -> None:
    order = ordered(settle_events)
    sent(order.ref, settle_events)
    with reading() as session:
        facts = session.scalars(select(Invoice)).one().facts
    with suppress(ZeroDivisionError), transaction() as session:
        issued.issue(session, facts, total_minor=2265, key="lost")
        raise ZeroDivisionError
    with transaction() as session:
        again = issued.issue(session, facts, total_minor=2265, key=f"order/{order.ref}")
        following = issued.issue(session, facts, total_minor=2265, key="next")
    assert (again.number, following.number) == ("RE-2026-000001", "RE-2026-000002")


def test_what_nobody_picks_yet_is_cancelled_line_by_line_and_once(
    client: FlaskClient, settle_events: Callable[[], int]
) -> None:
    order = ordered(settle_events)
    lure, hook = lines_of(order.ref)
    form = {"t": order.token, f"units-{lure.id}": "1", f"units-{hook.id}": "1"}
    preview = text(client.post(page(order, "/stornieren"), data=form))
    assert "11,20 € gehen zurück an Sie" in preview  # 6.55 + 4.65; the delivery is still owed
    assert [line.cancelled for line in lines_of(order.ref)] == [0, 0]
    form |= {"bestaetigen": "1", "key": "k1"}
    for _ in range(2):
        assert client.post(page(order, "/stornieren"), data=form).status_code == 303
    assert [line.cancelled for line in lines_of(order.ref)] == [1, 1]
    assert refunds(order.ref) == [("customer_cancelled", 1120)]
    with reading() as session:
        assert small_shop.books(session)["lager", LURE] == (24, 0, 0, 1)
        assert small_shop.books(session)["lager", HOOK] == (9, 0, 0, 0)
        mail = session.scalars(select(Message).where(Message.kind == "cancelled")).one()
    assert "1 × Rheinshad 9 cm" in mail.body_text
    # The rest is sent, and only that stands on the invoice.
    sent(order.ref, settle_events)
    with reading() as session:
        paper = session.scalars(select(Invoice)).one()
    assert (paper.total_minor, len(paper.facts["lines"])) == (655 + 490, 1)


def test_all_of_it_brings_the_delivery_back_and_ends_the_order(
    client: FlaskClient, settle_events: Callable[[], int]
) -> None:
    order = ordered(settle_events)
    units = {line.id: line.quantity for line in lines_of(order.ref)}
    done = cancel_order.cancel(order.ref, units, key="all", by="customer")
    assert done.refund_minor == 2265
    settle_events()
    assert "Diese Bestellung ist storniert" in text(client.get(page(order)))
    with reading() as session:
        assert orders.by_ref(session, order.ref).state == "cancelled"
        assert session.scalars(select(Invoice)).all() == []


def test_what_somebody_holds_already_is_not_cancelled(
    client: FlaskClient, settle_events: Callable[[], int]
) -> None:
    order = ordered(settle_events)
    begin(order.ref)
    answer = client.get(page(order, "/stornieren"), follow_redirects=True)
    assert "Daran wird schon gepackt" in text(answer)
    units = {line.id: 1 for line in lines_of(order.ref)}
    with pytest.raises(Refused, match="cancel_too_late"):
        cancel_order.cancel(order.ref, units, key="late", by="customer")
    assert [line.cancelled for line in lines_of(order.ref)] == [0, 0]
    assert refunds(order.ref) == []


def test_a_return_is_announced_with_a_slip_and_refunded_when_it_is_here(
    app, client: FlaskClient, settle_events: Callable[[], int]
) -> None:
    order = ordered(settle_events)
    sent(order.ref, settle_events)
    lure, _hook = lines_of(order.ref)
    form = {"t": order.token, f"units-{lure.id}": "1", f"reason-{lure.id}": "too_small"}
    assert client.post(page(order, "/zurueckgeben"), data=form).status_code == 422
    client.post(page(order, "/zurueckgeben"), data={**form, "how": "store"})
    with reading() as session:
        request = session.scalars(select(ReturnRequest)).one()
    slip = client.get(page(order, f"/ruecksendung/{request.ref}.pdf"))
    assert request.ref in printed(slip.data)
    assert "Rheinshad 9 cm" in printed(slip.data)
    assert request.ref in text(client.get(page(order)))
    assert refunds(order.ref) == []
    with reading() as session:
        left = bring_back.returnable(session, orders.by_ref(session, order.ref))
    assert left[lure.id] == 1

    hire("service")
    desk = at_work(app, "service")
    listed = text(desk.get("/office/returns"))
    assert request.ref in listed
    came = {"location": "bonn", f"units-{lure.id}": "1", f"disposition-{lure.id}": "shelf"}
    for _ in range(2):
        desk.post(f"/office/returns/{request.ref}", data=came)
    assert refunds(order.ref) == [("return", 655)]
    with reading() as session:
        assert small_shop.books(session)["bonn", LURE][0] == 1
        correction = session.scalars(select(Invoice).where(Invoice.kind == "correction")).one()
        # 13 full euros earned on delivery of goods worth 17.75, 6 of them gone again.
        assert points.balance(session, MUELLER) == 17 - 6
    assert (correction.number, correction.corrects) == ("RK-2026-000001", "RE-2026-000001")
    assert (correction.total_minor, correction.facts["vat"][0]["tax_minor"]) == (-655, -105)
    xml = einvoice.xml(correction).decode()
    assert "<ram:TypeCode>381</ram:TypeCode>" in xml
    assert "<ram:GrandTotalAmount>6.55</ram:GrandTotalAmount>" in xml
    assert facturx.xml_check_xsd(xml.encode(), flavor="factur-x", level="en16931")
    assert "Rechnungskorrektur RK-2026-000001" in text(client.get(page(order)))


def test_the_day_is_asked_for_anew_and_the_answer_is_honest(
    client: FlaskClient, settle_events: Callable[[], int]
) -> None:
    order = ordered(settle_events)
    assert "Ja. Freitag, 27.11. bleibt es." in text(client.get(page(order)))
    assert "Lager Kassel muss bis" in text(client.get(page(order)))
    with clock.frozen(WEDNESDAY + timedelta(hours=3)):
        assert "Es wird knapp. Freitag, 27.11. gilt noch." in text(client.get(page(order)))
    with clock.frozen(WEDNESDAY + timedelta(hours=4)):
        assert "ist nicht mehr zu halten" in text(client.get(page(order)))
    sent(order.ref, settle_events)
    assert "Alles ist unterwegs." in text(client.get(page(order)))
    with transaction() as session:
        for view in shipments.for_order(session, order.ref):
            shipments.deliver(session, view.parcel_id)
    assert "Gilt mein Termin noch?" not in text(client.get(page(order)))
