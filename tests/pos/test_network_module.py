"""A security module behind a network: two steps, no transaction open meanwhile, an outage if it is
silent. The module is played by a box that signs and counts as a certified one does."""

import hashlib
from base64 import b64decode
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from app.tills.fiscal import log_message, modules, qr, signer
from app.tills.fiscal.models import FiscalOutage, FiscalRecord
from app.tills.fiscal.network import NetworkSigner
from app.tills.fiscal.signer import Signed, SignerDown
from kit.database import reading, transaction
from tests import small_shop
from tests.pos.register import photograph
from tests.small_shop import LURE

BEGAN = datetime(2026, 11, 25, 11, 40, 3, tzinfo=UTC)


class Box:
    """Logs start and finish of each transaction; the same key again is the same transaction."""

    certified = True

    def __init__(self):
        self.private_key, self.public_key, self.serial = signer.new_keys()
        self.started, self.finished = {}, {}
        self.silent = ""
        self.calls = 0

    def _hears(self, step):
        # Raises where a transaction is open in this thread.
        with transaction():
            self.calls += 1
        if self.silent == step:
            raise SignerDown("TSE nicht erreichbar")

    def start(self, client_id, key):
        self._hears("start")
        self.started.setdefault(key, len(self.started) + 1)

    def finish(self, client_id, key, process_type, process_data):
        self._hears("finish")
        number = self.started[key]
        if key not in self.finished:
            ended = BEGAN + timedelta(seconds=2 * number)
            message = log_message.finished(
                client_id=client_id, process_type=process_type, process_data=process_data,
                transaction_number=number, serial=self.serial, signature_counter=2 * number,
                logged_at=int(ended.timestamp()),
            )  # fmt: skip
            self.finished[key] = Signed(
                self.serial, client_id, number, 2 * number, signer.ALGORITHM, signer.TIME_FORMAT,
                self.public_key, signer.signature_of(self.private_key, message),
                ended - timedelta(seconds=1), ended,
            )  # fmt: skip
        return self.finished[key]

    def export(self, client_id, since, until):
        return f"{client_id} {since:%H:%M} {until:%H:%M}".encode()


@pytest.fixture
def box():
    played = Box()
    before = modules.use(NetworkSigner(played))
    yield played
    modules.use(before)


def test_a_receipt_is_signed_by_the_box_at_its_own_time_and_only_once(register, box):
    assert register.get("/device").get_json()["fiscal"]["certified"] is True
    answer = register.sell(sale_id="far-00001").get_json()
    told = answer["fiscal"]
    assert (told["signed"], told["certified"], told["note"]) == (True, True, "")
    read = qr.read(told["qr"])
    assert (read.genuine, read.client_id, read.transaction_number) == (True, "KONTOR-BONN-1", 1)
    assert (read.started_at, read.ended_at) == (
        BEGAN + timedelta(seconds=1),
        BEGAN + timedelta(seconds=2),
    )
    assert hashlib.sha256(b64decode(box.public_key)).hexdigest() == told["serial"]
    assert "nicht zertifiziert" not in register.client.get(answer["receipt_url"]).text
    # What is there already asks nobody, and the rehearsal has left nothing behind.
    booked, calls = photograph(), box.calls
    again = register.sell(sale_id="far-00001").get_json()
    assert (again, photograph(), box.calls) == ({**answer, "repeated": True}, booked, calls)
    second = register.sell(sale_id="far-00002").get_json()
    assert (answer["receipt_number"], second["receipt_number"]) == (
        "bonn-1-000001",
        "bonn-1-000002",
    )
    with reading() as session:
        assert small_shop.books(session)["bonn", LURE][0] == 10


@pytest.mark.parametrize("step", ["start", "finish"])
def test_a_silent_box_is_an_outage_and_no_lost_sale(register, box, step):
    box.silent = step
    out = register.sell().get_json()["fiscal"]
    assert (out["signed"], out["outage"]) == (False, "TSE nicht erreichbar")
    box.silent = ""
    assert register.sell().get_json()["fiscal"]["signed"] is True
    with reading() as session:
        (outage,) = session.scalars(select(FiscalOutage)).all()
        assert outage.ended_at is not None


def test_moved_cash_is_signed_by_the_box_too(register, box):
    day = {"session_id": "day-00001", "opening_minor": 10000, "cashier": None}
    register.post("/sessions", day)
    bank = {"movement_id": "bank-0001", "kind": "bank", "amount_minor": -5000, "reason": "Bank",
            "session_id": "day-00001"}  # fmt: skip
    register.post("/cash-movements", bank)
    register.post("/cash-movements", bank)
    with reading() as session:
        chain = session.scalars(select(FiscalRecord).order_by(FiscalRecord.id)).all()
    assert [(one.transaction_number, one.process_data, one.ended_at) for one in chain] == [
        (number, f"Beleg^0.00_0.00_0.00_0.00_{euros}^{euros}:Bar", at)
        for number, euros, at in (
            (1, "100.00", BEGAN + timedelta(seconds=2)),
            (2, "-50.00", BEGAN + timedelta(seconds=4)),
        )
    ]
    assert box.calls == 4
