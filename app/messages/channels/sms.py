"""SMS by an HTTP gateway of the form of seven.io: JSON in, one answer per number.

Unverified: written from what the provider publishes, tried against the local double only. Sent is
what the gateway has taken; whether it arrived, it would tell by a call of its own.
"""

import json
import urllib.error
import urllib.request

from app.messages.models import Message
from config import Config

_TIMEOUT_SECONDS = 5
# The gateway answers with a code in words beside HTTP 200: 100 is "taken".
_TAKEN = "100"
LONGEST = 612
"""Signs of four parts of a long SMS; more is a mail."""


def send(message: Message, _papers: object, config: Config) -> None:
    """Hand an SMS over.

    Raises:
        RuntimeError: SMS are not set up, or the gateway refused it; with what it said.
        OSError: it cannot be reached.
    """
    if config.sms_url is None:
        raise RuntimeError("SMS_URL is not set; the SMS waits")
    body = {
        "to": message.recipient,
        "from": config.sms_sender,
        "text": message.body_text[:LONGEST],
        # The same id again is the same message, for a gateway that can tell.
        "foreign_id": str(message.id),
    }
    # The address is the retailer's setting, never a customer's.
    request = urllib.request.Request(  # noqa: S310
        config.sms_url,
        data=json.dumps(body).encode(),
        headers={
            "Content-Type": "application/json",
            "Accept": "application/json",
            "X-Api-Key": config.sms_api_key,
        },
    )
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS) as answer:  # noqa: S310
            told = json.load(answer)
    except urllib.error.HTTPError as error:
        raise RuntimeError(f"the SMS gateway answers {error.code}") from error
    refused = [one.get("error_text") for one in told.get("messages", []) if not one.get("success")]
    if str(told.get("success")) != _TAKEN or refused:
        raise RuntimeError(f"the SMS gateway refused it: {told.get('success')} {refused}")
