"""`make demo`: the whole demo shop on one machine, until somebody stops it.

1. Take the data folder, choose free ports.
2. Start what no address in the environment replaces: PostgreSQL, Valkey, mail sink, Stripe double.
3. Migrate, seed and set the clock, as far as the last start has not done so already.
4. Start workers, scheduler and web server; wait until all of them answer.
5. Print where everything is, then `ready`, and watch.
"""

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from local import addresses, ports, postgres, preparation, shop, supervisor, valkey
from local.folder import DataFolder
from local.processes import OUTSIDE, Child, Household, Program, wait_until
from local.supervisor import StoppedError, Supervisor
from local.switches import Switches
from local.terminal import MissingError, complain, say, step

USUAL_PORTS = {
    "web": 8000,
    "stripe": 8010,
    "mail": 8025,
    "smtp": 1025,
    "postgres": 15432,
    "valkey": 16379,
}
# Each further process takes 100 MB of the gigabyte that the whole demo may have.
WEB_PROCESSES = 1
WEB_THREADS = 8
READY_SECONDS = 60


@dataclass
class Demo:
    """What one run of the demo has started, and where."""

    folder: DataFolder
    switches: Switches
    household: Household
    ports: dict[str, int]
    settings: dict[str, str] = field(default_factory=dict)
    waiting: list[tuple[Child, Callable[[], bool]]] = field(default_factory=list)

    def address(self, name: str) -> str:
        """Return the address of one of our HTTP servers, without a slash at its end."""
        return f"http://{ports.HOST}:{self.ports[name]}"

    def start(self, program: Program, ready: Callable[[], bool] | None = None) -> None:
        """Start a program; `wait` will see whether it is ready."""
        child = self.household.start(program)
        if ready is not None:
            self.waiting.append((child, ready))

    def wait(self) -> None:
        """Wait until everything started so far is ready."""
        for child, ready in self.waiting:
            wait_until(ready, child, READY_SECONDS)
        self.waiting.clear()


def start_servers(demo: Demo) -> None:
    """Start PostgreSQL and Valkey, unless the environment names real ones."""
    path = demo.folder.path
    if demo.switches.database_url:
        demo.settings["DATABASE_URL"] = demo.switches.database_url
    else:
        with step("PostgreSQL"):
            database = postgres.start(demo.household, path, demo.ports["postgres"])
            demo.settings["DATABASE_URL"] = preparation.database(database)
    if demo.switches.redis_url:
        demo.settings["REDIS_URL"] = demo.switches.redis_url
    else:
        with step("Valkey"):
            queue = valkey.start(demo.household, path, demo.ports["valkey"])
            demo.settings["REDIS_URL"] = queue.url()


def choose_settings(demo: Demo) -> None:
    """Settle what the shop's processes find in their environment."""
    path, switches = demo.folder.path, demo.switches
    demo.settings |= {
        "KONTOR_DEMO": "1",
        "KONTOR_DATA": str(path / "data"),
        "KONTOR_PUBLIC_URL": demo.address("web"),
        "KONTOR_SECRET_KEY": shop.kept_secret(path / "secret-key"),
        "SMTP_URL": switches.smtp_url or f"smtp://{ports.HOST}:{demo.ports['smtp']}",
    }
    if not switches.smtp_url:
        # The mail sink takes SMS, too.
        demo.settings["SMS_URL"] = demo.address("mail") + "/api/sms"
    if not switches.stripe_api_key:
        demo.settings |= {
            "STRIPE_API_KEY": "sk_test_kontor_demo",
            "STRIPE_WEBHOOK_SECRET": shop.kept_secret(path / "stripe-webhook-secret"),
            "STRIPE_API_BASE": demo.address("stripe"),
        }


def start_outside(demo: Demo) -> None:
    """Start the mail sink and the Stripe double, unless the environment names real ones."""
    path = demo.folder.path
    if not demo.switches.smtp_url:
        command = [
            sys.executable, "-m", "local.mail_sink", "--data", path / "mail",
            "--smtp-port", str(demo.ports["smtp"]), "--web-port", str(demo.ports["mail"]),
        ]  # fmt: skip
        program = Program("mail-sink", command, folder=shop.ROOT, stage=OUTSIDE)
        demo.start(program, lambda: supervisor.answers(demo.address("mail") + "/messages.json"))
    if not demo.switches.stripe_api_key:
        command = [
            sys.executable, "-m", "local.stripe_double", "--port", str(demo.ports["stripe"]),
            "--webhook-url", demo.address("web") + "/webhooks/stripe",
            # With the sign of equality: a secret may begin with a dash.
            f"--webhook-secret={demo.settings['STRIPE_WEBHOOK_SECRET']}",
            "--merchant", "Angelhaus Rhein", "--data", path / "stripe.sqlite",
        ]  # fmt: skip
        program = Program("stripe-double", command, folder=shop.ROOT, stage=OUTSIDE)
        demo.start(program, lambda: supervisor.answers(demo.address("stripe") + "/"))


def start_shop(demo: Demo) -> None:
    """Start the web server, wait until it shows the shop, and start workers and scheduler.

    The web server first: on two cores it would be ready seconds later if all began at once, and
    what it hands to the workers waits for them. Its first page takes longest: nobody waits for it.
    """
    environment = shop.environment(**demo.settings)
    with step("shop"):
        web = shop.web(environment, ports.HOST, demo.ports["web"], WEB_PROCESSES, WEB_THREADS)
        demo.start(web, lambda: supervisor.answers(demo.address("web") + "/"))
        demo.wait()
        for program in shop.background(environment):
            demo.start(program)


def run(folder: DataFolder, switches: Switches, usual_ports: dict[str, int]) -> None:
    """Start everything and watch it.

    Args:
        folder: our data folder.
        switches: what the environment replaces.
        usual_ports: name → the port one would expect.

    Raises:
        StoppedError: somebody wants the end; everything is stopped.
    """
    folder.hold()
    folder.write_note()
    chosen = ports.choose(usual_ports, folder.path / "ports.json")
    household = Household(folder.path / "logs", keep_open=[folder.fileno()])
    demo = Demo(folder, switches, household, chosen)
    try:
        start_servers(demo)
        choose_settings(demo)
        start_outside(demo)
        preparation.prepare(demo.household, folder, shop.environment(**demo.settings), switches)
        start_shop(demo)
        folder.beat()
        places = addresses.of_demo(demo.address, switches)
        folder.write_note(**places, environment=demo.settings)
        addresses.show(places, folder.path)
        Supervisor(household).run(folder.beat)
    finally:
        supervisor.close(household)
        folder.running.unlink(missing_ok=True)


def reset(folder: DataFolder) -> int:
    """Forget the demo's data."""
    folder.hold()
    postgres.remove(folder.path)
    say("The demo's data is gone; `make demo` starts over.")
    return 0


def main() -> int:
    """Run the demo; return an exit code."""
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("--data", type=Path, default=shop.ROOT / ".demo", help="data folder")
    parser.add_argument("--free-ports", action="store_true", help="not the usual ones (for tests)")
    parser.add_argument("--reset", action="store_true", help="forget the data instead")
    arguments = parser.parse_args()
    supervisor.stop_on_signals()
    try:
        supervisor.end_with_parent()
        folder = DataFolder(arguments.data.resolve())
        if arguments.reset:
            return reset(folder)
        usual = {name: ports.any_free() for name in USUAL_PORTS}
        run(folder, Switches.from_environment(), usual if arguments.free_ports else USUAL_PORTS)
    except StoppedError:
        say("\nStopped; the data is kept.")
        return 0
    except (MissingError, RuntimeError) as error:
        complain(str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
