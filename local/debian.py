"""Packages of Debian and Ubuntu, for root only; standard library only (see environment)."""

import contextlib
import os
import platform
import shutil

from local.terminal import last_lines, run, say


def may_install() -> bool:
    """Tell whether this is a system with apt and we are root."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def install(package: str) -> bool:
    """Install a package; the package lists are refreshed only where it is not found without.

    Returns:
        Whether it is installed now.
    """
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    command = ["apt-get", "install", "-y", "--no-install-recommends", package]
    if run(f"apt-get install {package}", command, environment)[0] == 0:
        return True
    run("apt-get update", ["apt-get", "update"], environment)
    code, said = run(f"apt-get install {package}", command, environment)
    if code != 0:
        say(last_lines(said))
    return code == 0


def is_debian() -> bool:
    """Tell Debian itself from its descendants."""
    with contextlib.suppress(OSError):
        return platform.freedesktop_os_release().get("ID") == "debian"
    return False
