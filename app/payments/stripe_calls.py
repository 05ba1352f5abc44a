"""How Stripe's client is called: within five seconds, and with errors in our own words.

The official client brings its own HTTP by `requests`; beside that library's preparing and following
the rest of a call is small, so ours goes to the connections below it (urllib3) at once.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from http import HTTPStatus
from typing import Any

import requests
import stripe
import urllib3

from app.payments.gateway import OutcomeUnknown
from kit.errors import Invalid, Refused

# One call with its retry ends within this; the first attempt leaves room for a quick second one.
BUDGET_SECONDS = 5.0
ATTEMPT_SECONDS = 4.5
CONNECT_SECONDS = 2.0
LEAST_ATTEMPT_SECONDS = 0.3
_MOST_CONNECTIONS = 16
"""Kept open for the next call; more threads than that open one of their own."""

_deadline: ContextVar[float] = ContextVar("stripe_deadline", default=0.0)


class ImpatientClient(stripe.HTTPClient):
    """Stripe's client over urllib3; each attempt gets only what is left of the call's time.

    What the environment says of proxies is read once. No login for the host is looked up in the
    user's files.
    """

    name = "urllib3"

    def __init__(self, address: str) -> None:
        """Prepare connections to an address."""
        super().__init__()
        self._connections = _connections(address)

    def request(  # type: ignore[override]
        self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        """Make one attempt.

        Raises:
            APIConnectionError: no answer; `should_retry` where another attempt may help.
        """
        left = _deadline.get() - time.monotonic()
        if left < LEAST_ATTEMPT_SECONDS:
            raise _no_answer("Timeout: no time left for another attempt", again=False)
        wait = urllib3.Timeout(connect=min(CONNECT_SECONDS, left), read=min(ATTEMPT_SECONDS, left))
        try:
            answer = self._connections.urlopen(
                method.upper(),
                url,
                body=post_data,
                headers=headers,
                timeout=wait,
                retries=False,
                redirect=False,
            )
        except urllib3.exceptions.HTTPError as error:
            again = not isinstance(error, urllib3.exceptions.SSLError)
            raise _no_answer(f"{type(error).__name__}: {error}", again=again) from error
        return answer.data, answer.status, answer.headers

    def close(self) -> None:
        """Close the connections."""
        self._connections.clear()


def _no_answer(why: str, *, again: bool) -> stripe.APIConnectionError:
    return stripe.APIConnectionError(why, should_retry=again)  # type: ignore[no-untyped-call]


def _connections(address: str) -> urllib3.PoolManager:
    certificates: dict[str, Any] = {
        "cert_reqs": "CERT_REQUIRED",
        "ca_certs": stripe.ca_bundle_path,
        "maxsize": _MOST_CONNECTIONS,
    }
    by_scheme = requests.utils.get_environ_proxies(address)
    proxy = requests.utils.select_proxy(address, by_scheme)
    if proxy is None:
        return urllib3.PoolManager(**certificates)
    login = requests.adapters.HTTPAdapter().proxy_headers(proxy)
    return urllib3.ProxyManager(proxy, proxy_headers=login, **certificates)


@contextmanager
def asking() -> Iterator[None]:
    """Set the time limit of a call and translate what Stripe's client raises."""
    token = _deadline.set(time.monotonic() + BUDGET_SECONDS)
    try:
        yield
    except stripe.APIConnectionError as error:
        slow = "Timeout" in str(error)
        raise OutcomeUnknown("timeout" if slow else "connection") from error
    except stripe.RateLimitError as error:
        raise OutcomeUnknown("busy") from error
    except (stripe.AuthenticationError, stripe.PermissionError) as error:
        raise OutcomeUnknown("key_rejected") from error
    except stripe.IdempotencyError as error:
        raise Invalid("idempotency_key_reused", request_id=error.request_id) from error
    except (stripe.CardError, stripe.InvalidRequestError) as error:
        raise Refused(
            error.code or "invalid_request", param=error.param, request_id=error.request_id
        ) from error
    except stripe.StripeError as error:
        status = error.http_status or 0
        in_progress = status == HTTPStatus.CONFLICT
        raise OutcomeUnknown(
            "in_progress" if in_progress else f"http_{status}",
            request_id=error.request_id,
            replayed=(error.headers or {}).get("Idempotent-Replayed") == "true",
        ) from error
    finally:
        _deadline.reset(token)
