"""The slice of a real year through the shop's own workflows: whole, resumable, provable."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app import invariants
from app.replay import running
from app.replay.models import ReplayedInvoice, ReplayRefusal
from app.replay.reading import invoices, playable
from app.sales.models import Order
from fulfilment.models import StockMovement
from fulfilment.routing import snapshot
from kit import events
from kit.database import reading
from kit.errors import Invalid
from tests.replay.test_reading import SLICE, _file

pytestmark = pytest.mark.usefixtures("app")


def _play(path: Path = SLICE, limit: int | None = None) -> running.Report:
    snapshot.forget()
    return running.replay(path, None, say=lambda _: None, progress=lambda *_: None, limit=limit)


def _broken(session: Session) -> list[invariants.Finding]:
    return [found for found in invariants.check(session) if found.state == "broken"]


def test_every_invoice_ends_played_or_refused_once_and_every_invariant_holds() -> None:
    _play(limit=25)
    report = _play()
    again = _play()
    assert report.resumed_after == 25
    assert (again.outcomes, again.units) == (report.outcomes, report.units)
    read = list(invoices(SLICE))
    assert sum(report.outcomes.values()) == len(read)
    with reading() as session:
        assert _broken(session) == []
        outcomes = dict(
            session.execute(select(ReplayedInvoice.invoice, ReplayedInvoice.outcome)).all()
        )
        refused = Counter(session.scalars(select(ReplayRefusal.invoice)))
        for invoice in read:
            lines, left_out = playable(invoice)
            if not lines:
                assert outcomes[invoice.number] == "refused"
            assert refused[invoice.number] >= len(left_out)
        web = session.scalars(select(Order).where(Order.channel == "web")).all()
        assert {order.state for order in web} == {"completed"}
        assert len(web) == report.outcomes["web_order"]
        played = session.scalar(select(func.count()).select_from(Order))
        assert played == report.outcomes["web_order"] + report.outcomes["till_sale"]
        assert report.outcomes["return"] >= 5
        assert events.waiting(session) == []
        units = session.scalar(
            select(func.sum(StockMovement.quantity)).where(
                StockMovement.cause.in_(("shipment", "till_sale"))
            )
        )
        assert units == report.units["web_order"] + report.units["till_sale"]


def test_a_broken_file_changes_nothing(tmp_path: Path) -> None:
    path = _file(
        tmp_path,
        "1,85048,12,2009-12-01T07:45,6.95,13085,UK",
        "2,85048,twelve,2009-12-01T07:45,6.95,13085,UK",
    )
    with pytest.raises(Invalid, match="import_line"):
        _play(path)
    with reading() as session:
        for table in ("orders", "stock_movements", "customers", "items", "replayed_invoices"):
            assert session.scalar(text(f"SELECT count(*) FROM {table}")) == 0, table


@pytest.mark.race
def test_killed_in_the_middle_it_goes_on_with_nothing_lost_or_doubled(
    app: Flask, database_url: str, redis_url: str
) -> None:
    command = [
        sys.executable,
        "-m",
        "flask",
        "--app",
        "wsgi",
        "replay",
        "online-retail",
        str(SLICE),
    ]
    environment = {
        **os.environ,
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "KONTOR_SECRET_KEY": "test",
        "KONTOR_PUBLIC_URL": "http://shop.test",
        "STRIPE_API_KEY": "sk_test_x",
        "STRIPE_WEBHOOK_SECRET": "whsec_x",
    }
    process = subprocess.Popen(
        command,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    _wait_for_some_orders(process)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    with reading() as session:
        before = session.scalar(select(func.count()).select_from(ReplayedInvoice))
    finished = subprocess.run(
        [*command, "--workers", "2"], env=environment, capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    with reading() as session:
        after = session.scalar(select(func.count()).select_from(ReplayedInvoice))
        assert (before or 0) < (after or 0) == len(list(invoices(SLICE)))
        assert _broken(session) == []


def _wait_for_some_orders(process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        with reading() as session:
            if (session.scalar(select(func.count()).select_from(ReplayedInvoice)) or 0) >= 5:
                return
        time.sleep(0.05)
    raise AssertionError("the replay ended, or played nothing, before it could be killed")
