"""The settings in the environment that replace an embedded part by a real one."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from local.terminal import MissingError


@dataclass(frozen=True)
class Switches:
    """Addresses of real servers; empty where the embedded part is to be used."""

    database_url: str
    redis_url: str
    stripe_api_key: str
    smtp_url: str

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> "Switches":
        """Read the switches.

        Raises:
            MissingError: a Stripe key without the secret of its webhook: payments would be
                taken and never noticed.
        """
        stripe = environ.get("STRIPE_API_KEY", "")
        if stripe and not environ.get("STRIPE_WEBHOOK_SECRET"):
            raise MissingError("STRIPE_API_KEY is set without STRIPE_WEBHOOK_SECRET; set both.")
        return cls(
            database_url=environ.get("DATABASE_URL", "").replace("+psycopg", "", 1),
            redis_url=environ.get("REDIS_URL", ""),
            stripe_api_key=stripe,
            smtp_url=environ.get("SMTP_URL", ""),
        )
