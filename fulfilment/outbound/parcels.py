"""Parcels: boxes that hold what was scanned into them, each with a number of its own (SSCC)."""

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from fulfilment.events import LabelGivenUp
from fulfilment.models import FulfilmentOrder, Parcel, ParcelInsert, ParcelLabel, ParcelLine
from fulfilment.models.parcels import FULFILMENT_ORDER_STATES
from fulfilment.outbound import boxes
from fulfilment.outbound.fulfilment_orders import advance, locked
from fulfilment.stock.balances import whole
from kit import clock, events
from kit.errors import Invalid, Refused
from kit.ids import mod10_check_digit, new_id

# 952 is GS1's range for demonstrations; a shop sets its own company prefix.
DEMONSTRATION_PREFIX = "9521234"
_SSCC_DIGITS = 17
HEAVIEST_GRAMS = 31_500
"""The most that a parcel weighs with any carrier of parcels here."""

Contents = Sequence[Sequence[tuple[uuid.UUID, int]]]
"""Per parcel: (order line, units)."""


@dataclass(slots=True)
class _Picked:
    """Picked units of an order line: one allocation, of which `left` have no parcel yet."""

    id: uuid.UUID
    line_id: uuid.UUID
    sku: str
    quantity: int
    left: int


# A sequence, not a range without gaps: packers must not wait for one another's commits.
_SERIALS = text("SELECT nextval('parcel_serials') FROM generate_series(1, :count)")
_PICKED = text(
    """
    SELECT id, line_id, sku, quantity FROM stock_allocations
    WHERE fulfilment_order_id = :job AND state = 'picked'
    ORDER BY allocated_at, id
    """
)
_PUT_IN = text(
    """
    UPDATE stock_allocations AS allocation
    SET parcel_id = packed.parcel_id, quantity = packed.quantity
    FROM unnest(CAST(:ids AS uuid[]), CAST(:parcels AS uuid[]), CAST(:quantities AS int[]))
        AS packed (id, parcel_id, quantity)
    WHERE allocation.id = packed.id
    """
)
_SPLIT = text(
    """
    INSERT INTO stock_allocations (
        id, order_ref, line_id, sku, location, quantity, promised_on, state,
        fulfilment_order_id, parcel_id, lot, allocated_at
    )
    SELECT part.part_id, order_ref, line_id, sku, location, part.quantity, promised_on, state,
        fulfilment_order_id, part.parcel_id, lot, allocated_at
    FROM unnest(
        CAST(:ids AS uuid[]), CAST(:part_ids AS uuid[]), CAST(:parcels AS uuid[]),
        CAST(:quantities AS int[])
    ) AS part (id, part_id, parcel_id, quantity)
    JOIN stock_allocations AS allocation ON allocation.id = part.id
    """
)
_TAKE_OUT = text(
    """
    UPDATE stock_allocations SET parcel_id = NULL
    WHERE fulfilment_order_id = :job AND state = 'picked'
    """
)
_LIST = text(
    """
    INSERT INTO parcel_lines (parcel_id, line_id, sku, quantity)
    SELECT parcel_id, line_id, sku, sum(quantity) FROM stock_allocations
    WHERE fulfilment_order_id = :job AND state = 'picked' AND parcel_id IS NOT NULL
    GROUP BY parcel_id, line_id, sku
    """
)


