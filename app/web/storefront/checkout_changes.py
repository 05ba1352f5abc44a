"""What the customer had before their eyes, and what is different now, in words.

The review's form carries it: whatever happens in another tab or in the shop meanwhile, the order is
the one that was shown, or the customer is asked again and told what has changed.
"""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from flask_babel import gettext, ngettext

from app.i18n import current_language, formats
from app.workflows.checkout import Shown
from app.workflows.quoting import Quote

_LONGEST = 20_000


def written(quote: Quote) -> str:
    """Return what a page shows of a quote, for its form."""
    lines = {line.sku: [line.quantity, line.line_minor] for line in quote.basket.lines}
    day = quote.promised_on
    return json.dumps({"lines": lines, "on": day.isoformat() if day else None})


def read(text: str) -> Shown | None:
    """Read it back; None for what no page of ours wrote."""
    try:
        facts: Any = json.loads(text[:_LONGEST])
        lines = {str(sku): (int(two[0]), int(two[1])) for sku, two in facts["lines"].items()}
        return Shown(lines, date.fromisoformat(facts["on"]) if facts["on"] else None)
    except (ValueError, TypeError, KeyError, AttributeError, IndexError):
        return None


def between(
    shown: Shown | None, total_minor: int | None, quote: Quote, titles: Mapping[str, str]
) -> list[str]:
    """Say what is different now from what was shown, one sentence each.

    Args:
        shown: the lines and the day, as far as the form had them.
        total_minor: the total that was shown.
        quote: how it stands now.
        titles: of articles that are not in the quote any more, as far as they are known.
    """
    said = _lines(shown, quote, titles) if shown else []
    if shown and shown.arrives_on and quote.promised_on and quote.promised_on > shown.arrives_on:
        said.append(
            gettext(
                "Alles da: %(now)s statt %(was)s",
                now=formats.day_and_date(quote.promised_on),
                was=formats.day_and_date(shown.arrives_on),
            )
        )
    if total_minor is not None and total_minor != quote.total_minor:
        said.append(
            gettext(
                "Gesamt: %(now)s statt %(was)s",
                now=formats.money(quote.total_minor),
                was=formats.money(total_minor),
            )
        )
    return [str(one) for one in said]


def _lines(shown: Shown, quote: Quote, titles: Mapping[str, str]) -> list[str]:
    language = current_language()
    now = {line.sku: line for line in quote.basket.lines}
    said = []
    for sku, line in now.items():
        title = quote.basket.items[sku].title(language)
        was = shown.lines.get(sku)
        if was is None:
            said.append(
                gettext("Neu dabei: %(count)s × %(title)s", count=line.quantity, title=title)
            )
        elif was[0] != line.quantity:
            said.append(
                ngettext(
                    "%(title)s: %(num)s Stück statt %(was)s",
                    "%(title)s: %(num)s Stück statt %(was)s",
                    line.quantity,
                    title=title,
                    was=was[0],
                )
            )
        elif was[1] != line.line_minor:
            said.append(
                gettext(
                    "%(title)s: %(now)s statt %(was)s",
                    title=title,
                    now=formats.money(line.line_minor),
                    was=formats.money(was[1]),
                )
            )
    gone = [sku for sku in shown.lines if sku not in now]
    said += [gettext("Nicht mehr dabei: %(title)s", title=titles.get(sku, sku)) for sku in gone]
    return [str(one) for one in said]
