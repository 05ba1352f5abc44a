"""Signed receipts: a printed code verifies by itself, outages are recorded, the export adds up."""

import io
import tarfile
import zipfile
from csv import DictReader
from decimal import Decimal

import dsfinvk.models
import pytest
import segno
import zxingcpp
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from dsfinvk.table import Model
from dsfinvk.validate import validate_zip
from PIL import Image
from sqlalchemy import select

from app.tills import sessions
from app.tills.fiscal import export, log_export, modules, notification, qr
from app.tills.fiscal.export import Seller
from app.tills.fiscal.layout import TABLES
from app.tills.fiscal.models import FiscalOutage, FiscalRecord
from app.tills.models import TillSession
from kit.database import reading, transaction
from tests.pos.register import sale
from tests.small_shop import HOOK, LURE, PAN

SELLER = Seller(
    "Rhein GmbH", "Weg 1", "53111", "Bonn", "DE999999999", "205/0000/0000",
    "Bonn", "Weg 1", "53111", "Bonn",
)  # fmt: skip


def printed_and_scanned(text):
    drawing = io.BytesIO()
    segno.make(text, error="l").save(drawing, kind="png", scale=4)
    (found,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(drawing.getvalue())).convert("L"))
    return found.text


def test_the_code_on_the_receipt_decodes_and_verifies_by_what_stands_in_it(register):
    codes = [printed_and_scanned(register.sell().get_json()["fiscal"]["qr"]) for _ in range(2)]

    first, second = map(qr.read, codes)
    assert (first.genuine, second.genuine) == (True, True)
    assert (first.client_id, first.process_data) == (
        "KONTOR-BONN-1", "Beleg^6.90_0.00_0.00_0.00_0.00^6.90:Bar",
    )  # fmt: skip
    assert [(one.transaction_number, one.signature_counter) for one in (first, second)] == [
        (1, 2), (2, 4),
    ]  # fmt: skip
    for was, forged in (("6.90", "0.90"), (";1;2;", ";1;3;"), ("BONN-1", "BONN-2")):
        assert was in codes[0]
        assert not qr.read(codes[0].replace(was, forged)).genuine


def test_a_sale_goes_on_without_the_module_and_says_so(register):
    with transaction() as session:
        modules.break_down(session, "bonn-1", "TSE antwortet nicht")
    out = register.sell().get_json()["fiscal"]
    assert (out["signed"], out["qr"], out["outage"]) == (False, None, "TSE antwortet nicht")
    offline = register.sell(offline=True, sold_at="2026-11-25T10:00:00Z").get_json()["fiscal"]
    assert (offline["signed"], offline["outage"]) == (False, "TSE antwortet nicht")
    with reading() as session:
        (open_,) = session.scalars(select(FiscalOutage)).all()
        assert (open_.began_at.hour, open_.ended_at) == (10, None)
    with transaction() as session:
        modules.mend(session, "bonn-1")

    again = register.sell().get_json()["fiscal"]

    assert (again["signed"], again["transaction_number"]) == (True, 1)
    with reading() as session:
        (ended,) = session.scalars(select(FiscalOutage)).all()
        assert ended.ended_at is not None
    page = register.client.get(register.sell().get_json()["receipt_url"])
    assert page.status_code == 200
    assert "nicht zertifiziert" in page.text


@pytest.fixture
def closed_day(register):
    register.post("/sessions", {"session_id": "day-00001", "opening_minor": 10_000})
    first = sale((LURE, 3, 690), (PAN, 1, 8900))
    first["lines"][1]["discount"] = {"amount_minor": 333, "reason": "damaged"}
    first["tenders"] = [
        {"method": "cash", "amount_minor": 5000},
        {"method": "card_terminal", "amount_minor": 5637},
    ]
    register.post("/sales", first)
    back = {
        "sale_id": "return-01", "lines": [{"sku": HOOK, "quantity": 1, "unit_minor": 490}],
        "returns": [{"order_ref": first["sale_id"], "line_id": "1", "quantity": 1,
                     "amount_minor": 690}],
        "tenders": [{"method": "cash", "amount_minor": -200}],
    }  # fmt: skip
    assert register.post("/sales", back).status_code == 200
    wrong = sale((HOOK, 2, 490))
    register.post("/sales", wrong)
    register.post("/voids", {"sale_id": "void-0001", "voids": wrong["sale_id"], "reason": "x"})
    register.post("/sales", sale(training=True))
    register.post("/sales", sale(offline=True))
    bank = {"movement_id": "bank-0001", "kind": "bank", "amount_minor": -9000, "reason": "Bank"}
    register.post("/cash-movements", bank)
    return register.post("/sessions/day-00001/closing", {"counted_minor": 6485}).get_json()


def _number(text):
    return Decimal(text.replace(".", "").replace(",", "."))


