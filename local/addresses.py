"""What a running demo prints: where everything is, and who can sign in."""

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from local.switches import Switches
from local.terminal import say

ACCOUNTS = Path(__file__).resolve().parent.parent / "demo" / "accounts.toml"
TITLES = {
    "shop": "Shop",
    "till": "Till",
    "floor": "Floor",
    "office": "Back office",
    "mail": "Mail sink",
    "stripe": "Stripe double",
}


def of_demo(address: Callable[[str], str], switches: Switches) -> dict[str, str]:
    """Return name → address of every page that a person may want to open."""
    web = address("web")
    places = {
        "shop": f"{web}/",
        "till": f"{web}/till/",
        "floor": f"{web}/floor/",
        "office": f"{web}/office/",
    }
    if not switches.smtp_url:
        places["mail"] = address("mail") + "/"
    if not switches.stripe_api_key:
        places["stripe"] = address("stripe") + "/"
    return places


@dataclass(frozen=True)
class Accounts:
    """The demo's sign-ins, as the seed reads them too."""

    password: str
    staff: list[dict[str, str]]
    devices: list[dict[str, str]]


def accounts(file: Path = ACCOUNTS) -> Accounts:
    """Read who can sign in to the demo."""
    content = tomllib.loads(file.read_text())
    return Accounts(content["password"], content["staff"], content["device"])


def staff_line(person: dict[str, str]) -> str:
    """Return who it is and where they work, on one line."""
    where = person.get("location", "")
    pin = f"PIN {person['pin']}" if "pin" in person else ""
    line = f"  {person['email']:<42} {person['role']:<12} {where:<8} {pin:<9} {person['name']}"
    return line.rstrip()


def show(places: dict[str, str], data: Path) -> None:
    """Print it all; the last line is `ready`."""
    say("\nAngelhaus Rhein, the demo shop of Kontor")
    for name, url in places.items():
        say(f"  {TITLES[name]:<14} {url}")
    known = accounts()
    say(f"\nSign-ins, all with the password {known.password}")
    for person in known.staff:
        say(staff_line(person))
    for device in known.devices:
        say(f"  {device['name']:<42} {'till':<12} {device['location']:<8} token {device['token']}")
    say(
        "\nThe shop's clock: ./kontor --demo clock show, ./kontor --demo clock set 2026-11-27T09:00"
    )
    say(f"Logs: {data / 'logs'}   Ctrl-C stops everything, `make demo-reset` starts over.")
    say("ready")
