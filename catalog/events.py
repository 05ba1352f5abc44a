"""What the catalog has to say to the rest of the house, written into the outbox with the change."""

from dataclasses import dataclass

from kit.events import Event


@dataclass(frozen=True)
class ProductPublished(Event):
    """A product is on sale, or looks otherwise than before: it is to be found as it is now."""

    slug: str


@dataclass(frozen=True)
class ProductWithdrawn(Event):
    """A product is no longer on sale."""

    slug: str


@dataclass(frozen=True)
class CatalogImportAsked(Event):
    """A table of goods is to be looked at, or taken over; its row says which."""

    import_id: str
