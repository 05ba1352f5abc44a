"""The form of a promotion: words in, a promotion or the names of the wrong fields out."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation

from catalog import promotions
from catalog.promotion_sums import Rule
from catalog.promotions import Offer
from kit import clock
from kit.errors import Invalid

FIELDS = (
    "name_de", "name_en", "kind", "percent", "amount", "buy_units", "get_units", "skus",
    "categories", "brands", "price_groups", "min", "code", "limit_total", "limit_per_customer",
    "starts_on", "ends_on",
)  # fmt: skip
MOST_DIGITS = 7
# What the form calls otherwise than the promotion.
_NAMES = {
    "basis_points": "percent", "amount_minor": "amount", "min_minor": "min",
    "ends_at": "ends_on", "promotion_code": "code",
}  # fmt: skip


class _Reader:
    """Reads fields one after the other and remembers which were wrong."""

    def __init__(self, form: Mapping[str, str]) -> None:
        self.form = form
        self.wrong: list[str] = []

    def text(self, name: str) -> str:
        return self.form.get(name, "").strip()

    def hundredths(self, name: str) -> int:
        """A number with up to two decimals, comma or point, times 100: euros or per cent."""
        typed = self.text(name).replace(" ", "").replace(",", ".")
        if not typed:
            return 0
        try:
            value = Decimal(typed) * 100
            if value == value.to_integral_value():
                return int(value)
        except (InvalidOperation, OverflowError):
            pass
        self.wrong.append(name)
        return 0

    def count(self, name: str) -> int:
        typed = self.text(name)
        if typed.isascii() and typed.isdigit() and len(typed) <= MOST_DIGITS:
            return int(typed)
        if typed:
            self.wrong.append(name)
        return 0

    def words(self, name: str) -> frozenset[str]:
        parts = self.text(name).replace("\n", ",").split(",")
        return frozenset(part.strip() for part in parts if part.strip())

    def day(self, name: str, *, days_later: int = 0) -> datetime | None:
        """The beginning of a day in the shop's time, or of one some days later."""
        if not self.text(name):
            return None
        try:
            on = date.fromisoformat(self.text(name)) + timedelta(days=days_later)
        except (ValueError, OverflowError):
            self.wrong.append(name)
            return None
        return datetime.combine(on, time.min, tzinfo=clock.BERLIN).astimezone(UTC)


def read(form: Mapping[str, str], channels: frozenset[str]) -> Offer:
    """Return the promotion that a form describes.

    Args:
        form: the fields as typed; see `FIELDS`. The last day counts in full.
        channels: those ticked; none means all.

    Raises:
        Invalid: ``promotion`` with the names of the form's fields that are wrong.
    """
    reader = _Reader(form)
    kind = reader.text("kind")
    rule = Rule(
        ref="",
        kind=kind,
        name_de=reader.text("name_de"),
        name_en=reader.text("name_en"),
        basis_points=0 if kind == "amount" else reader.hundredths("percent"),
        amount_minor=reader.hundredths("amount") if kind == "amount" else 0,
        buy_units=reader.count("buy_units") if kind == "buy_get" else 0,
        get_units=reader.count("get_units") if kind == "buy_get" else 0,
        min_minor=reader.hundredths("min"),
        stackable=form.get("stackable") == "1",
        skus=reader.words("skus"),
        categories=reader.words("categories"),
        brands=reader.words("brands"),
    )
    offer = Offer(
        rule=rule,
        starts_at=reader.day("starts_on") or clock.now(),
        ends_at=reader.day("ends_on", days_later=1),
        channels=channels,
        price_groups=reader.words("price_groups"),
        code=reader.text("code") or None,
        limit_total=reader.count("limit_total") or None,
        limit_per_customer=reader.count("limit_per_customer") or None,
    )
    wrong = set(reader.wrong)
    try:
        promotions.check(offer)
        if offer.code:
            promotions.normal_code(offer.code)
    except Invalid as error:
        fields = error.facts.get("fields", [error.code])
        wrong |= {_NAMES.get(name, name) for name in fields}  # type: ignore[attr-defined]
    if wrong:
        raise Invalid("promotion", fields=sorted(wrong))
    return offer


def cents(typed: str) -> int:
    """Return euros as they are typed in minor units.

    Raises:
        Invalid: ``gift_card_amount``: not a number with up to two decimals.
    """
    reader = _Reader({"amount": typed})
    minor = reader.hundredths("amount")
    if reader.wrong:
        raise Invalid("gift_card_amount")
    return minor
