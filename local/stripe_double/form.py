"""Reads the form encoding of the API: `line_items[0][price_data][currency]=eur`.

A parameter this model does not know is refused with `parameter_unknown`, as Stripe does for
its own ("Error codes"), so that nothing a caller relies on is silently ignored.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl

from .errors import invalid

MAX_FIELDS = 1000
MAX_METADATA, MAX_METADATA_KEY, MAX_METADATA_VALUE = 50, 40, 500
_KEY = re.compile(r"^([^\[\]]+)((?:\[[^\[\]]*\])*)$")
_PART = re.compile(r"\[([^\[\]]*)\]")


def parse(encoded: str) -> dict[str, Any]:
    """Turn the encoded text into nested dicts and lists of strings.

    Raises ApiError for a malformed name or more than MAX_FIELDS fields.
    """
    root: dict[str, Any] = {}
    pairs = parse_qsl(encoded, keep_blank_values=True)
    if len(pairs) > MAX_FIELDS:
        raise invalid(f"Too many parameters: more than {MAX_FIELDS}.")
    for key, value in pairs:
        match = _KEY.match(key)
        if not match:
            raise invalid(f"Invalid parameter name: {key}", param=key)
        _put(root, [match.group(1), *_PART.findall(match.group(2))], value, key)
    return {name: _listed(value) for name, value in root.items()}


def _put(root: dict[str, Any], path: list[str], value: str, key: str) -> None:
    node = root
    for part in path[:-1]:
        node = node.setdefault(part or str(len(node)), {})
        if not isinstance(node, dict):
            raise invalid(f"Conflicting values for parameter: {key}", param=key)
    node[path[-1] or str(len(node))] = value


def _listed(value: Any) -> Any:
    """Dicts whose keys count 0, 1, 2 … are lists on the wire."""
    if not isinstance(value, dict):
        return value
    inner = {name: _listed(item) for name, item in value.items()}
    if inner and all(name.isdigit() for name in inner):
        return [inner[name] for name in sorted(inner, key=int)]
    return inner


class Params:
    """The parameters of one request, read by name and type; `done()` refuses what is left."""

    def __init__(self, raw: dict[str, Any], path: str = "") -> None:
        self._raw = raw
        self._path = path
        self._seen: set[str] = set()
        self._children: list[Params] = []

    def name(self, key: str) -> str:
        """The full name as the caller wrote it, for `param` in the error."""
        return f"{self._path}[{key}]" if self._path else key

    def __contains__(self, key: str) -> bool:
        return key in self._raw

    def _take(self, key: str, *, required: bool) -> Any:
        self._seen.add(key)
        value = self._raw.get(key)
        if required and value in (None, ""):
            raise invalid(
                f"Missing required param: {self.name(key)}.",
                code="parameter_missing",
                param=self.name(key),
            )
        return value

    def text(
        self,
        key: str,
        *,
        required: bool = False,
        choices: tuple[str, ...] = (),
        limit: int = 5000,
    ) -> str | None:
        """A string, or None where it was not sent."""
        value = self._take(key, required=required)
        if value in (None, ""):
            return None
        if not isinstance(value, str) or len(value) > limit:
            raise invalid(f"Invalid string: {self.name(key)}", param=self.name(key))
        if choices and value not in choices:
            listed = ", ".join(choices)
            raise invalid(f"Invalid {key}: must be one of {listed}", param=self.name(key))
        return value

    def integer(self, key: str, *, required: bool = False, least: int = 0) -> int | None:
        """A whole number not below `least`, or None where it was not sent."""
        value = self._take(key, required=required)
        if value in (None, ""):
            return None
        if not isinstance(value, str) or not re.fullmatch(r"-?\d{1,12}", value):
            raise invalid(
                f"Invalid integer: {value}",
                code="parameter_invalid_integer",
                param=self.name(key),
            )
        if int(value) < least:
            raise invalid(
                f"This value must be greater than or equal to {least}.",
                code="parameter_invalid_integer",
                param=self.name(key),
            )
        return int(value)

    def boolean(self, key: str) -> bool:
        """`true` or `false` on the wire; False where it was not sent."""
        return self.text(key, choices=("true", "false")) == "true"

    def strings(self, key: str) -> list[str]:
        """A list of strings; empty where it was not sent."""
        value = self._take(key, required=False)
        if value in (None, ""):
            return []
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise invalid("Invalid array", param=self.name(key))
        return value

    def mapping(self, key: str, *, required: bool = False) -> Params:
        """A nested object; empty where it was not sent."""
        value = self._take(key, required=required)
        if value in (None, ""):
            value = {}
        if not isinstance(value, dict):
            raise invalid("Invalid object", param=self.name(key))
        return self._child(value, self.name(key))

    def items(self, key: str, *, required: bool = False) -> list[Params]:
        """A list of nested objects."""
        value = self._take(key, required=required)
        if value in (None, ""):
            return []
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise invalid("Invalid array", param=self.name(key))
        return [self._child(item, f"{self.name(key)}[{i}]") for i, item in enumerate(value)]

    def metadata(self) -> dict[str, str]:
        """The free key-value pairs. Source: "Metadata" (50 keys, 40 and 500 characters)."""
        value = self._take("metadata", required=False) or {}
        if not isinstance(value, dict) or len(value) > MAX_METADATA:
            raise invalid("Invalid metadata", param=self.name("metadata"))
        for key, item in value.items():
            if (
                not isinstance(item, str)
                or len(key) > MAX_METADATA_KEY
                or len(item) > MAX_METADATA_VALUE
            ):
                raise invalid(f"Invalid metadata: {key}", param=self.name("metadata"))
        return {key: item for key, item in value.items() if item != ""}

    def _child(self, raw: dict[str, Any], path: str) -> Params:
        child = Params(raw, path)
        self._children.append(child)
        return child

    def done(self) -> None:
        """Refuse what nobody asked for."""
        self._seen.add("expand")
        for key in self._raw:
            if key not in self._seen:
                raise invalid(
                    f"Received unknown parameter: {self.name(key)}",
                    code="parameter_unknown",
                    param=self.name(key),
                )
        for child in self._children:
            child.done()
