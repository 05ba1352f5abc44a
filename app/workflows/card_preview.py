"""Which orders would get a campaign's card, and which not and why: seen before it is made."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.community import campaigns
from app.community.models import Campaign
from app.sales.models import Order, OrderLine
from fulfilment.models import FulfilmentOrder, ParcelInsert
from kit import clock
from loyalty import consents

SINCE = timedelta(days=30)
_MOST = 2000
_UNPACKED = ("open", "picking", "picked")


@dataclass(frozen=True)
class Fate:
    """What becomes of an order: its card's campaign, and why it does not get the one asked about.

    `why` is empty where it gets it; else ``goods``, ``consent``, ``has_card``, ``dates`` or
    ``other``, where the card of `gets` comes first.
    """

    order: Order
    gets: Campaign | None
    why: str


@dataclass(frozen=True)
class Preview:
    """What a campaign would do to the orders that are still to be packed, and what 30 days cost.

    `month` counts the fates of the orders of the last 30 days as if they were packed now: an empty
    reason means a card.
    """

    campaign: Campaign
    waiting: Sequence[Fate]
    month: Counter[str]

    @property
    def cards(self) -> int:
        """Cards in 30 days."""
        return self.month[""]

    @property
    def cost_minor(self) -> int:
        """What those would cost."""
        return self.cards * self.campaign.cost_minor

    @property
    def paper_grams(self) -> int:
        """What those would weigh."""
        return self.cards * self.campaign.paper_grams


def preview(session: Session, campaign: Campaign) -> Preview:
    """Try a campaign on what waits to be packed and on the last 30 days.

    Args:
        session: any session; nothing is written.
        campaign: a row, or one that no session knows: the one of its code is left out then.
    """
    waiting = select(FulfilmentOrder.order_ref).where(FulfilmentOrder.state.in_(_UNPACKED))
    open_ = select(Order).where(Order.state == "confirmed", Order.ref.in_(waiting))
    lately = select(Order).where(
        Order.channel == "web",
        Order.state.in_(("confirmed", "completed")),
        Order.placed_at > clock.now() - SINCE,
    )
    newest = Order.placed_at.desc()
    month = _fates(
        session, campaign, session.scalars(lately.order_by(newest).limit(_MOST)).all(), as_new=True
    )
    return Preview(
        campaign,
        _fates(session, campaign, session.scalars(open_.order_by(newest).limit(_MOST)).all()),
        Counter(fate.why for fate in month),
    )


def _fates(
    session: Session, campaign: Campaign, orders: Sequence[Order], *, as_new: bool = False
) -> list[Fate]:
    """Return the fate of each order; `as_new` takes them as not packed yet, on a day of its run."""
    goods: dict[object, list[str]] = {}
    ids = [order.id for order in orders]
    lines = select(OrderLine.order_id, OrderLine.sku).where(OrderLine.order_id.in_(ids))
    for order_id, sku in session.execute(lines):
        goods.setdefault(order_id, []).append(sku)
    shelves = campaigns.shelves_of(session, {sku for skus in goods.values() for sku in skus})
    refs = [order.ref for order in orders]
    carded = set(
        session.scalars(select(ParcelInsert.order_ref).where(ParcelInsert.order_ref.in_(refs)))
    )
    others = [row for row in campaigns.running(session) if row.code != campaign.code]
    runs = as_new or campaign.starts_on <= clock.today() <= campaign.ends_on
    asked = sorted([*others, campaign], key=campaigns.turn) if runs else others
    wanted = {str(row.consent) for row in (*asked, campaign) if row.consent}
    agreed = {
        purpose: {address for address, _language in consents.confirmed(session, purpose)}
        for purpose in wanted
    }
    found = []
    for order in orders:
        standing = {shelf for sku in goods.get(order.id, ()) for shelf in shelves.get(sku, ())}
        address = (order.email or "").strip().lower()

        def refusal(row: Campaign, standing: set[str] = standing, address: str = address) -> str:
            said = agreed.get(str(row.consent), set())
            return campaigns.why_not(row, standing, agreed=lambda: address in said) or ""

        gets = next((row for row in asked if not refusal(row)), None)
        if order.ref in carded and not as_new:
            found.append(Fate(order, None, "has_card"))
        elif gets is campaign:
            found.append(Fate(order, gets, ""))
        else:
            why = refusal(campaign) or ("other" if runs else "dates")
            found.append(Fate(order, gets, why))
    return found
