"""Rows of sales: baskets, orders with their lines, and the timeline that explains an order."""

import uuid
from datetime import date
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    literal_column,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from catalog.views import OF_AGE
from kit.database import Instant, Json, Key, Prose, Row, Serial
from kit.states import States

ORDER_STATES = States(
    "order",
    {
        "placed": {"confirmed", "lapsed", "cancelled"},
        "lapsed": {"confirmed"},
        "confirmed": {"completed", "cancelled"},
    },
)


class Basket(Row):
    """What someone is thinking of buying. Claims nothing."""

    __tablename__ = "baskets"
    __table_args__ = (
        Index(
            "uq_baskets_account",
            "account_id",
            unique=True,
            postgresql_where=text("account_id IS NOT NULL AND order_ref IS NULL"),
        ),
    )

    id: Mapped[Key]
    token: Mapped[str] = mapped_column(String(64), unique=True)
    channel: Mapped[str] = mapped_column(String(16))
    customer_number: Mapped[str | None] = mapped_column(String(16))
    order_ref: Mapped[str | None] = mapped_column(String(32))
    created_at: Mapped[Instant]
    changed_at: Mapped[Instant]
    # What the customer typed; whether it takes anything off is asked with every price.
    promotion_code: Mapped[str | None] = mapped_column(String(32))
    gift_card_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("gift_cards.id"))
    # Of the account that it is saved for; an account has one basket that is no order yet.
    account_id: Mapped[uuid.UUID | None]


class BasketCode(Row):
    """A short code by which the till may read a basket, because its customer wants it to."""

    __tablename__ = "basket_codes"

    code: Mapped[str] = mapped_column(String(16), primary_key=True)
    basket_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("baskets.id", ondelete="CASCADE"), index=True
    )
    consented_at: Mapped[Instant]
    expires_at: Mapped[Instant]
    withdrawn_at: Mapped[Instant | None]


class BasketLine(Row):
    """A SKU and how many of it; `seen_minor` is what a unit cost when the customer was told."""

    __tablename__ = "basket_lines"
    __table_args__ = (CheckConstraint("quantity > 0", name="quantity"),)

    basket_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("baskets.id", ondelete="CASCADE"), primary_key=True
    )
    sku: Mapped[str] = mapped_column(String(64), primary_key=True)
    quantity: Mapped[int]
    added_at: Mapped[Instant]
    # Where the line came from: search, product, suggestion, film …
    source: Mapped[str] = mapped_column(String(32), default="product")
    seen_minor: Mapped[int | None]


