"""A double of an SMS gateway (of the form of seven.io): takes an SMS, shows it, sends nothing."""

import json
from email.message import EmailMessage
from email.utils import format_datetime, localtime


def as_mail(to: str, sender: str, text: str) -> bytes:
    """Return an SMS as something that the store can keep; it says itself what it is."""
    kept = EmailMessage()
    kept["From"] = sender
    kept["To"] = to
    kept["Subject"] = f"SMS: {text[:60]}"
    kept["Date"] = format_datetime(localtime())
    kept["X-Kontor-Double"] = "sms"
    kept.set_content(f"{text}\n\n[SMS an ein Double: nichts davon wurde verschickt.]")
    return kept.as_bytes()


def answer(to: str, text: str) -> bytes:
    """Return what the gateway says to an SMS that it has taken."""
    one = {
        "id": "double", "recipient": to, "text": text, "success": True, "error": None,
        "error_text": None, "parts": -(-len(text) // 153),
    }  # fmt: skip
    return json.dumps({"success": "100", "debug": "true", "messages": [one]}).encode()
