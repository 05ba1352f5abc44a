"""The DSFinV-K export of one closed session: a ZIP of CSV files with index.xml and its DTD.

Every sum is one of the receipts' own, in whole cents, so it equals the Z report. Source: DSFinV-K
2.4. The security module is software and not certified; `tse.csv` and the receipts' notes say so.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.tills import cash
from app.tills.fiscal import archive, layout, modules, signer
from app.tills.fiscal.archive import Rows
from app.tills.fiscal.layout import TABLES, VAT_KEYS
from app.tills.fiscal.models import FiscalModule, FiscalOutage, FiscalRecord
from app.tills.models import CashEntry, TillReceipt, TillSession
from app.tills.reports import gross_by_rate
from kit.errors import Refused
from kit.money import vat_within

_TSE = 1
PAID_BY = {
    "cash": ("Bar", "Bargeld"),
    "card_terminal": ("Unbar", "Karte"),
    "gift_card": ("Guthabenkarte", "Gutschein"),
    "voucher": ("Guthabenkarte", "Gutschein"),
    "original": ("Unbar", "Ursprüngliches Zahlungsmittel"),
    "rounding": ("Keine", "Rundung"),
}
# What is no business case: recorded, and in no sum.
_KINDS = {"training": "AVTraining", "aborted": "AVBelegabbruch"}
_MOVED = {
    "opening": "Anfangsbestand",
    "deposit": "Einzahlung",
    "payout": "Auszahlung",
    "bank": "Geldtransit",
    "tip": "TrinkgeldAN",
    "difference": "DifferenzSollIst",
}


@dataclass(frozen=True)
class Seller:
    """Who sells, and where: what the export's master data name."""

    name: str
    street: str
    postal_code: str
    city: str
    vat_id: str
    tax_number: str
    store: str
    store_street: str
    store_postal_code: str
    store_city: str


def of(session: Session, drawer: TillSession, seller: Seller) -> bytes:
    """Return the export of a closed session.

    Raises:
        Refused: ``session_open``: it has no Z report yet.
    """
    if drawer.state != "closed":
        raise Refused("session_open", session_id=drawer.session_id)
    rows: Rows = {table.file: [] for table in TABLES}
    query = select(TillReceipt).where(TillReceipt.session == drawer.id)
    receipts = list(session.scalars(query.order_by(TillReceipt.sold_at, TillReceipt.id)))
    sums = _Sums(Counter(), Counter(), Counter())
    for place, receipt in enumerate(receipts, start=1):
        record = modules.of_receipt(session, receipt)
        _receipt(rows, receipt, place, sums)
        _signature(session, rows, str(receipt.id), record)
        _references(session, rows, receipt)
    moved = [one for one in cash.entries(session, drawer.id) if one.kind in _MOVED]
    for place, entry in enumerate(moved, start=len(receipts) + 1):
        _movement(rows, entry, place, sums)
        signed = modules.of_entry(session, entry.id)
        if signed is not None:
            _signature(session, rows, f"cash-{entry.id}", signed)
    _closing(rows, drawer, sums, seller)
    _master(session, rows, drawer, seller)
    key = {"Z_KASSE_ID": drawer.device, "Z_ERSTELLUNG": drawer.closed_at, "Z_NR": drawer.z_number}
    return archive.zipped(rows, key)


@dataclass
class _Sums:
    """Sums of the closing, minor units: by business case and VAT key, VAT of these, by payment."""

    gross: Counter[tuple[str, int]]
    vat: Counter[tuple[str, int]]
    paid: Counter[tuple[str, str]]


def _cents(minor: int) -> Decimal:
    return Decimal(minor) / 100


def _net(gross_minor: int, rate: int) -> Decimal:
    net = _cents(gross_minor) * 10_000 / (10_000 + rate)
    return net.quantize(Decimal("0.00001"), ROUND_HALF_UP)


