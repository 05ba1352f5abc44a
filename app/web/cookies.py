"""The session cookie as Flask writes it, without making its key anew twice for every request.

What a browser holds stays readable in both directions: same salt, same key, same signature.
"""

import zlib
from typing import Any

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import Signer, TimestampSigner, URLSafeTimedSerializer
from itsdangerous.encoding import base64_encode
from itsdangerous.url_safe import URLSafeSerializerMixin

WORTH_PACKING = 1024
"""Bytes: below it, packing takes longer than the rest of the cookie and saves some dozen bytes."""


class _KnownKey(TimestampSigner):
    """Derives each key once: it follows from the secret and the salt, which stay as they are."""

    def derive_key(self, secret_key: str | bytes | None = None) -> bytes:
        """Return the key that is signed with."""
        known: dict[str | bytes | None, bytes] = self.__dict__.setdefault("derived", {})
        if secret_key not in known:
            known[secret_key] = super().derive_key(secret_key)
        return known[secret_key]


class _Lasting(URLSafeTimedSerializer):
    """Signs everything with one signer; it has no state but its keys."""

    default_signer = _KnownKey
    _only: Signer | None = None

    def make_signer(self, salt: str | bytes | None = None) -> Signer:
        """Return the signer of the session's own salt; a new one for any other."""
        if salt is not None and salt != self.salt:
            return super().make_signer(salt)
        if self._only is None:
            self._only = super().make_signer(salt)
        return self._only

    def dump_payload(self, obj: Any) -> bytes:
        """Return what is signed; packed only where it is long. Reading tells both apart."""
        plain = super(URLSafeSerializerMixin, self).dump_payload(obj)
        if len(plain) < WORTH_PACKING:
            return base64_encode(plain)
        return b"." + base64_encode(zlib.compress(plain))


class LastingCookies(SecureCookieSessionInterface):
    """Flask's own cookies with one serializer for as long as the secrets are the same."""

    def __init__(self) -> None:
        """Know no secrets yet."""
        self._known: tuple[object, _Lasting] | None = None

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """Return what signs and reads the cookie; None without a secret, as Flask does."""
        if not app.secret_key:
            return None
        secrets = [*(app.config["SECRET_KEY_FALLBACKS"] or ()), app.secret_key]
        known = self._known
        if known is None or known[0] != secrets:
            serializer = _Lasting(
                secrets,
                salt=self.salt,
                serializer=self.serializer,
                signer_kwargs={
                    "key_derivation": self.key_derivation,
                    "digest_method": self.digest_method,
                },
            )
            known = self._known = (secrets, serializer)
        return known[1]