def pack(
    session: Session,
    job_id: uuid.UUID,
    *,
    contents: Contents | None = None,
    unit_weights: Mapping[uuid.UUID, int] | None = None,
    gs1_prefix: str = DEMONSTRATION_PREFIX,
) -> list[Parcel]:
    """Seal the parcels of a picked fulfilment order. Once packed, it returns what was sealed.

    Args:
        session: the open transaction.
        job_id: the fulfilment order, picked.
        contents: per parcel what goes in, exactly what was picked; None puts all into one.
        unit_weights: grams of one unit by order line.
        gs1_prefix: the shop's GS1 company prefix, 7 to 10 digits.

    Returns:
        The parcels in the order of `contents`.

    Raises:
        Invalid: ``quantity``.
        NotFound: ``fulfilment_order``.
        Refused: ``fulfilment_order_state``; ``nothing_picked`` when the order was cancelled in
            the meantime; ``parcel_contents`` with `lines`: a list of line_id, picked and packed
            that differ, or empty when a parcel holds nothing.
    """
    job = locked(session, job_id)
    if job.state in {"packed", "handed_over"}:
        return of_job(session, job.id)
    FULFILMENT_ORDER_STATES.check(job.state, "packed")
    picked = [
        _Picked(row.id, row.line_id, row.sku, row.quantity, row.quantity)
        for row in session.execute(_PICKED, {"job": job.id})
    ]
    if not picked:
        raise Refused("nothing_picked")
    boxes = _boxes(picked, contents)
    advance(job, "packed")
    job.packed_at = clock.now()
    weights = unit_weights or {}
    serials = session.scalars(_SERIALS, {"count": len(boxes)}).all()
    sealed = [
        _seal(job, box, weights, sscc(gs1_prefix, serial))
        for box, serial in zip(boxes, serials, strict=True)
    ]
    session.add_all(sealed)
    session.flush()
    _put_in(session, picked, list(zip(sealed, boxes, strict=True)))
    session.execute(_LIST, {"job": job.id})
    return sealed


def _boxes(picked: Sequence[_Picked], contents: Contents | None) -> list[Counter[uuid.UUID]]:
    there: Counter[uuid.UUID] = Counter()
    for row in picked:
        there[row.line_id] += row.quantity
    if contents is None:
        return [there]
    boxes: list[Counter[uuid.UUID]] = []
    packed: Counter[uuid.UUID] = Counter()
    for parts in contents:
        box: Counter[uuid.UUID] = Counter()
        for line_id, quantity in parts:
            box[line_id] += whole(quantity)
        packed += box
        boxes.append(box)
    differing = [
        {"line_id": str(line_id), "picked": there[line_id], "packed": packed[line_id]}
        for line_id in there | packed
        if there[line_id] != packed[line_id]
    ]
    if differing or not all(boxes):
        raise Refused("parcel_contents", lines=differing)
    return boxes


def _seal(
    job: FulfilmentOrder, box: Mapping[uuid.UUID, int], weights: Mapping[uuid.UUID, int], code: str
) -> Parcel:
    return Parcel(
        id=new_id(),
        order_ref=job.order_ref,
        fulfilment_order_id=job.id,
        location=job.location,
        sscc=code,
        weight_grams=sum(weights.get(line_id, 0) * units for line_id, units in box.items()),
        sealed_at=clock.now(),
        arrives_on=job.arrives_on,
    )


def _put_in(
    session: Session,
    picked: Sequence[_Picked],
    boxes: Sequence[tuple[Parcel, Mapping[uuid.UUID, int]]],
) -> None:
    """Give every picked unit its parcel; an allocation that fills several is split."""
    first: list[tuple[uuid.UUID, uuid.UUID, int]] = []
    parts: list[tuple[uuid.UUID, uuid.UUID, uuid.UUID, int]] = []
    for parcel, box in boxes:
        for line_id, wanted in box.items():
            units = wanted
            for row in picked:
                if row.line_id != line_id or row.left == 0 or units == 0:
                    continue
                taken = min(row.left, units)
                if row.left == row.quantity:
                    first.append((row.id, parcel.id, taken))
                else:
                    parts.append((row.id, new_id(), parcel.id, taken))
                row.left -= taken
                units -= taken
    if parts:
        ids, part_ids, parcels, quantities = map(list, zip(*parts, strict=True))
        split = {"ids": ids, "part_ids": part_ids, "parcels": parcels, "quantities": quantities}
        session.execute(_SPLIT, split)
    ids, parcels, quantities = map(list, zip(*first, strict=True))
    session.execute(_PUT_IN, {"ids": ids, "parcels": parcels, "quantities": quantities})


