"""Errors that carry facts: a code and named values, no prose and no HTTP numbers.

The words come from the room that shows the error, in the reader's language; `app/web` holds the one
map from these classes to status codes.
"""


class KontorError(Exception):
    """The root of every error that a caller is expected to handle.

    Args:
        code: a stable snake_case name, e.g. ``"stock_short"``; clients may rely on it.
        facts: JSON-ready values that explain the case, e.g. ``sku="…", available=2``.
    """

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(code, facts)
        self.code = code
        self.facts = facts

    def __reduce__(self) -> tuple[object, ...]:
        # Keyword facts would be lost on the way from one process to another.
        return _rebuilt, (type(self), self.code, self.facts)

    def __str__(self) -> str:
        named = ", ".join(f"{name}={value!r}" for name, value in self.facts.items())
        return f"{self.code}({named})"


def _rebuilt(kind: type[KontorError], code: str, facts: dict[str, object]) -> KontorError:
    return kind(code, **facts)


class Invalid(KontorError):
    """The input itself is wrong, whatever the state of the shop (quantity 0, malformed GTIN)."""


class NotFound(KontorError):
    """The thing does not exist, or the asker may not know that it does."""


class Refused(KontorError):
    """The input is fine but the state of the shop says no (sold out, already paid, expired)."""


class Forbidden(KontorError):
    """The asker is known and may not do this, or could not prove who they are."""
