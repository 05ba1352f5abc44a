"""What happens by itself: the rota of the scheduler process."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from app import invariants
from app.jobs.beside import Beside
from app.jobs.relay import Relay
from app.messages import delivery
from app.workflows import (
    acceptance,
    backorders,
    findable,
    foresee,
    forgetting,
    journeys,
    lapsing,
    learn_together,
    newsletters,
    owed,
    pickups,
    recall,
    reserve_in_store,
    watch,
)
from app.workflows.till import cards, changes
from fulfilment.answers import reconciliation
from fulfilment.claims import reservations
from fulfilment.inbound import incoming
from fulfilment.outbound import steps
from fulfilment.stock import months
from fulfilment.whatif import runs
from kit import clock
from kit.database import reading, transaction
from loyalty import gift_cards

log = logging.getLogger(__name__)

_SHOWN = 20
_beside = Beside()
_beside_search = Beside()
_beside_learning = Beside()
_beside_carriers = Beside()


@dataclass
class Duty:
    """A function that is due every `seconds`; it must be harmless to run twice."""

    name: str
    seconds: float
    run: Callable[[], object]
    due: float = field(default=0.0)


def _expire_reservations() -> None:
    with transaction() as session:
        reservations.expire_due(session, clock.now(), limit=500)


def _tell_late_goods() -> None:
    with transaction() as session:
        incoming.tell_late(session)


def _write_off_cards() -> None:
    with transaction() as session:
        gift_cards.write_off_due(session)


def _open_months() -> None:
    with transaction() as session:
        months.open_ahead(session)


def _ask_again() -> None:
    with transaction() as session:
        runs.ask_again(session)


def _close_month() -> None:
    with transaction() as session:
        closed = months.close_due(session)
    if closed is not None:
        log.info("the month of %s is closed", closed)


def _reconcile() -> None:
    """Compare all balances with their rows; what has drifted waits for somebody who repairs it."""
    with transaction() as session:
        found = reconciliation.check(session, actor="scheduler")
    for one in found[:_SHOWN]:
        log.error(
            "%s of %s at %s: %s booked, %s summed",
            one.term,
            one.sku,
            one.location,
            one.booked,
            one.summed,
        )


def _check_invariants() -> None:
    with reading() as session:
        for finding in invariants.check(session):
            if finding.state == "broken":
                log.error("invariant %s is broken: %s", finding.number, finding.rows[:5])


def _price_everything() -> bool:
    return _beside.start(foresee.price_everything)


def _follow_parcels() -> bool:
    return _beside_carriers.start(journeys.ask_carriers)


def _forget_steps() -> None:
    with transaction() as session:
        steps.forget(session)


def _make_findable() -> bool:
    return _beside_search.start(findable.refresh)


def _learn_together() -> bool:
    return _beside_learning.start(learn_together.learn_everything)


def _price_moved() -> bool:
    return _beside.start(foresee.price_moved)


def rota(relay: Relay) -> list[Duty]:
    """Return every duty of the scheduler.

    RQ's own cron would put these through Redis; the sweeper must work when Redis was flushed, so
    the loop stands on PostgreSQL alone. Prices take minutes in a large shop and run beside it.
    """
    return [
        Duty("sweep the outbox", 1.5, relay.sweep),
        Duty("lapse unpaid orders", 5, lapsing.lapse_due),
        Duty("end holds in stores", 10, reserve_in_store.expire_due),
        Duty("expire reservations", 10, _expire_reservations),
        Duty("tend backorders", 10, backorders.tend),
        Duty("look after card readers", 15, cards.tend),
        Duty("tell tills what changed", 30, changes.refresh_if_used),
        Duty("look after promises", 15, watch.tend),
        Duty("say what nobody has taken", 30, acceptance.escalate),
        Duty("put back what nobody fetched", 600, pickups.expire_due),
        Duty("ask carriers where parcels are", 900, _follow_parcels),
        Duty("forget the steps of phones", 24 * 3600, _forget_steps),
        Duty("look after what is owed to be told", 15, owed.tend),
        Duty("send what the quiet hours held back", 30, delivery.release_held),
        Duty("ask how it was", 3600, newsletters.ask_for_reviews),
        Duty("answer questions whose worker died", 60, _ask_again),
        Duty("put recalled goods aside", 30, recall.gather_open),
        Duty("tell which goods are late", 3600, _tell_late_goods),
        Duty("open the ledger's next months", 24 * 3600, _open_months),
        Duty("forget whose it was", 24 * 3600, forgetting.long_ended),
        Duty("write off expired gift cards", 3600, _write_off_cards),
        Duty("close the ledger's last month", 3600, _close_month),
        Duty("check the invariants", 3600, _check_invariants),
        Duty("reconcile stock", 24 * 3600, _reconcile),
        Duty("make everything findable", 24 * 3600, _make_findable),
        Duty("learn what is bought together", 24 * 3600, _learn_together),
        Duty("price all stock", 24 * 3600, _price_everything),
        Duty("price the stock that moved", 3600, _price_moved),
    ]


def run(relay: Relay, stopping: Callable[[], bool]) -> None:
    """Do the duties as they fall due until `stopping()`; a failing one never stops the others."""
    duties = rota(relay)
    while not stopping():
        for duty in duties:
            if time.monotonic() < duty.due:
                continue
            duty.due = time.monotonic() + duty.seconds
            try:
                with reading() as session:
                    clock.refresh(session)
                duty.run()
            except Exception:
                log.exception("duty failed: %s", duty.name)
        time.sleep(0.25)
