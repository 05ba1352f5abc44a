"""What is asked of the ledger: one movement, before it is booked (`movements.py` books it)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Move:
    """One movement to be booked.

    Args:
        sku: what moves.
        quantity: units, above 0.
        from_account: where it leaves; see `fulfilment.models.stock`.
        from_location: location code for shelf, quarantine and transit, else None.
        to_account: where it goes.
        to_location: as `from_location`.
        cause: what happened, e.g. ``"till_sale"``.
        document: what it happened for: the reference of an order, receipt, delivery note or task.
        key: unique for ever; the same key again moves nothing.
        lot: the lot or serial number, of a SKU that is kept apart by it.
    """

    sku: str
    quantity: int
    from_account: str
    from_location: str | None
    to_account: str
    to_location: str | None
    cause: str
    document: str
    key: str
    lot: str | None = None
