"""What a running demo prints: where everything is, and who can sign in."""

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

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


def accounts(file: Path = ACCOUNTS) -> list[dict[str, Any]]:
    """Return the demo's sign-ins, as the seed reads them too."""
    if not file.exists():
        return []
    listed = tomllib.loads(file.read_text()).get("account", [])
    return [dict(account) for account in listed]


def account_line(account: dict[str, Any]) -> str:
    """Return who it is and how they sign in, on one line."""
    who = f"{account.get('role', ''):<12} {account.get('email', ''):<34}"
    secrets = [f"{word} {account[word]}" for word in ("password", "pin") if account.get(word)]
    name = account.get("name", "")
    return f"  {who} {', '.join(secrets):<34} {name}".rstrip()


def show(places: dict[str, str], data: Path) -> None:
    """Print it all; the last line is `ready`."""
    say("\nAngelhaus Rhein, the demo shop of Kontor")
    for name, url in places.items():
        say(f"  {TITLES[name]:<14} {url}")
    listed = accounts()
    if listed:
        say("\nSign-ins")
        for account in listed:
            say(account_line(account))
    say(f"\nLogs: {data / 'logs'}   Ctrl-C stops everything, `make demo-reset` starts over.")
    say("ready")
