"""`make serve`: web server, workers and scheduler, without any demo part (docs/operate.md).

PostgreSQL and Valkey are those of DATABASE_URL and REDIS_URL; where one is not set, an embedded
one keeps its data in the data folder, which is enough for a small shop on one machine.
"""

import os
import sys
from pathlib import Path

from local import demo, ports, postgres, preparation, shop, supervisor, valkey
from local.folder import DataFolder
from local.processes import Household, wait_until
from local.supervisor import StoppedError, Supervisor
from local.switches import Switches
from local.terminal import MissingError, complain, say, step

NAMES = (
    "DATABASE_URL",
    "REDIS_URL",
    "STRIPE_API_KEY",
    "STRIPE_WEBHOOK_SECRET",
    "STRIPE_API_BASE",
    "SMTP_URL",
    "DHL_API_KEY",
    "DHL_BILLING_NUMBER",
    "DHL_PASSWORD",
    "DHL_TRACKING_URL",
    "DHL_URL",
    "DHL_USER",
    "SMS_URL",
    "SMS_API_KEY",
)
USUAL_PORTS = {"postgres": 15430, "valkey": 16380}


def number(name: str, default: int) -> int:
    """Read a whole number above zero from the environment.

    Raises:
        MissingError: it is something else.
    """
    value = os.environ.get(name, "")
    if not value:
        return default
    if not value.isdecimal() or int(value) < 1:
        raise MissingError(f"{name} is a whole number above 0, not {value!r}.")
    return int(value)


def web_processes() -> int:
    """Return how many processes serve pages."""
    return number("KONTOR_WEB_PROCESSES", min(os.cpu_count() or 2, 4))


def web_threads() -> int:
    """Return how many requests each of them works on at the same time."""
    return number("KONTOR_WEB_THREADS", 4)


def say_what_is_missing(switches: Switches) -> None:
    """Name what the shop can't do for lack of a setting."""
    if not switches.stripe_api_key:
        say("  STRIPE_API_KEY is not set: nothing can be paid on the web")
    if not switches.smtp_url:
        say("  SMTP_URL is not set: mails wait until there is a server for them")
    if not os.environ.get("KONTOR_PUBLIC_URL"):
        say("  KONTOR_PUBLIC_URL is not set: links in mails lead to this machine only")


def local_address() -> str:
    """Return the shop's address on this machine."""
    return f"http://{ports.HOST}:{number('KONTOR_PORT', 8000)}"


def given() -> dict[str, str]:
    """Return the shop's settings that this process was given, for commands that join the shop."""
    return {
        name: value
        for name, value in os.environ.items()
        if name in NAMES or (name.startswith("KONTOR_") and name != supervisor.PARENT)
    }


def settings(
    folder: DataFolder, household: Household, switches: Switches, web: str
) -> dict[str, str]:
    """Return the shop's settings; start the servers that the environment does not name."""
    chosen = ports.choose(USUAL_PORTS, folder.path / "ports.json")
    found: dict[str, str] = {}
    if not switches.database_url:
        with step("PostgreSQL"):
            server = postgres.start(household, folder.path, chosen["postgres"])
            found["DATABASE_URL"] = preparation.database(server)
    if not switches.redis_url:
        with step("Valkey"):
            found["REDIS_URL"] = valkey.start(household, folder.path, chosen["valkey"]).url()
    if not os.environ.get("KONTOR_SECRET_KEY"):
        found["KONTOR_SECRET_KEY"] = shop.kept_secret(folder.path / "secret-key")
    if not os.environ.get("KONTOR_PUBLIC_URL"):
        found["KONTOR_PUBLIC_URL"] = web
    return {"KONTOR_DATA": str(folder.path), **found}


def run(folder: DataFolder, switches: Switches) -> None:
    """Start the shop and watch it.

    Raises:
        MissingError: the port is taken, or a setting makes no sense.
        StoppedError: somebody wants the end; everything is stopped.
    """
    host = os.environ.get("KONTOR_BIND", ports.HOST)
    port = number("KONTOR_PORT", 8000)
    workers, threads = web_processes(), web_threads()
    folder.hold()
    folder.write_note()
    if not ports.is_free(port):
        raise MissingError(f"port {port} is taken; set KONTOR_PORT to another one.")
    household = Household(folder.path / "logs", keep_open=[folder.fileno()])
    try:
        say_what_is_missing(switches)
        address = local_address()
        found = settings(folder, household, switches, address)
        environment = shop.environment(**found)
        preparation.run_to_end(household, shop.flask("migrate", environment, "migrate", talks=True))
        web = household.start(shop.web(environment, host, port, workers, threads))
        for program in shop.background(environment):
            household.start(program)
        wait_until(lambda: supervisor.answers(f"{address}/healthz"), web, demo.READY_SECONDS)
        folder.write_note(shop=f"{address}/", environment=given() | found)
        say(f"\n  Shop  {address}/\n  Logs  {folder.path / 'logs'}\nready")
        Supervisor(household).run()
    finally:
        supervisor.close(household)
        folder.running.unlink(missing_ok=True)


def main() -> int:
    """Run the shop; return an exit code."""
    supervisor.stop_on_signals()
    try:
        supervisor.end_with_parent()
        path = Path(os.environ.get("KONTOR_DATA") or shop.ROOT / "var")
        run(DataFolder(path.resolve()), Switches.from_environment())
    except StoppedError:
        say("\nStopped.")
    except (MissingError, RuntimeError) as error:
        complain(str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