class Order(Row):
    """What a customer and we have agreed on. A till sale is an order that is completed at once.

    `address` is ``{name, street, postal_code, city, country}``; `drop_off` in it is where a parcel
    may be left, `neighbour` who may take it in. `token` opens the order page without sign-in.
    `sale_id` is the till's own id of a sale.
    `collect_at` is the store where the customer collects it; None where it is sent.
    `pay_on_collection`: nothing is paid before it is handed over there, at the counter's till.
    """

    __tablename__ = "orders"
    __table_args__ = (
        CheckConstraint("channel IN ('web', 'till', 'phone')", name="channel"),
        CheckConstraint(
            "state IN ('placed', 'confirmed', 'completed', 'lapsed', 'cancelled')", name="state"
        ),
        CheckConstraint(
            "total_minor = goods_minor + shipping_minor - discount_minor", name="total"
        ),
        CheckConstraint(
            "NOT pay_on_collection OR collect_at IS NOT NULL", name="pay_on_collection"
        ),
        UniqueConstraint("sale_id"),
        Index("ix_orders_placed_at", "placed_at"),
        Index("ix_orders_customer_number", "customer_number"),
        Index("ix_orders_email", "email"),
        Index(
            "ix_orders_unpaid",
            "pay_by_at",
            postgresql_where=text("state = 'placed'"),
        ),
        Index("ix_orders_confirmed", "id", postgresql_where=text("state = 'confirmed'")),
        # Who has such orders open is asked with every new one.
        Index(
            "ix_orders_pay_on_collection",
            literal_column("lower(email)").label("mail"),
            postgresql_where=text("pay_on_collection AND state = 'confirmed'"),
        ),
        Index(
            "ix_orders_completed_at",
            "completed_at",
            postgresql_where=text("completed_at IS NOT NULL"),
        ),
        # The one search box: parts of a name, the end of a telephone number.
        Index(
            "ix_orders_name",
            literal_column("(address ->> 'name')").label("called"),
            postgresql_using="gin",
            postgresql_ops={"called": "gin_trgm_ops"},
        ),
        Index(
            "ix_orders_phone",
            literal_column("reverse(phone)").label("backwards"),
            postgresql_ops={"backwards": "text_pattern_ops"},
            postgresql_where=text("phone IS NOT NULL"),
        ),
    )

    id: Mapped[Key]
    ref: Mapped[str] = mapped_column(String(32), unique=True)
    token: Mapped[str] = mapped_column(String(64))
    channel: Mapped[str] = mapped_column(String(16))
    location: Mapped[str | None] = mapped_column(ForeignKey("locations.code"))
    collect_at: Mapped[str | None] = mapped_column(ForeignKey("locations.code"))
    pay_on_collection: Mapped[bool] = mapped_column(default=False)
    sale_id: Mapped[str | None] = mapped_column(String(64))
    # Of what the till posted: the same id with other contents is refused, not mistaken for it.
    sale_digest: Mapped[str | None] = mapped_column(String(64))
    device: Mapped[str | None] = mapped_column(String(32))
    receipt_number: Mapped[str | None] = mapped_column(String(32), unique=True)
    basket_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("baskets.id"))
    state: Mapped[str] = mapped_column(String(16), default="placed")
    customer_number: Mapped[str | None] = mapped_column(String(16))
    price_group: Mapped[str] = mapped_column(String(32))
    language: Mapped[str] = mapped_column(String(2), default="de")
    email: Mapped[Prose | None]
    phone: Mapped[str | None] = mapped_column(String(20))
    contact_by: Mapped[str] = mapped_column(String(8), default="mail")
    address: Mapped[Json]
    currency: Mapped[str] = mapped_column(String(3), default="EUR")
    goods_minor: Mapped[int]
    discount_minor: Mapped[int] = mapped_column(default=0)
    shipping_minor: Mapped[int] = mapped_column(default=0)
    total_minor: Mapped[int]
    need_by_on: Mapped[date | None]
    promised_on: Mapped[date | None]
    placed_at: Mapped[Instant]
    pay_by_at: Mapped[Instant | None]
    confirmed_at: Mapped[Instant | None]
    completed_at: Mapped[Instant | None]
    closed_at: Mapped[Instant | None]


class OrderLine(Row):
    """One SKU of an order: `shipped + cancelled + open = ordered`, `returned ≤ shipped`.

    `discount_minor` is what promotions take off the whole line; `promotions` says which of them:
    ``[{ref, name_de, name_en, amount_minor}]``. What a part of the units is worth, says
    `app.sales.worth`.
    """

    __tablename__ = "order_lines"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("shipped >= 0 AND cancelled >= 0 AND returned >= 0", name="counts"),
        CheckConstraint("shipped + cancelled <= quantity", name="shipped"),
        CheckConstraint("returned <= shipped", name="returned"),
        CheckConstraint(
            "discount_minor >= 0 AND line_minor = unit_minor * quantity - discount_minor",
            name="discount",
        ),
        UniqueConstraint("order_id", "position"),
    )

    id: Mapped[Key]
    order_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("orders.id"))
    position: Mapped[int]
    sku: Mapped[str] = mapped_column(String(64), index=True)
    title: Mapped[Prose]
    quantity: Mapped[int]
    unit_minor: Mapped[int]
    line_minor: Mapped[int]
    discount_minor: Mapped[int] = mapped_column(default=0)
    promotions: Mapped[list[Any]] = mapped_column(default=list)
    vat_basis_points: Mapped[int]
    weight_grams: Mapped[int]
    # The longest side of the packed unit; 0 where it was never measured.
    longest_mm: Mapped[int] = mapped_column(default=0)
    shipping_group: Mapped[str] = mapped_column(String(8), default="std")
    promised_on: Mapped[date | None]
    # Read at the till, and printed on the receipt.
    lot: Mapped[str | None] = mapped_column(String(64))
    shipped: Mapped[int] = mapped_column(default=0)
    cancelled: Mapped[int] = mapped_column(default=0)
    returned: Mapped[int] = mapped_column(default=0)

    @property
    def age_checked(self) -> bool:
        """Whether whoever hands it over looks at the age: its goods group is one for adults."""
        return self.shipping_group.endswith(f"-{OF_AGE}")


