"""What differs between two setups, field by field, for people and for the record.

Weight steps are told apart by their grams, zones by their kilometres and days by their date, so
that a new step in the middle is one change and not a change of every step after it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fulfilment.rules.documents import to_json
from fulfilment.rules.setup import Setup

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """One named change.

    `path`: e.g. ``("rules", "split_minor")``, ``("locations", "bonn", "hours", "5")``,
    ``("locations", "bonn", "closed_on", "2026-12-24")``,
    ``("tariffs", "paket", "groups", "std", "prices_minor", "2000")`` (by grams),
    ``("tariffs", "paket", "zones", "150", "transit_days")`` (by km).
    `before`, `after`: plain JSON values; None where there was or will be nothing.
    """

    path: Path
    before: Any
    after: Any

    def to_json(self) -> dict[str, Any]:
        """Return the change as an object; the path as a list."""
        return {"path": list(self.path), "before": self.before, "after": self.after}

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> "Change":
        """Return the change that `to_json` wrote."""
        return cls(tuple(plain["path"]), plain["before"], plain["after"])


def differences(old: Setup, new: Setup) -> list[Change]:
    """Return every field in which two setups differ; none where they are equal.

    Returns:
        Rules first, then locations, then tariffs, each in the order of `old`, what is new at the
        end of its part.
    """
    before, after = flat(old), flat(new)
    paths = list(dict.fromkeys([*before, *after]))
    parts = ("rules", "locations", "tariffs")
    return [
        Change(path, before.get(path), after.get(path))
        for path in sorted(paths, key=lambda path: parts.index(path[0]))
        if before.get(path) != after.get(path)
    ]


def flat(setup: Setup) -> dict[Path, Any]:
    """Return every field of a setup by its path; see `Change`."""
    return dict(_flat((), _by_name(to_json(setup))))


def _by_name(document: dict[str, Any]) -> dict[str, Any]:
    """Exchange lists of steps and zones for objects by their grams and kilometres."""
    for tariff in document["tariffs"].values():
        tariff["zones"] = {f"{zone.pop('up_to_km'):.10g}": zone for zone in tariff["zones"]}
        for rates in tariff["groups"].values():
            steps = map(str, rates.pop("steps_grams"))
            rates["prices_minor"] = dict(zip(steps, rates["prices_minor"], strict=True))
    return document


def _flat(path: Path, value: Any) -> Iterator[tuple[Path, Any]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _flat((*path, name), inner)
    elif value is not None:
        yield path, value
