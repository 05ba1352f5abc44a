"""Who orders, and where it goes: what every checkout asks for, checked in one place."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from fulfilment.places import geography
from kit import clock
from kit.errors import Invalid
from loyalty import customers

_SHORTEST_WORD = 2


def wrong_address(
    written: Mapping[str, str], postal_code: str, need_by_on: date | None
) -> list[str]:
    """Return the names of the fields that nothing can be sent to, or not in time any more.

    Args:
        written: the lines of the address by their fields' names.
        postal_code: of a place in Germany.
        need_by_on: the day by which it is needed.
    """
    wrong = [name for name, text in written.items() if len(text.strip()) < _SHORTEST_WORD]
    if geography.locate(postal_code) is None:
        wrong.append("postal_code")
    if need_by_on is not None and need_by_on < clock.today():
        wrong.append("need_by_on")
    return wrong


@dataclass(frozen=True)
class Buyer:
    """Who orders and where it goes; what the checkout form asks for.

    `need_by_soft`: after `need_by_on` is better than not at all. `pay_on_collection`: at the
    counter of the store `collect_at`, when it is handed over. `drop_off` is where a parcel may
    be left, `neighbour` who may take it in, in the customer's words; at most one of them.
    """

    name: str
    email: str
    street: str
    postal_code: str
    city: str
    phone: str | None = None
    contact_by: str = "mail"
    language: str = "de"
    need_by_on: date | None = None
    need_by_soft: bool = False
    collect_at: str | None = None
    pay_on_collection: bool = False
    drop_off: str | None = None
    neighbour: str | None = None

    def checked(self) -> "Buyer":
        """Return self if it can be delivered to.

        Raises:
            Invalid: ``buyer`` with the names of the fields that are missing or wrong.
        """
        written = {"name": self.name, "street": self.street, "city": self.city}
        wrong = wrong_address(written, self.postal_code, self.need_by_on)
        if "@" not in self.email or " " in self.email.strip():
            wrong.append("email")
        if self.contact_by not in customers.CONTACT_BY or (
            self.contact_by in customers.BY_PHONE and not self.phone
        ):
            wrong.append("phone")
        if wrong:
            raise Invalid("buyer", fields=wrong)
        return self


def address_of(buyer: Buyer) -> dict[str, str]:
    """Return the delivery address as it is stored with the order and printed on labels."""
    address = {
        "name": buyer.name.strip(),
        "street": buyer.street.strip(),
        "postal_code": buyer.postal_code,
        "city": buyer.city.strip(),
        "country": "DE",
    }
    if buyer.collect_at is None and buyer.drop_off:
        address["drop_off"] = buyer.drop_off
    elif buyer.collect_at is None and buyer.neighbour:
        address["neighbour"] = buyer.neighbour
    return address
