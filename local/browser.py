"""Chromium for the browser tests: found, or installed where that can be done unasked."""

import os
import shutil
import sys
from pathlib import Path

from local import debian
from local.terminal import last_lines, run, say

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PLACES = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
# Playwright's own download: Linux, then macOS.
CACHES = ("~/.cache/ms-playwright", "~/Library/Caches/ms-playwright")
DOWNLOADED = ("chromium-*/chrome-linux*/chrome", "chromium-*/chrome-mac*/*.app/Contents/MacOS/*")
ADVICE = (
    "Chromium is missing. On Debian: sudo apt install chromium; elsewhere: "
    ".venv/bin/python -m playwright install --with-deps chromium; or name one in KONTOR_CHROMIUM."
)
# Sound on a machine without a display, a sandbox or a network.
OPTIONS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def find() -> Path | None:
    """Return a Chromium of this machine, or None."""
    named = os.environ.get("KONTOR_CHROMIUM", "")
    candidates = [named] if named else [shutil.which(name) or "" for name in NAMES]
    candidates += PLACES
    for cache in CACHES:
        for pattern in DOWNLOADED:
            candidates += map(str, sorted(Path(cache).expanduser().glob(pattern), reverse=True))
    return next((Path(each) for each in candidates if each and os.access(each, os.X_OK)), None)


def obtain() -> Path | None:
    """Return a Chromium, installed if need be and if possible; None if neither."""
    found = find()
    if found is not None:
        return found
    say("  Chromium is missing: trying to install it")
    # Ubuntu's package of that name only points to a snap, which does not run for root.
    if debian.may_install() and debian.is_debian() and debian.install("chromium"):
        return find()
    dependencies = ["--with-deps"] if debian.may_install() else []
    command = [sys.executable, "-m", "playwright", "install", *dependencies, "chromium"]
    code, said = run("playwright install chromium", command)
    if code != 0:
        say(last_lines(said, 4))
    return find()
