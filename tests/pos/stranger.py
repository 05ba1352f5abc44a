"""Somebody else's till: it knows the OpenAPI document, what lies on the counter, and nothing else.

Paths, verbs, fields and what an answer may look like all come from the document. A body is built
from its schema: whatever is required, and whatever the till happens to know by that name.
"""

import re
import uuid
from collections.abc import Mapping
from typing import Any

import jsonschema_rs
from flask.testing import FlaskClient


class Stranger:
    """A client made of a description. `token` is None until it has been paired."""

    def __init__(self, client: FlaskClient, description: str) -> None:
        self.client = client
        self.document = client.get(description).get_json()
        self.token: str | None = None
        self.operations = {
            operation["operationId"]: (path, method, operation)
            for path, item in self.document["paths"].items()
            for method, operation in item.items()
            if method != "parameters"
        }

    def __call__(self, operation_id: str, /, expect: int = 200, **known: Any) -> dict[str, Any]:
        """Ask for an operation with what is known by name; return what it answers, checked."""
        path, method, operation = self.operations[operation_id]
        where = {name: known.pop(name) for name in re.findall(r"{(\w+)}", path)}
        query = {
            one["name"]: known[one["name"]]
            for one in operation.get("parameters", ())
            if one.get("in") == "query" and one["name"] in known
        }
        body = None
        if "requestBody" in operation:
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            body = self._filled(schema, known)
            self._check(schema, body)
        headers = {} if operation["security"] == [] else {"Authorization": f"Bearer {self.token}"}
        answer = self.client.open(
            path.format(**where), method=method.upper(), json=body, query_string=query,
            headers=headers,
        )  # fmt: skip
        told = answer.get_json()
        assert answer.status_code == expect, (operation_id, told)
        (content,) = operation["responses"][str(expect)]["content"].values()
        self._check(content["schema"], told)
        return told

    def _check(self, schema: Mapping[str, Any], value: Any) -> None:
        whole = {**schema, "components": self.document["components"]}
        jsonschema_rs.Draft202012Validator(whole, validate_formats=True).validate(value)

    def _filled(self, schema: Mapping[str, Any], known: Mapping[str, Any]) -> Any:
        if "$ref" in schema:
            schema = self.document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
        if "properties" not in schema:
            return _made_up(schema)
        body = {}
        for name, field in schema["properties"].items():
            if name in known and isinstance(known[name], list) and "items" in field:
                body[name] = [
                    self._filled(field["items"], each) if isinstance(each, dict) else each
                    for each in known[name]
                ]
            elif name in known:
                body[name] = known[name]
            elif name in schema.get("required", ()):
                body[name] = self._filled(field, {})
        return body


def _made_up(schema: Mapping[str, Any]) -> Any:
    """Return a value for a field that nobody knows anything about."""
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type", "string")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "array":
        return []
    if kind == "integer":
        return schema.get("minimum", 0)
    return str(uuid.uuid4())
