"""Fixtures: an order of the small shop whose parcel carries a card."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from app.community.models import Campaign
from app.payments import charges
from app.workflows import checkout, floor
from app.workflows.floor import Worker
from catalog import publishing
from fulfilment.models import ParcelInsert
from kit.database import reading, transaction
from tests import small_shop

GUIDE = "ratgeber-raeuchern"


def campaign(code: str = "fang", category: str | None = "angeln") -> Campaign:
    return Campaign(
        code=code,
        title_de="Zeig deinen Fang",
        title_en="Show your catch",
        text_de="Schicken Sie uns ein Bild.",
        text_en="Send us a picture.",
        category=category,
        next_document=GUIDE,
        owner="Tobias Krings",
        starts_on=date(2026, 11, 1),
        ends_on=date(2026, 12, 31),
        cost_minor=4,
        paper_grams=5,
    )


@pytest.fixture
def token(app: Flask, wednesday: None, settle_events: Callable[[], int]) -> str:
    """The secret on the card in Herr Müller's parcel."""
    small_shop.build({("lager", small_shop.LURE): 5})
    with transaction() as session:
        # The lures' shelf stands below the campaign's.
        publishing.put_category(session, "angeln", name_de="Angeln", name_en="Angling")
        publishing.put_category(
            session, "koeder", name_de="Köder", name_en="Lures", parent="angeln"
        )
        publishing.put_document(
            session,
            GUIDE,
            kind="guide",
            title_de="Ratgeber Räuchern",
            title_en="Guide to smoking fish",
            path="papers/raeuchern.pdf",
        )
        session.add(campaign())
    basket = small_shop.basket_with((small_shop.LURE, 1))
    ref = checkout.place(basket, small_shop.buyer()).order_ref
    with reading() as session:
        payment = charges.of_order(session, ref)
    checkout.settle(str(payment.id), payment.amount_minor, "pi_1")
    settle_events()
    picker = Worker("Frau Yilmaz", "lager")
    with reading() as session:
        job = small_shop.job_at(session, ref, "lager")
    floor.start(job, picker)
    floor.pick_all(job, picker)
    floor.pack(job, picker)
    with reading() as session:
        return session.scalars(select(ParcelInsert.token)).one()


@pytest.fixture
def uploads(app: Flask) -> Path:
    """The folder of what customers send; empty at the start of the test."""
    folder: Path = app.config["KONTOR"].uploads
    for file in folder.rglob("*.*"):
        file.unlink()
    return folder
