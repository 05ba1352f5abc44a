"""`./kontor COMMAND`: one of the shop's own commands, with the settings of this machine's shop.

    ./kontor staff create --email chef@example.org --name Chefin
    ./kontor backup
    ./kontor --demo clock set 2026-11-26T09:00

Where the shop (`--demo`: the demo) runs, the command joins it. Where it does not, the embedded
servers that it would use are started for the command and stopped after it.
"""

import os
import subprocess
import sys
from pathlib import Path

from local import serve, shop, supervisor
from local.folder import DataFolder
from local.processes import Household
from local.supervisor import StoppedError
from local.switches import Switches
from local.terminal import MissingError, complain


def run(environment: dict[str, str], arguments: list[str]) -> int:
    """Run a command in the foreground, so that it can ask questions; return its exit code."""
    command = [sys.executable, "-m", "flask", "--app", "wsgi", *arguments]
    return subprocess.run(command, env=environment, cwd=shop.ROOT, check=False).returncode


def run_beside_nothing(folder: DataFolder, arguments: list[str]) -> int:
    """Start what the command needs, run it, stop it again; return the command's exit code."""
    folder.hold()
    folder.write_note()
    household = Household(folder.path / "logs", keep_open=[folder.fileno()])
    try:
        address = os.environ.get("KONTOR_PUBLIC_URL") or serve.local_address()
        found = serve.settings(folder, household, Switches.from_environment(), address)
        return run(shop.environment(**found), arguments)
    finally:
        supervisor.close(household)
        folder.running.unlink(missing_ok=True)


def main(arguments: list[str]) -> int:
    """Find the shop, run the command; return an exit code."""
    demo = arguments[:1] == ["--demo"]
    rest = arguments[1:] if demo else arguments
    path = shop.ROOT / ".demo" if demo else Path(os.environ.get("KONTOR_DATA") or shop.ROOT / "var")
    supervisor.stop_on_signals()
    try:
        folder = DataFolder(path.resolve())
        settings = folder.note().get("environment")
        if settings and folder.owner():
            return run(shop.environment(**settings), rest)
        if demo:
            raise MissingError("the demo does not run; start it with `make demo`.")
        return run_beside_nothing(folder, rest)
    except StoppedError:
        return 130
    except (MissingError, RuntimeError) as error:
        complain(str(error))
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