def _head(receipt: TillReceipt, place: int) -> dict[str, Any]:
    void = receipt.kind == "void"
    return {
        "BON_ID": str(receipt.id),
        "BON_NR": place,
        "BON_TYP": _KINDS.get(receipt.kind, "Beleg"),
        "BON_NAME": receipt.receipt_number,
        "TERMINAL_ID": receipt.device,
        "BON_STORNO": void,
        "BON_START": receipt.started_at,
        "BON_ENDE": receipt.sold_at,
        "BEDIENER_ID": receipt.cashier or "",
        "UMS_BRUTTO": _cents(receipt.total_minor),
        "KUNDE_ID": receipt.customer_number or "",
        "BON_NOTIZ": modules.note(),
    }


def _receipt(rows: Rows, receipt: TillReceipt, place: int, sums: _Sums) -> None:
    bon = str(receipt.id)
    counts = receipt.kind not in _KINDS
    rows["transactions.csv"].append(_head(receipt, place))
    for rate, gross in gross_by_rate(receipt.lines, receipt.returns).items():
        key, vat = VAT_KEYS[rate][0], vat_within(gross, rate)
        rows["transactions_vat.csv"].append(
            {
                "BON_ID": bon, "UST_SCHLUESSEL": key, "BON_BRUTTO": _cents(gross),
                "BON_NETTO": _cents(gross - vat), "BON_UST": _cents(vat),
            }
        )  # fmt: skip
        if counts:
            sums.gross["Umsatz", key] += gross
            sums.vat["Umsatz", key] += vat
    for number, line in enumerate((*receipt.lines, *_backwards(receipt.returns)), start=1):
        _line(rows, bon, number, line, void=receipt.kind == "void")
    for tender in receipt.tenders:
        kind, name = PAID_BY[tender["method"]]
        rows["datapayment.csv"].append(_payment(bon, kind, name, tender["amount_minor"]))
        if counts:
            sums.paid[kind, name] += tender["amount_minor"]


def _backwards(returns: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            **part,
            "quantity": -part["quantity"],
            "line_minor": -part["amount_minor"],
            "unit_minor": part["amount_minor"] // part["quantity"],
            "discount_minor": 0,
        }
        for part in returns
    ]


def _line(rows: Rows, bon: str, number: int, line: Mapping[str, Any], *, void: bool) -> None:
    rate = line["vat_basis_points"]
    key, place = VAT_KEYS[rate][0], str(number)
    rows["lines.csv"].append(
        {
            "BON_ID": bon, "POS_ZEILE": place, "ARTIKELTEXT": line["title"], "GV_TYP": "Umsatz",
            "INHAUS": False, "P_STORNO": void, "AGENTUR_ID": 0, "ART_NR": line["sku"],
            "MENGE": Decimal(line["quantity"]), "FAKTOR": Decimal(1), "EINHEIT": "Stück",
            "STK_BR": _cents(line["line_minor"]) / line["quantity"],
        }
    )  # fmt: skip
    gross, net = line["line_minor"], _net(line["line_minor"], rate)
    rows["lines_vat.csv"].append(
        {
            "BON_ID": bon, "POS_ZEILE": place, "UST_SCHLUESSEL": key, "POS_BRUTTO": _cents(gross),
            "POS_NETTO": net, "POS_UST": _cents(gross) - net,
        }
    )  # fmt: skip
    if not line["discount_minor"]:
        return
    parts = (("base_amount", gross + line["discount_minor"]), ("discount", -line["discount_minor"]))
    for kind, amount in parts:
        net = _net(amount, rate)
        rows["itemamounts.csv"].append(
            {
                "BON_ID": bon, "POS_ZEILE": place, "TYP": kind, "UST_SCHLUESSEL": key,
                "PF_BRUTTO": _cents(amount), "PF_NETTO": net, "PF_UST": _cents(amount) - net,
            }
        )  # fmt: skip


