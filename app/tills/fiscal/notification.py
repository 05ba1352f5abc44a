"""The cash-register notification: what the tax office is to be told of tills and their modules.

Section 146a (4) AO; due within a month after a till or module was bought or retired. The facts are
those of a location, the unit in which they are told.
"""

import csv
import io
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.identity.models import Device
from app.tills.fiscal.models import FiscalModule
from kit import clock

DUE = timedelta(days=30)
SYSTEM, MODULE = "Computergestütztes Kassensystem (Kontor Kasse)", "Software, nicht zertifiziert"


@dataclass(frozen=True)
class Line:
    """A till with its module, as the notification names it. Days are Berlin's."""

    till: str
    serial: str
    system: str
    module_kind: str
    module_serial: str
    certificate: str
    bought_on: date
    retired_on: date | None

    @property
    def due_on(self) -> date:
        """The last day on which the change may be told."""
        return (self.retired_on or self.bought_on) + DUE


def of_location(session: Session, location: str) -> list[Line]:
    """Return every till of a location, those that are retired too."""
    query = (
        select(Device, FiscalModule)
        .join(FiscalModule, FiscalModule.device == Device.code)
        .where(Device.location == location)
        .order_by(Device.code)
    )
    lines = []
    for device, module in session.execute(query):
        retired_at = module.retired_at or device.revoked_at
        lines.append(
            Line(
                till=device.code,
                serial=module.client_id,
                system=SYSTEM,
                module_kind=MODULE,
                module_serial=module.serial,
                certificate="keine",
                bought_on=clock.berlin(device.enrolled_at).date(),
                retired_on=clock.berlin(retired_at).date() if retired_at else None,
            )
        )
    return lines


def as_csv(company: str, tax_number: str, address: str, lines: list[Line]) -> str:
    """Return the sheet as a file: taxpayer and site first, then a line for each till."""
    written = io.StringIO()
    sheet = csv.writer(written, delimiter=";", lineterminator="\r\n")
    sheet.writerow(["Steuerpflichtiger", company])
    sheet.writerow(["Steuernummer", tax_number])
    sheet.writerow(["Betriebsstätte", address])
    in_use = sum(line.retired_on is None for line in lines)
    sheet.writerow(["Anzahl der Aufzeichnungssysteme", in_use])
    sheet.writerow(
        ["Kasse", "Seriennummer", "Art des Systems", "Art der TSE", "Seriennummer der TSE",
         "Zertifizierungs-ID", "Anschaffung", "Außerbetriebnahme", "Zu melden bis"]
    )  # fmt: skip
    for line in lines:
        sheet.writerow(
            [line.till, line.serial, line.system, line.module_kind, line.module_serial,
             line.certificate, line.bought_on.isoformat(),
             line.retired_on.isoformat() if line.retired_on else "", line.due_on.isoformat()]
        )  # fmt: skip
    return written.getvalue()
