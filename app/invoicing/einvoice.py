"""The data of an invoice after EN 16931, in the syntax UN/CEFACT CII (ZUGFeRD 2, Factur-X 1).

Prices here are gross, the standard counts net. Per VAT rate the tax is taken out of the gross sum
(that is what the customer paid), and the net sum is shared out over the lines, so that the lines
add up to it to the cent.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree import ElementTree as ET

from app.invoicing.models import Invoice
from kit.money import vat_within

_NAMES = {
    "rsm": "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
    "ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
    "udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
}
_PROFILE = "urn:cen.eu:en16931:2017"
_INVOICE, _CORRECTION = "380", "381"
_PIECE = "H87"  # UN/ECE Recommendation 20
# UNTDID 4461: card, cash, mutually defined
_MEANS = {"stripe": "48", "card_terminal": "48", "cash": "10", "gift_card": "ZZZ"}


def xml(invoice: Invoice) -> bytes:
    """Return an invoice as XML. A correction states what is taken back as positive amounts."""
    for prefix, address in _NAMES.items():
        ET.register_namespace(prefix, address)
    facts = invoice.facts
    sign = -1 if invoice.kind == "correction" else 1
    root = ET.Element(_name("rsm:CrossIndustryInvoice"))
    context = _in(root, "rsm:ExchangedDocumentContext")
    _text(_in(context, "ram:GuidelineSpecifiedDocumentContextParameter"), "ram:ID", _PROFILE)
    document = _in(root, "rsm:ExchangedDocument")
    _text(document, "ram:ID", invoice.number)
    _text(document, "ram:TypeCode", _INVOICE if sign > 0 else _CORRECTION)
    _day(_in(document, "ram:IssueDateTime"), "udt:DateTimeString", invoice.issued_on.isoformat())
    trade = _in(root, "rsm:SupplyChainTradeTransaction")
    shares = _net_of_lines(facts)
    for line, net in zip(_positions(facts), shares, strict=True):
        _line(trade, line, sign * net)
    _agreement(trade, facts)
    delivery = _in(trade, "ram:ApplicableHeaderTradeDelivery")
    if facts.get("delivered_on"):
        event = _in(delivery, "ram:ActualDeliverySupplyChainEvent")
        _day(_in(event, "ram:OccurrenceDateTime"), "udt:DateTimeString", str(facts["delivered_on"]))
    _settlement(trade, invoice, sign, sum(shares))
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def _positions(facts: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the lines, the delivery as the last of them where it costs something."""
    lines = [dict(line) for line in facts["lines"]]
    if facts["shipping_minor"]:
        lines.append(
            {
                "position": len(lines) + 1,
                "sku": "",
                "title": "Versand",
                "quantity": 1 if facts["shipping_minor"] > 0 else -1,
                "line_minor": facts["shipping_minor"],
                "vat_basis_points": facts["shipping_rate"],
            }
        )
    return lines


def _net_of_lines(facts: Mapping[str, Any]) -> list[int]:
    """Return the net amount of every line, minor units; per rate they add up to its net sum."""
    lines = _positions(facts)
    nets = [
        line["line_minor"] - vat_within(line["line_minor"], line["vat_basis_points"])
        for line in lines
    ]
    for sums in facts["vat"]:
        own = [i for i, line in enumerate(lines) if line["vat_basis_points"] == sums["rate"]]
        off = sums["net_minor"] - sum(nets[i] for i in own)
        # The largest line bears what rounding has left over: a cent matters least there.
        if own and off:
            nets[max(own, key=lambda i: abs(nets[i]))] += off
    return nets


def _line(trade: ET.Element, line: Mapping[str, Any], net: int) -> None:
    units = abs(line["quantity"])
    item = _in(trade, "ram:IncludedSupplyChainTradeLineItem")
    document = _in(item, "ram:AssociatedDocumentLineDocument")
    _text(document, "ram:LineID", str(line["position"]))
    product = _in(item, "ram:SpecifiedTradeProduct")
    if line["sku"]:
        _text(product, "ram:SellerAssignedID", line["sku"])
    _text(product, "ram:Name", line["title"])
    price = _in(_in(item, "ram:SpecifiedLineTradeAgreement"), "ram:NetPriceProductTradePrice")
    _text(price, "ram:ChargeAmount", f"{net / 100 / units:.4f}")
    delivery = _in(item, "ram:SpecifiedLineTradeDelivery")
    _text(delivery, "ram:BilledQuantity", f"{units}.0000", unitCode=_PIECE)
    settlement = _in(item, "ram:SpecifiedLineTradeSettlement")
    _tax(settlement, line["vat_basis_points"])
    sums = _in(settlement, "ram:SpecifiedTradeSettlementLineMonetarySummation")
    _text(sums, "ram:LineTotalAmount", _amount(net))


