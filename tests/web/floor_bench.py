"""What the tests of the floor share: a small shop with cartons and places, orders, steps."""

import uuid

from sqlalchemy import select

from app.payments import charges
from app.workflows import checkout
from fulfilment.models import FulfilmentOrder, Parcel
from fulfilment.outbound import boxes, shelving
from kit.database import reading, transaction
from tests import small_shop
from tests.small_shop import HOOK, HOOK_GTIN, LURE, LURE_GTIN, MUELLER, PAN
from tests.web.staff_bench import hire

STOCK = {
    ("lager", LURE): 24, ("lager", HOOK): 9, ("bonn", HOOK): 5, ("bonn", LURE): 5,
    ("lager", PAN): 6,
}  # fmt: skip
CARTONS = (("s", (220, 160, 80), 80, 2_000), ("m", (330, 240, 120), 190, 10_000))


def build():
    """Fill the small shop: two cartons, places in Kassel, two pickers and a lead."""
    small_shop.build(STOCK)
    with transaction() as session:
        for code, (length, width, height), tare, most in CARTONS:
            boxes.put(
                session, code, name_de=code.upper(), name_en=code.upper(), length_mm=length,
                width_mm=width, height_mm=height, tare_grams=tare, most_grams=most,
            )  # fmt: skip
        shelving.put(session, "lager", {LURE: "B-1", HOOK: "A-10", PAN: "A-2"})
    hire("lager", "bonn", "lead")


def paid(settle_events, *lines):
    token = small_shop.basket_with(*lines, number=MUELLER)
    ref = checkout.place(token, small_shop.buyer()).order_ref
    with reading() as session:
        payment = charges.of_order(session, ref)
    checkout.settle(str(payment.id), payment.amount_minor, f"pi_{ref}")
    settle_events()
    return ref


def job_of(ref, place="lager"):
    with reading() as session:
        return small_shop.job_at(session, ref, place)


def state_of(job):
    with reading() as session:
        return session.get_one(FulfilmentOrder, job).state


def parcels_of(ref):
    with reading() as session:
        query = select(Parcel).where(Parcel.order_ref == ref).order_by(Parcel.sscc)
        return session.scalars(query).all()


def tell(client, *told):
    named = [{"key": str(uuid.uuid4()), "lot": None, **step} for step in told]
    answer = client.post("/floor/steps", json={"steps": named})
    assert answer.status_code == 200, answer.text
    return named, answer.json["answers"]


def scan(job, code):
    return {"job": str(job), "what": "scan", "code": code}


def all_picked(client, ref, place="lager"):
    job = job_of(ref, place)
    client.post(f"/floor/jobs/{job}/start")
    for code in (LURE_GTIN, LURE_GTIN, HOOK_GTIN):
        client.post(f"/floor/jobs/{job}/scans", data={"code": code})
    assert state_of(job) == "picked"
    return job
