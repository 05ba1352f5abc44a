"""Who sells: the facts that law wants on every page and paper, in force as they were published.

Impressum: section 5 DDG. Angelhaus Rhein is the demo's retailer; it does not exist.
"""

from dataclasses import asdict, dataclass, fields
from typing import Any


@dataclass(frozen=True)
class Retailer:
    """The merchant behind the shop."""

    name: str
    company: str
    street: str
    postal_code: str
    city: str
    director: str
    register_court: str
    register_number: str
    vat_id: str
    business_id: str
    phone: str
    email: str
    packaging_register: str
    since: int
    # Of the tax office; the report of tills (section 146a (4) AO) asks for it.
    tax_number: str = ""
    weee_register: str = ""
    battery_register: str = ""

    @property
    def address(self) -> str:
        """Street and town in one line."""
        return f"{self.street}, {self.postal_code} {self.city}"

    def plain(self) -> dict[str, Any]:
        """Return every fact as plain JSON."""
        return asdict(self)


NAMES = tuple(field.name for field in fields(Retailer))

RETAILER = Retailer(
    name="Angelhaus Rhein",
    company="Angelhaus Rhein GmbH",
    street="Rheingasse 22",
    postal_code="53111",
    city="Bonn",
    director="Katharina Adler",
    register_court="Amtsgericht Bonn",
    register_number="HRB 00000",
    vat_id="DE999999999",
    business_id="DE999999999-00001",
    phone="+492214710000",
    email="service@angelhaus.example",
    packaging_register="DE0000000000000",
    since=1987,
    tax_number="205/0000/0000",
    weee_register="DE00000000",
    battery_register="00000000",
)
