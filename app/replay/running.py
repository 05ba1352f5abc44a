"""Run a replay: set the stage, play invoice after invoice, go on after a kill, report."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.replay import crew, stocking
from app.replay.models import ReplayedInvoice, ReplayRefusal
from app.replay.playing import SOURCE
from app.replay.reading import Invoice, invoices
from app.replay.stocking import Demand
from fulfilment.routing import snapshot
from kit import clock
from kit.database import reading, transaction


@dataclass
class Report:
    """What a replay did, over all its starts: invoices and units by outcome, refusals by reason."""

    outcomes: Mapping[str, int] = field(default_factory=dict)
    units: Mapping[str, int] = field(default_factory=dict)
    refused_lines: Mapping[str, int] = field(default_factory=dict)
    refused_units: Mapping[str, int] = field(default_factory=dict)
    invoices: int = 0
    lines: int = 0
    resumed_after: int = 0
    seconds: float = 0.0


def replay(
    path: Path,
    items: Path | None,
    *,
    say: Callable[[str], None],
    progress: Callable[[int, int], None],
    limit: int | None = None,
    workers: int = 1,
) -> Report:
    """Play a file of invoices into the shop's database.

    Args:
        path: the lines, CSV, gzipped or not.
        items: article names, ``sku,title``.
        say: gets a line per stage.
        progress: gets (invoices dealt with, invoices in all) after each.
        limit: play at most this many invoices of the file.
        workers: processes that play side by side; 1 plays in this one.

    Raises:
        Invalid: the file is not what it should be; nothing was played then.
    """
    started = time.monotonic()
    say("reading the file")
    # Read it once in full first: a broken line is found before anything has been booked.
    demand = stocking.demand_of(_first(path, limit))
    titles = stocking.titles(items)
    say(f"{demand.invoices} invoices, {demand.lines} lines, {len(demand.first_price)} articles")
    _set_the_stage(demand, titles, say)
    done = _done()
    if done:
        say(f"{len(done)} invoices were played before; going on from there")
    _play_all(path, limit, demand, titles, done, progress, workers)
    return _report(demand, len(done), time.monotonic() - started)


def _first(path: Path, limit: int | None) -> Iterator[Invoice]:
    for count, invoice in enumerate(invoices(path)):
        if limit is not None and count >= limit:
            return
        yield invoice


def _set_the_stage(demand: Demand, titles: Mapping[str, str], say: Callable[[str], None]) -> None:
    say("publishing articles, enrolling customers")
    with transaction() as session:
        stocking.build_network(session)
        stocking.publish(session, demand, titles)
        stocking.enrol(session, demand)
    snapshot.forget()


def _done() -> set[str]:
    with reading() as session:
        return set(
            session.scalars(select(ReplayedInvoice.invoice).where(ReplayedInvoice.source == SOURCE))
        )


def _play_all(  # noqa: PLR0917 - the loop's whole state, in one place
    path: Path,
    limit: int | None,
    demand: Demand,
    titles: Mapping[str, str],
    done: set[str],
    progress: Callable[[int, int], None],
    workers: int,
) -> None:
    week = None
    dealt_with = 0
    with crew.Crew(workers, titles) as players:
        for _day, day in groupby(_first(path, limit), key=lambda invoice: invoice.at.date()):
            batch = list(day)
            if stocking.monday(batch[0].at) != week:
                week = stocking.monday(batch[0].at)
                with clock.frozen(batch[0].at), transaction() as session:
                    stocking.deliver_week(session, week, demand)
            for count in players.play([one for one in batch if one.number not in done]):
                progress(dealt_with + count, demand.invoices)
            dealt_with += len(batch)
            progress(dealt_with, demand.invoices)


def _report(demand: Demand, before: int, seconds: float) -> Report:
    with reading() as session:
        outcomes, units = _counted(session)
        lines, refused = _refused(session)
    return Report(
        outcomes=outcomes,
        units=units,
        refused_lines=lines,
        refused_units=refused,
        invoices=demand.invoices,
        lines=demand.lines,
        resumed_after=before,
        seconds=seconds,
    )


def _counted(session: Session) -> tuple[Mapping[str, int], Mapping[str, int]]:
    rows = session.execute(
        select(ReplayedInvoice.outcome, func.count(), func.sum(ReplayedInvoice.units))
        .where(ReplayedInvoice.source == SOURCE)
        .group_by(ReplayedInvoice.outcome)
    ).all()
    return {row[0]: row[1] for row in rows}, {row[0]: int(row[2]) for row in rows}


def _refused(session: Session) -> tuple[Mapping[str, int], Mapping[str, int]]:
    rows = session.execute(
        select(ReplayRefusal.reason, func.count(), func.sum(func.abs(ReplayRefusal.quantity)))
        .where(ReplayRefusal.source == SOURCE)
        .group_by(ReplayRefusal.reason)
        .order_by(func.count().desc())
    ).all()
    return Counter({row[0]: row[1] for row in rows}), Counter({row[0]: int(row[2]) for row in rows})
