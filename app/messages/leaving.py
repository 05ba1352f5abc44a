"""The way out of advertising: an address with a signature, good for ever, one POST (RFC 8058)."""

from flask import current_app
from itsdangerous import URLSafeSerializer

from app.messages.writing import site


def signer() -> URLSafeSerializer:
    """Return what signs and reads the addresses."""
    return URLSafeSerializer(current_app.secret_key or "", salt="newsletter")


def address(email: str, language: str = "de") -> str:
    """Return the link that every newsletter carries for one recipient."""
    return f"{site(language)}/newsletter/abmelden/{signer().dumps(email)}"
