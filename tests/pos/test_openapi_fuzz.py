"""Schemathesis reads the description and tries what it promises, well-formed and broken.

What no field may be, one field after the other, is tried by `KONTOR_SOAK=1` only: it takes minutes.
"""

import subprocess
import sys
from pathlib import Path

import pytest

from tests import soak
from tests.pos.register import photograph
from tests.pos.serving import served
from tests.small_shop import TOKEN

# A check digit is no part of JSON Schema: a number that fits the pattern may still be refused.
NOT_ASKED = "positive_data_acceptance"


@pytest.mark.slow
def test_the_endpoint_does_what_its_description_says(register, app, tmp_path):
    program = Path(sys.executable).with_name("schemathesis")
    with served(app) as address:
        outcome = subprocess.run(
            [
                program, "run", f"{address}/api/openapi.json", "--seed", "2026",
                "--header", f"Authorization: Bearer {TOKEN}",
                "--max-examples", str(soak.sized(3, 20)),
                "--phases", "fuzzing" + (",stateful,coverage" if soak.SOAK else ""),
                "--exclude-checks", NOT_ASKED,
                "--generation-database", "none", "--suppress-health-check", "all", "--no-color",
            ],
            capture_output=True, text=True, timeout=300, check=False, cwd=tmp_path,
        )  # fmt: skip

    assert outcome.returncode == 0, outcome.stdout[-4000:] + outcome.stderr[-2000:]
    assert "Tested: 34" in outcome.stdout
    assert photograph()["orders"] == []