def put_in_box(session: Session, parcel: Parcel, code: str | None, grams: int | None) -> None:
    """Say in which carton a parcel is and what it weighs; what nobody weighed is reckoned.

    Args:
        session: the transaction that seals the parcel.
        parcel: with the weight of its goods.
        code: of the box; None where it is any other carton.
        grams: what the scales say of the whole parcel; None where it was not weighed.

    Raises:
        Invalid: ``parcel_weight`` with `most`: below 1 g, or more than the carton carries.
        NotFound: ``box``.
    """
    box = boxes.one(session, code) if code else None
    whole_weight = parcel.weight_grams + (box.tare_grams if box else 0)
    weight = whole_weight if grams is None else grams
    most = box.most_grams if box else HEAVIEST_GRAMS
    if grams is not None and not 0 < weight <= most:
        raise Invalid("parcel_weight", grams=weight, most=most)
    parcel.box, parcel.weight_grams = code or None, weight
    session.flush()


def open_again(session: Session, job: FulfilmentOrder) -> None:
    """Open the sealed parcels of a locked fulfilment order: it goes back to packing.

    Their numbers are given up, and so is a card that lay in one of them; what is packed next gets
    both anew. A label that a carrier had given is given back by the event that this leaves behind.

    Raises:
        Refused: ``fulfilment_order_state`` unless it is packed and not handed over.
    """
    if job.state != "packed":
        raise Refused("fulfilment_order_state", state=job.state, wanted="packed")
    sealed = [parcel.id for parcel in of_job(session, job.id)]
    session.execute(_TAKE_OUT, {"job": job.id})
    given = session.execute(
        select(ParcelLabel.carrier, ParcelLabel.number)
        .where(
            ParcelLabel.parcel_id.in_(sealed),
            ParcelLabel.source == "carrier",
            ParcelLabel.number.is_not(None),
        )
        .order_by(ParcelLabel.number)
    )
    for carrier, number in given:
        events.record(session, LabelGivenUp(job.order_ref, carrier, str(number)))
    session.execute(delete(ParcelLabel).where(ParcelLabel.parcel_id.in_(sealed)))
    session.execute(delete(ParcelInsert).where(ParcelInsert.parcel_id.in_(sealed)))
    session.execute(delete(ParcelLine).where(ParcelLine.parcel_id.in_(sealed)))
    session.execute(delete(Parcel).where(Parcel.id.in_(sealed)))
    advance(job, "picked")
    job.packed_at = None
    session.flush()


def sscc(gs1_prefix: str, serial: int) -> str:
    """Return a Serial Shipping Container Code: extension digit 0, prefix, serial, check digit.

    Source: GS1 General Specifications, section 2.2.1. The serial starts again when it is used up,
    which with a prefix of 7 digits is after 1,000 million parcels.
    """
    room = _SSCC_DIGITS - 1 - len(gs1_prefix)
    digits = f"0{gs1_prefix}{serial % 10**room:0{room}d}"
    return f"{digits}{mod10_check_digit(digits)}"


def next_serial(session: Session) -> int:
    """Return a number for an SSCC that no parcel has, for what is sent without an order."""
    serial: int = session.scalars(_SERIALS, {"count": 1}).one()
    return serial


def of_job(session: Session, job_id: uuid.UUID) -> list[Parcel]:
    """Return the parcels of a fulfilment order, in the order in which they were sealed."""
    query = select(Parcel).where(Parcel.fulfilment_order_id == job_id).order_by(Parcel.sscc)
    return list(session.scalars(query))


def add_insert(
    session: Session, order_ref: str, campaign: str, parcel_id: uuid.UUID, token: str
) -> bool:
    """Put something that nobody ordered into a parcel: at most one of a campaign per order.

    Args:
        session: the open transaction.
        order_ref: whose parcel it is.
        campaign: e.g. ``"thanks-2026"``.
        parcel_id: the parcel.
        token: what its QR code leads to.

    Returns:
        Whether this parcel got it; False when another one of the order has it.
    """
    row = (
        insert(ParcelInsert)
        .values(
            id=new_id(),
            order_ref=order_ref,
            campaign=campaign,
            parcel_id=parcel_id,
            token=token,
            added_at=clock.now(),
        )
        .on_conflict_do_nothing(index_elements=["order_ref", "campaign"])
        .returning(ParcelInsert.id)
    )
    return session.scalar(row) is not None