def _payment(bon: str, kind: str, name: str, minor: int) -> dict[str, Any]:
    return {
        "BON_ID": bon, "ZAHLART_TYP": kind, "ZAHLART_NAME": name, "ZAHLWAEH_CODE": "EUR",
        "ZAHLWAEH_BETRAG": _cents(minor), "BASISWAEH_BETRAG": _cents(minor),
    }  # fmt: skip


def _movement(rows: Rows, entry: CashEntry, place: int, sums: _Sums) -> None:
    """Write cash that people moved: a receipt of its own, with one business case."""
    bon, case = f"cash-{entry.id}", _MOVED[entry.kind]
    amount = _cents(entry.amount_minor)
    rows["transactions.csv"].append(
        {
            "BON_ID": bon, "BON_NR": place, "BON_TYP": "Beleg", "BON_NAME": case,
            "TERMINAL_ID": entry.device, "BON_STORNO": False, "BON_START": entry.happened_at,
            "BON_ENDE": entry.happened_at, "BEDIENER_ID": entry.cashier or "",
            "UMS_BRUTTO": amount, "BON_NOTIZ": entry.reason,
        }
    )  # fmt: skip
    rows["transactions_vat.csv"].append(
        {
            "BON_ID": bon, "UST_SCHLUESSEL": layout.NOT_TAXABLE, "BON_BRUTTO": amount,
            "BON_NETTO": amount, "BON_UST": Decimal(0),
        }
    )  # fmt: skip
    rows["lines.csv"].append(
        {
            "BON_ID": bon, "POS_ZEILE": "1", "ARTIKELTEXT": case, "GV_TYP": case,
            "INHAUS": False, "P_STORNO": False, "AGENTUR_ID": 0, "MENGE": Decimal(1),
            "FAKTOR": Decimal(1), "EINHEIT": "Stück", "STK_BR": amount,
        }
    )  # fmt: skip
    rows["lines_vat.csv"].append(
        {
            "BON_ID": bon, "POS_ZEILE": "1", "UST_SCHLUESSEL": layout.NOT_TAXABLE,
            "POS_BRUTTO": amount, "POS_NETTO": amount, "POS_UST": Decimal(0),
        }
    )  # fmt: skip
    kind, name = PAID_BY["cash"]
    rows["datapayment.csv"].append(_payment(bon, kind, name, entry.amount_minor))
    sums.gross[case, layout.NOT_TAXABLE] += entry.amount_minor
    sums.paid[kind, name] += entry.amount_minor


def _signature(session: Session, rows: Rows, bon: str, record: FiscalRecord) -> None:
    outage = session.get_one(FiscalOutage, record.outage) if record.outage else None
    rows["transactions_tse.csv"].append(
        {
            "BON_ID": bon, "TSE_ID": _TSE, "TSE_TANR": record.transaction_number,
            "TSE_TA_START": str(int(record.started_at.timestamp())),
            "TSE_TA_ENDE": str(int(record.ended_at.timestamp())),
            "TSE_TA_VORGANGSART": record.process_type,
            "TSE_TA_SIGZ": record.signature_counter, "TSE_TA_SIG": record.signature or "",
            "TSE_TA_FEHLER": outage.reason if outage else "",
            "TSE_VORGANGSDATEN": record.process_data,
        }
    )  # fmt: skip


def _references(session: Session, rows: Rows, receipt: TillReceipt) -> None:
    """Say which receipts the goods of a return came from."""
    for ref in sorted({part["order_ref"] for part in receipt.returns}):
        first = session.scalar(
            select(TillReceipt).where(
                (TillReceipt.order_ref == ref)
                | (TillReceipt.home_ref == ref)
                | (TillReceipt.collected_ref == ref),
                TillReceipt.kind != "void",
            )
        )
        if first is None:
            rows["references.csv"].append(
                {"BON_ID": str(receipt.id), "REF_TYP": "ExterneSonstige", "REF_NAME": ref}
            )
            continue
        drawer = session.get_one(TillSession, first.session)
        rows["references.csv"].append(
            {
                "BON_ID": str(receipt.id), "REF_TYP": "Transaktion",
                "REF_DATUM": drawer.closed_at, "REF_Z_KASSE_ID": first.device,
                "REF_Z_NR": drawer.z_number, "REF_BON_ID": str(first.id),
            }
        )  # fmt: skip


