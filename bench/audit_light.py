"""Lighthouse on a simulated telephone, in a version that is pinned and installed for this alone."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from bench.server import FOLDER, ROOT
from local import browser

HERE = FOLDER / "lighthouse"
SPECIFIED = ROOT / "bench" / "lighthouse"
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
_SECONDS = 180


class MissingError(Exception):
    """Lighthouse cannot be had on this machine; the text says why."""


def install() -> Path:
    """Install Lighthouse beside the benchmarks' data, once per lock, and return its program.

    Raises:
        MissingError: no npm, or the registry is out of reach.
    """
    program = HERE / "node_modules" / ".bin" / "lighthouse"
    lock = SPECIFIED / "package-lock.json"
    known = HERE / "package-lock.json"
    if program.exists() and known.exists() and known.read_bytes() == lock.read_bytes():
        return program
    npm = shutil.which("npm")
    if npm is None:
        raise MissingError("npm is missing: Node.js 18 to 22 is needed for Lighthouse")
    HERE.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(SPECIFIED / name, HERE / name)
    command = [npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
    outcome = subprocess.run(command, cwd=HERE, capture_output=True, text=True, check=False)
    if outcome.returncode != 0 or not program.exists():
        known.unlink(missing_ok=True)
        raise MissingError(f"npm ci failed:\n{outcome.stderr[-600:]}")
    return program


def measure(program: Path, chromium: Path, address: str, cookie: str = "") -> dict[str, Any]:
    """Return what Lighthouse says of a page on its telephone.

    Returns:
        Scores of 0 to 100 by category, `lcp_ms`, `cls`, `tbt_ms`, and the titles of what is not
        as it should be.

    Raises:
        MissingError: it ended without a result.
    """
    report = HERE / "report.json"
    report.unlink(missing_ok=True)
    flags = " ".join(("--headless=new", *browser.OPTIONS))
    command = [
        program, address, "--quiet", "--output=json", f"--output-path={report}",
        f"--chrome-flags={flags}", f"--only-categories={','.join(CATEGORIES)}",
    ]  # fmt: skip
    if cookie:
        command.append(f"--extra-headers={json.dumps({'Cookie': cookie})}")
    environment = {**os.environ, "CHROME_PATH": str(chromium), "CI": "1"}
    outcome = subprocess.run(
        command, capture_output=True, text=True, check=False, env=environment, timeout=_SECONDS
    )
    if not report.exists():
        raise MissingError(f"Lighthouse ended without a report:\n{outcome.stderr[-600:]}")
    found = json.loads(report.read_text())
    audits = found["audits"]
    wrong = [
        audits[ref["id"]]["title"]
        for category in found["categories"].values()
        for ref in category["auditRefs"]
        if ref["weight"] and (score := audits[ref["id"]]["score"]) is not None and score < 0.9  # noqa: PLR2004
    ]
    return {
        **{name: round(found["categories"][name]["score"] * 100) for name in CATEGORIES},
        "lcp_ms": audits["largest-contentful-paint"]["numericValue"],
        "cls": audits["cumulative-layout-shift"]["numericValue"],
        "tbt_ms": audits["total-blocking-time"]["numericValue"],
        "wrong": sorted(set(wrong)),
    }
