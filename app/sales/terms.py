"""The retailer's terms of sale, in one place until the back office can edit them."""

from datetime import timedelta

# What a delivery costs the customer, and from which value of goods on it is free.
SHIPPING_MINOR = 490
FREE_SHIPPING_FROM_MINOR = 5900
# How long the stock of a placed order is held while its payment page is open.
PAY_WITHIN = timedelta(minutes=15)
# The hold outlives the time to pay: the payment page is closed at the provider before
# the goods are free for others. If the provider does not answer, they are free after it anyway.
HOLD_BEYOND = timedelta(minutes=2)
# A direct debit takes days until the bank has answered; so long after the order it is waited for.
# Source: Stripe documentation, "SEPA Direct Debit payments": up to 14 business days.
DEBIT_WITHIN = timedelta(days=21)
# What a store puts aside unpaid: until closing time of so many open days after it lies ready, and
# no more than this for one person, so that nobody empties a shelf for nothing.
HOLD_OPEN_DAYS = 2
HOLD_MOST_UNITS = 20
HOLD_MOST_AT_ONCE = 3
# What may be ordered to be paid when it is collected, unless a store has decided otherwise: up to
# this value, and no more than so many orders at once for one person.
COLLECT_UNPAID_MOST_MINOR = 30000
COLLECT_UNPAID_MOST_OPEN = 2
# For how long it is known whose a hold, an offer or a question was, after it has ended.
ENDED_KNOWN_FOR = timedelta(days=90)
# For how long the till may read a basket by its code.
TILL_CODE_LASTS = timedelta(hours=24)
# A customer whose order changed hears of it within this time.
TELL_WITHIN = timedelta(hours=2)
# Where a delivery date is shown before anyone has said where the goods shall go.
DEFAULT_POSTAL_CODE = "53111"
MAX_LINE_QUANTITY = 999
MAX_BASKET_LINES = 100


def shipping_minor(goods_minor: int) -> int:
    """Return what the customer pays for delivery, minor units; the number of parcels never matters.

    Args:
        goods_minor: value of the goods after discounts.
    """
    return 0 if goods_minor >= FREE_SHIPPING_FROM_MINOR else SHIPPING_MINOR