class OrderReturn(Row):
    """Units of an order line that came back, at a location, with what became of them."""

    __tablename__ = "order_returns"
    __table_args__ = (CheckConstraint("quantity > 0", name="quantity"),)

    id: Mapped[Key]
    order_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("orders.id"), index=True)
    line_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("order_lines.id"))
    quantity: Mapped[int]
    refund_minor: Mapped[int]
    location: Mapped[str] = mapped_column(ForeignKey("locations.code"))
    disposition: Mapped[str] = mapped_column(String(16))
    reason: Mapped[Prose]
    returned_at: Mapped[Instant]
    key: Mapped[str] = mapped_column(String(128), unique=True)


class TimelineEntry(Row):
    """Something that happened to an order: who, what, with which facts. Shown oldest first."""

    __tablename__ = "order_timeline"
    __table_args__ = (Index("ix_order_timeline_order_ref", "order_ref", "id"),)

    id: Mapped[Serial]
    order_ref: Mapped[str] = mapped_column(String(32))
    happened_at: Mapped[Instant]
    actor: Mapped[Prose]
    what: Mapped[str] = mapped_column(String(48))
    facts: Mapped[Json]


class CollectQuestion(Row):
    """What is to become of goods that a customer wanted to collect and the store cannot give.

    Asked once, reminded of at `remind_at`; after `deadline_at` the back office asks in person.
    Nothing happens without an answer.
    """

    __tablename__ = "collect_questions"
    __table_args__ = (
        CheckConstraint("(answered_at IS NULL) = (answer IS NULL)", name="answered"),
        Index(
            "uq_collect_questions_open",
            "order_ref",
            unique=True,
            postgresql_where=text("answered_at IS NULL"),
        ),
    )

    id: Mapped[Key]
    order_ref: Mapped[str] = mapped_column(String(32))
    location: Mapped[str] = mapped_column(ForeignKey("locations.code"))
    reason: Mapped[str] = mapped_column(String(32))
    facts: Mapped[Json]
    asked_at: Mapped[Instant]
    remind_at: Mapped[Instant]
    deadline_at: Mapped[Instant]
    reminded_at: Mapped[Instant | None]
    answered_at: Mapped[Instant | None]
    # parcel, cancel, or store:<location code>
    answer: Mapped[str | None] = mapped_column(String(48))
    answered_by: Mapped[Prose | None]


class CollectTerms(Row):
    """What a store has decided about orders that are paid there when they are collected.

    `most_minor` is what one may cost, `most_open` how many a customer may have open. Where a store
    has no row, `app.sales.terms` says it.
    """

    __tablename__ = "collect_terms"
    __table_args__ = (CheckConstraint("most_minor > 0 AND most_open > 0", name="limits"),)

    location: Mapped[str] = mapped_column(ForeignKey("locations.code"), primary_key=True)
    offered: Mapped[bool]
    most_minor: Mapped[int]
    most_open: Mapped[int]
    changed_at: Mapped[Instant]
    changed_by: Mapped[Prose]


class PromiseException(Row):
    """A promise that no plan keeps any more, opened before its day has passed.

    `facts` hold the lines with the day they were promised for and the one they arrive on now, and
    what was tried. `earliest_on` None: nobody can send it, and somebody has to decide.
    """

    __tablename__ = "promise_exceptions"
    __table_args__ = (
        CheckConstraint("choice IN ('keep', 'cancel', 'all')", name="choice"),
        CheckConstraint("(closed_at IS NULL) = (outcome IS NULL)", name="closed"),
        Index(
            "uq_promise_exceptions_open",
            "order_ref",
            unique=True,
            postgresql_where=text("closed_at IS NULL"),
        ),
    )

    id: Mapped[Key]
    order_ref: Mapped[str] = mapped_column(String(32))
    cause: Mapped[str] = mapped_column(String(32))
    decision_id: Mapped[uuid.UUID | None]
    promised_on: Mapped[date]
    earliest_on: Mapped[date | None]
    facts: Mapped[Json]
    opened_at: Mapped[Instant]
    told_at: Mapped[Instant | None]
    choice: Mapped[str | None] = mapped_column(String(8))
    chosen_at: Mapped[Instant | None]
    closed_at: Mapped[Instant | None]
    outcome: Mapped[str | None] = mapped_column(String(16))
