"""The retailer's rules, costs and calendars: values, drafts, versions (docs/rules.md)."""

from fulfilment.rules.checking import Fault, check, faults, hints
from fulfilment.rules.differing import Change, differences, flat
from fulfilment.rules.documents import from_json, to_json
from fulfilment.rules.drafts import Draft, discard_draft, draft_of, save_draft
from fulfilment.rules.editing import assignment, changed
from fulfilment.rules.live import read, stamp
from fulfilment.rules.publishing import (
    SplitPrices,
    Version,
    newest,
    publish,
    restore,
    split_prices,
    version,
    versions,
)
from fulfilment.rules.setup import (
    SPANS,
    LocationSetup,
    RatesSetup,
    Rules,
    Setup,
    Span,
    TariffSetup,
    ZoneSetup,
)

__all__ = [
    "SPANS",
    "Change",
    "Draft",
    "Fault",
    "LocationSetup",
    "RatesSetup",
    "Rules",
    "Setup",
    "Span",
    "SplitPrices",
    "TariffSetup",
    "Version",
    "ZoneSetup",
    "assignment",
    "changed",
    "check",
    "differences",
    "discard_draft",
    "draft_of",
    "faults",
    "flat",
    "from_json",
    "hints",
    "newest",
    "publish",
    "read",
    "restore",
    "save_draft",
    "split_prices",
    "stamp",
    "to_json",
    "version",
    "versions",
]
