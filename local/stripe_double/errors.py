"""Errors in the shape the API sends them. Source: Stripe API reference, "Errors"."""

from __future__ import annotations

from typing import Any


class ApiError(Exception):
    """An answer that is not 200.

    `began` says whether the endpoint had started to work when it failed: only then is the
    answer kept under the idempotency key ("Idempotent requests": results are saved only
    after the execution of an endpoint begins; failed validation is not).
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        began: bool = True,
        **facts: Any,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.began = began
        self.body: dict[str, Any] = {"message": message, "type": kind}
        if code:
            self.body["code"] = code
            self.body["doc_url"] = f"https://stripe.com/docs/error-codes/{code.replace('_', '-')}"
        if param:
            self.body["param"] = param
        self.body.update(facts)


def invalid(message: str, *, code: str | None = None, param: str | None = None) -> ApiError:
    """The parameters are wrong; nothing was started, the idempotency key stays free."""
    return ApiError(400, message, code=code, param=param, began=False)


def refused(message: str, *, code: str | None = None, param: str | None = None) -> ApiError:
    """The request was understood and the object's state forbids it; the answer is kept."""
    return ApiError(400, message, code=code, param=param)


def missing(kind: str, object_id: str, *, param: str = "id") -> ApiError:
    """No object with this id ("Error codes": `resource_missing`)."""
    return ApiError(404, f"No such {kind}: '{object_id}'", code="resource_missing", param=param)