def _closing(rows: Rows, drawer: TillSession, sums: _Sums, seller: Seller) -> None:
    for (case, key), gross in sorted(sums.gross.items()):
        vat = sums.vat[case, key]
        rows["businesscases.csv"].append(
            {
                "GV_TYP": case, "AGENTUR_ID": 0, "UST_SCHLUESSEL": key,
                "Z_UMS_BRUTTO": _cents(gross), "Z_UMS_NETTO": _cents(gross - vat),
                "Z_UST": _cents(vat),
            }
        )  # fmt: skip
    for (kind, name), amount in sorted(sums.paid.items()):
        rows["payment.csv"].append(
            {"ZAHLART_TYP": kind, "ZAHLART_NAME": name, "Z_ZAHLART_BETRAG": _cents(amount)}
        )
    rows["cash_per_currency.csv"].append(
        {"ZAHLART_WAEH": "EUR", "ZAHLART_BETRAG_WAEH": _cents(drawer.counted_minor or 0)}
    )
    bons = [row["BON_ID"] for row in rows["transactions.csv"]]
    rows["cashpointclosing.csv"].append(
        {
            "TAXONOMIE_VERSION": layout.VERSION, "Z_START_ID": bons[0] if bons else "",
            "Z_ENDE_ID": bons[-1] if bons else "", "NAME": seller.name, "STRASSE": seller.street,
            "PLZ": seller.postal_code, "ORT": seller.city, "LAND": "DEU",
            "STNR": seller.tax_number, "USTID": seller.vat_id,
            "Z_SE_ZAHLUNGEN": _cents(sum(sums.paid.values())),
            "Z_SE_BARZAHLUNGEN": _cents(sums.paid[PAID_BY["cash"]]),
        }
    )  # fmt: skip


def _master(session: Session, rows: Rows, drawer: TillSession, seller: Seller) -> None:
    module: FiscalModule = modules.of_device(session, drawer.device)
    rows["location.csv"].append(
        {
            "LOC_NAME": seller.store, "LOC_STRASSE": seller.store_street,
            "LOC_PLZ": seller.store_postal_code, "LOC_ORT": seller.store_city,
            "LOC_LAND": "DEU", "LOC_USTID": seller.vat_id,
        }
    )  # fmt: skip
    rows["cashregister.csv"].append(
        {
            "KASSE_BRAND": "Kontor", "KASSE_MODELL": "Kontor Kasse",
            "KASSE_SERIENNR": module.client_id, "KASSE_SW_BRAND": "Kontor",
            "KASSE_SW_VERSION": "1", "KASSE_BASISWAEH_CODE": "EUR", "KEINE_UST_ZUORDNUNG": False,
        }
    )  # fmt: skip
    for rate, (key, name) in VAT_KEYS.items():
        rows["vat.csv"].append(
            {"UST_SCHLUESSEL": key, "UST_SATZ": _cents(rate), "UST_BESCHR": name}
        )
    rows["vat.csv"].append(
        {"UST_SCHLUESSEL": layout.NOT_TAXABLE, "UST_SATZ": Decimal(0),
         "UST_BESCHR": "Nicht steuerbar"}
    )  # fmt: skip
    rows["tse.csv"].append(
        {
            "TSE_ID": _TSE, "TSE_SERIAL": module.serial, "TSE_SIG_ALGO": signer.ALGORITHM,
            "TSE_ZEITFORMAT": signer.TIME_FORMAT, "TSE_PD_ENCODING": "UTF-8",
            "TSE_PUBLIC_KEY": module.public_key, "TSE_ZERTIFIKAT_I": "nicht zertifiziert",
        }
    )  # fmt: skip
