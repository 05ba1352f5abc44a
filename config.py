"""Settings from the environment, read once at start. Nothing else reads `os.environ`."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent


@dataclass(frozen=True)
class Config:
    """Every switch of a running shop. Field names are the environment's, in lower case."""

    database_url: str
    redis_url: str
    secret_key: str
    public_url: str
    data: Path
    stripe_api_key: str
    stripe_webhook_secret: str
    stripe_api_base: str | None
    smtp_url: str | None
    mail_from: str
    demo: bool
    sms_url: str | None = None
    sms_api_key: str = ""
    sms_sender: str = "Kontor"
    dhl_url: str = ""
    dhl_api_key: str = ""
    dhl_user: str = ""
    dhl_password: str = ""
    dhl_billing_number: str = ""
    dhl_tracking_url: str = ""
    gls_url: str = ""
    gls_user: str = ""
    gls_password: str = ""
    gls_shipper_id: str = ""
    second_factor_required: bool = False

    @property
    def media(self) -> Path:
        """The folder of product pictures and PDF documents."""
        return self.data / "media"

    @property
    def uploads(self) -> Path:
        """The folder of what customers have sent us."""
        return self.data / "uploads"

    @property
    def secure_cookies(self) -> bool:
        """Cookies travel by HTTPS only, unless the shop itself is served by plain HTTP (demo)."""
        return self.public_url.startswith("https://")


def from_environment(environ: Mapping[str, str] = os.environ) -> Config:
    """Read the settings.

    Raises:
        RuntimeError: a required setting is missing; the message names it.
    """

    def required(name: str) -> str:
        value = environ.get(name, "")
        if not value:
            raise RuntimeError(f"{name} is not set; docs/operate.md lists every setting")
        return value

    return Config(
        database_url=required("DATABASE_URL"),
        redis_url=required("REDIS_URL"),
        secret_key=required("KONTOR_SECRET_KEY"),
        public_url=required("KONTOR_PUBLIC_URL").rstrip("/"),
        data=Path(environ.get("KONTOR_DATA") or ROOT / "var"),
        stripe_api_key=environ.get("STRIPE_API_KEY", ""),
        stripe_webhook_secret=environ.get("STRIPE_WEBHOOK_SECRET", ""),
        stripe_api_base=environ.get("STRIPE_API_BASE") or None,
        smtp_url=environ.get("SMTP_URL") or None,
        mail_from=environ.get("KONTOR_MAIL_FROM", "Angelhaus Rhein <service@angelhaus.example>"),
        demo=environ.get("KONTOR_DEMO") == "1",
        sms_url=environ.get("SMS_URL") or None,
        sms_api_key=environ.get("SMS_API_KEY", ""),
        sms_sender=environ.get("KONTOR_SMS_SENDER", "Angelhaus"),
        dhl_url=environ.get("DHL_URL", "https://api-sandbox.dhl.com/parcel/de/shipping/v2"),
        dhl_api_key=environ.get("DHL_API_KEY", ""),
        dhl_user=environ.get("DHL_USER", ""),
        dhl_password=environ.get("DHL_PASSWORD", ""),
        dhl_billing_number=environ.get("DHL_BILLING_NUMBER", ""),
        dhl_tracking_url=environ.get("DHL_TRACKING_URL", ""),
        gls_url=environ.get("GLS_URL", "https://api-qs1.gls-group.eu"),
        gls_user=environ.get("GLS_USER", ""),
        gls_password=environ.get("GLS_PASSWORD", ""),
        gls_shipper_id=environ.get("GLS_SHIPPER_ID", ""),
        second_factor_required=environ.get(
            "KONTOR_SECOND_FACTOR", "offered" if environ.get("KONTOR_DEMO") == "1" else "required"
        )
        == "required",
    )
