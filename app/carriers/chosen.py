"""Which carriers this shop can ask by machine; set once at start, from the settings."""

from app.carriers.circuit import Guarded
from app.carriers.shapes import Carrier, Carriers
from config import Config

_known: dict[str, Carrier] = {}


def configure(config: Config) -> None:
    """Choose the carriers whose access is set; without any, all labels are our own."""
    _known.clear()
    # Only a shop that has a contract pays for the HTTP client at its start.
    if config.dhl_api_key:
        from app.carriers.dhl import Dhl

        put(
            Dhl(
                base=config.dhl_url,
                api_key=config.dhl_api_key,
                user=config.dhl_user,
                password=config.dhl_password,
                billing_number=config.dhl_billing_number,
                **({"tracking_url": config.dhl_tracking_url} if config.dhl_tracking_url else {}),
            )
        )
    if config.gls_shipper_id:
        from app.carriers.gls import Gls

        put(
            Gls(
                base=config.gls_url,
                user=config.gls_user,
                password=config.gls_password,
                shipper_id=config.gls_shipper_id,
            )
        )


def put(carrier: Carrier) -> None:
    """Ask this carrier from now on, behind a circuit."""
    _known[carrier.name] = Guarded(carrier)


def carriers() -> Carriers:
    """Return the carriers by their name in the tariffs."""
    return _known
