"""What happens in the application, in the past tense. The domains have their own events."""

from dataclasses import dataclass

from kit.events import Event


@dataclass(frozen=True)
class OrderPlaced(Event):
    """A customer has ordered; the payment is still to come."""

    order_ref: str


@dataclass(frozen=True)
class OrderConfirmed(Event):
    """The order is paid and its stock allocated (or on its way to be)."""

    order_ref: str


@dataclass(frozen=True)
class OrderLapsed(Event):
    """Nobody paid in time; the stock is free again."""

    order_ref: str


@dataclass(frozen=True)
class DebitAsked(Event):
    """A direct debit was ordered on the payment page; the bank takes days to answer."""

    order_ref: str


@dataclass(frozen=True)
class HoldChanged(Event):
    """Goods put aside in a store: `what` is held, ready, short or expired."""

    hold_ref: str
    what: str


@dataclass(frozen=True)
class OfferMade(Event):
    """Something was offered at a counter: `what` is offered, unheld (goods sold), withdrawn."""

    offer_ref: str
    what: str


@dataclass(frozen=True)
class ReceiptWanted(Event):
    """A customer wants a receipt of the counter by mail."""

    receipt_number: str
    email: str
    language: str


@dataclass(frozen=True)
class OrderRerouted(Event):
    """A shortage found another place, or none: `decision_id` says how it now comes."""

    order_ref: str
    decision_id: str
    cause: str


@dataclass(frozen=True)
class PlanFailed(Event):
    """The plan of what nobody picks yet does not hold any more: it is to be made anew."""

    order_ref: str
    cause: str


@dataclass(frozen=True)
class OrderCompleted(Event):
    """Everything that was not cancelled has been handed over."""

    order_ref: str


@dataclass(frozen=True)
class GoodsSold(Event):
    """Goods were carried out of a store, and paid."""

    order_ref: str


@dataclass(frozen=True)
class GoodsReturned(Event):
    """Goods of an order came back."""

    order_ref: str


@dataclass(frozen=True)
class RefundIntended(Event):
    """Money is to go back; the provider has not been asked yet."""

    refund_id: str


@dataclass(frozen=True)
class MessageWritten(Event):
    """A mail stands in the database and is to be sent."""

    message_id: str


@dataclass(frozen=True)
class MessageFailed(Event):
    """A message has reached nobody: refused by the mail server, or sent back later."""

    undelivered_id: str