def _agreement(trade: ET.Element, facts: Mapping[str, Any]) -> None:
    agreement = _in(trade, "ram:ApplicableHeaderTradeAgreement")
    seller = facts["seller"]
    party = _in(agreement, "ram:SellerTradeParty")
    _text(party, "ram:Name", seller["company"])
    contact = _in(party, "ram:DefinedTradeContact")
    _text(contact, "ram:PersonName", seller["director"])
    phone = _in(contact, "ram:TelephoneUniversalCommunication")
    _text(phone, "ram:CompleteNumber", seller["phone"])
    _text(_in(contact, "ram:EmailURIUniversalCommunication"), "ram:URIID", seller["email"])
    _address(party, seller)
    registration = _in(party, "ram:SpecifiedTaxRegistration")
    _text(registration, "ram:ID", seller["vat_id"], schemeID="VA")
    buyer = _in(agreement, "ram:BuyerTradeParty")
    _text(buyer, "ram:Name", facts["buyer"]["name"])
    _address(buyer, facts["buyer"])
    _text(
        _in(agreement, "ram:BuyerOrderReferencedDocument"),
        "ram:IssuerAssignedID",
        facts["order_ref"],
    )


def _address(party: ET.Element, facts: Mapping[str, Any]) -> None:
    address = _in(party, "ram:PostalTradeAddress")
    _text(address, "ram:PostcodeCode", facts["postal_code"])
    _text(address, "ram:LineOne", facts["street"])
    _text(address, "ram:CityName", facts["city"])
    _text(address, "ram:CountryID", facts.get("country") or "DE")


def _settlement(trade: ET.Element, invoice: Invoice, sign: int, net: int) -> None:
    facts = invoice.facts
    settlement = _in(trade, "ram:ApplicableHeaderTradeSettlement")
    _text(settlement, "ram:InvoiceCurrencyCode", "EUR")
    for one in facts["paid"]:
        means = _in(settlement, "ram:SpecifiedTradeSettlementPaymentMeans")
        _text(means, "ram:TypeCode", _MEANS.get(one["method"], "ZZZ"))
    for sums in facts["vat"]:
        _vat(settlement, sums, sign)
    totals = _in(settlement, "ram:SpecifiedTradeSettlementHeaderMonetarySummation")
    tax = sum(sums["tax_minor"] for sums in facts["vat"])
    gross = sign * invoice.total_minor
    _text(totals, "ram:LineTotalAmount", _amount(sign * net))
    _text(totals, "ram:TaxBasisTotalAmount", _amount(sign * net))
    _text(totals, "ram:TaxTotalAmount", _amount(sign * tax), currencyID="EUR")
    _text(totals, "ram:GrandTotalAmount", _amount(gross))
    _text(totals, "ram:TotalPrepaidAmount", _amount(gross))
    _text(totals, "ram:DuePayableAmount", _amount(0))
    if invoice.corrects:
        before = _in(settlement, "ram:InvoiceReferencedDocument")
        _text(before, "ram:IssuerAssignedID", invoice.corrects)


def _vat(settlement: ET.Element, sums: Mapping[str, Any], sign: int) -> None:
    tax = _in(settlement, "ram:ApplicableTradeTax")
    _text(tax, "ram:CalculatedAmount", _amount(sign * sums["tax_minor"]))
    _text(tax, "ram:TypeCode", "VAT")
    _text(tax, "ram:BasisAmount", _amount(sign * sums["net_minor"]))
    _text(tax, "ram:CategoryCode", _category(sums["rate"]))
    _text(tax, "ram:RateApplicablePercent", f"{sums['rate'] / 100:.2f}")


def _tax(parent: ET.Element, rate: int) -> None:
    tax = _in(parent, "ram:ApplicableTradeTax")
    _text(tax, "ram:TypeCode", "VAT")
    _text(tax, "ram:CategoryCode", _category(rate))
    _text(tax, "ram:RateApplicablePercent", f"{rate / 100:.2f}")


def _category(rate: int) -> str:
    return "S" if rate else "Z"


def _amount(minor: int) -> str:
    return f"{minor / 100:.2f}"


def _name(name: str) -> str:
    prefix, _, local = name.partition(":")
    return f"{{{_NAMES[prefix]}}}{local}"


def _in(parent: ET.Element, name: str) -> ET.Element:
    return ET.SubElement(parent, _name(name))


def _text(parent: ET.Element, name: str, text: str, **attributes: str) -> None:
    ET.SubElement(parent, _name(name), attributes).text = text


def _day(parent: ET.Element, name: str, iso: str) -> None:
    _text(parent, name, iso.replace("-", ""), format="102")


def add_up(
    lines: Sequence[Mapping[str, Any]], shipping_minor: int, shipping_rate: int
) -> list[dict[str, int]]:
    """Return gross, net and tax per rate, minor units; tax is taken out of each gross sum."""
    gross: dict[int, int] = {}
    for line in lines:
        rate = line["vat_basis_points"]
        gross[rate] = gross.get(rate, 0) + line["line_minor"]
    if shipping_minor:
        gross[shipping_rate] = gross.get(shipping_rate, 0) + shipping_minor
    return [
        {
            "rate": rate,
            "gross_minor": amount,
            "tax_minor": vat_within(amount, rate),
            "net_minor": amount - vat_within(amount, rate),
        }
        for rate, amount in sorted(gross.items())
    ]