def test_the_export_is_as_the_standard_says_and_equals_the_z_report_to_the_cent(closed_day):
    with reading() as session:
        drawer = session.scalars(select(TillSession)).one()
        packed = export.of(session, drawer, SELLER)
    assert validate_zip(io.BytesIO(packed)) == []
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert archive.testzip() is None
        files = {
            table.file: list(
                DictReader(io.StringIO(archive.read(table.file).decode()), delimiter=";")
            )
            for table in TABLES
        }
        assert {"index.xml", "gdpdu-01-08-2002.dtd"} <= set(archive.namelist())

    assert closed_day["difference_minor"] == -5
    vat = {int(row["UST_SCHLUESSEL"]): row for row in files["businesscases.csv"]
           if row["GV_TYP"] == "Umsatz"}  # fmt: skip
    (rate,) = closed_day["vat"]
    assert _number(vat[1]["Z_UMS_BRUTTO"]) * 100 == rate["gross_minor"]
    assert _number(vat[1]["Z_UMS_NETTO"]) * 100 == rate["net_minor"]
    assert _number(vat[1]["Z_UST"]) * 100 == rate["vat_minor"]
    (closing,) = files["cashpointclosing.csv"]
    assert _number(closing["Z_SE_BARZAHLUNGEN"]) * 100 == closed_day["cash_counted_minor"]
    paid = {row["ZAHLART_NAME"]: _number(row["Z_ZAHLART_BETRAG"]) * 100
            for row in files["payment.csv"]}  # fmt: skip
    methods = {one["method"]: one["amount_minor"] for one in closed_day["by_method"]}
    assert paid["Karte"] == methods["card_terminal"]
    moved = 10_000 - 9000 + closed_day["difference_minor"]
    assert paid["Bargeld"] == methods["cash"] + moved
    # From the bottom up: payments and VAT of the receipts, lines of each.
    bons = files["transactions.csv"]
    counted = [row for row in bons if row["BON_TYP"] == "Beleg"]
    assert sum(_number(row["UMS_BRUTTO"]) for row in counted) * 100 == sum(paid.values())
    for bon in bons:
        mine = [row for row in files["datapayment.csv"] if row["BON_ID"] == bon["BON_ID"]]
        lines = [row for row in files["lines_vat.csv"] if row["BON_ID"] == bon["BON_ID"]]
        taxes = [row for row in files["transactions_vat.csv"] if row["BON_ID"] == bon["BON_ID"]]
        total = _number(bon["UMS_BRUTTO"])
        assert total == sum(_number(row["BASISWAEH_BETRAG"]) for row in mine)
        assert total == sum(_number(row["POS_BRUTTO"]) for row in lines)
        assert total == sum(_number(row["BON_BRUTTO"]) for row in taxes)
    assert [row["BON_STORNO"] for row in bons].count("1") == 1
    assert [row["BON_TYP"] for row in bons].count("AVTraining") == 1
    signed = files["transactions_tse.csv"]
    assert [bool(row["TSE_TA_SIG"]) for row in signed].count(False) == 1
    assert {row["REF_TYP"] for row in files["references.csv"]} == {"Transaktion"}


def test_the_columns_are_those_that_another_program_knows():
    known = {
        one._filename: [field.name for field in one._fields]
        for one in vars(dsfinvk.models).values()
        if isinstance(one, type) and issubclass(one, Model) and one is not Model
    }
    assert {table.file: [one.name for one in table.columns] for table in TABLES} == known


def test_the_sheet_for_the_tax_office_names_each_till(register):
    register.sell()
    with reading() as session:
        (line,) = notification.of_location(session, "bonn")
        assert sessions.listed(session, "koeln") == []
    assert (line.till, line.serial, line.certificate) == ("bonn-1", "KONTOR-BONN-1", "keine")
    assert line.due_on.isoformat() == "2026-12-25"
    sheet = notification.as_csv("Rhein GmbH", "205/0000/0000", "Weg 1, 53111 Bonn", [line])
    assert sheet.splitlines()[3] == "Anzahl der Aufzeichnungssysteme;1"
    assert line.module_serial in sheet


def test_the_log_of_the_module_holds_every_signature_and_verifies(register):
    register.post("/sessions", {"session_id": "day-00001", "opening_minor": 5000, "cashier": None})
    for number in (1, 2):
        register.sell(session_id="day-00001", receipt_number=number)
    with reading() as session:
        packed = log_export.of_session(session, sessions.by_id(session, "day-00001", "bonn-1"))
        records = session.scalars(select(FiscalRecord).order_by(FiscalRecord.id)).all()
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        files = {one.name: archive.extractfile(one).read() for one in archive.getmembers()}
    assert "not certified" in files.pop("info.csv").decode()
    key = load_pem_public_key(files.pop(f"{records[0].serial}.pem"))
    assert sorted(files) == [
        f"Unixt_{int(one.ended_at.timestamp())}_Sig-{2 * number}_Log-Tra_No-{number}"
        "_Finish_Client-KONTOR-BONN-1.log"
        for number, one in enumerate(records, start=1)
    ]
    for content in files.values():
        # The outer sequence has a length of two bytes; the last 64 bytes are the signature.
        signed, plain = content[3:-66], content[-64:]
        whole = encode_dss_signature(*(int.from_bytes(part) for part in (plain[:32], plain[32:])))
        key.verify(whole, signed, ec.ECDSA(hashes.SHA256()))
