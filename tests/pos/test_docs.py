"""Every command of docs/pos.md does what the page says, on the demo that it speaks of."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "pos.md"


@pytest.mark.skipif(shutil.which("curl") is None, reason="the page's examples use curl")
def test_the_commands_of_the_page_are_true(live_shop):
    _, *blocks = re.findall(r"```bash\n(.*?)```", PAGE.read_text(), re.DOTALL)
    token = live_shop.device("bonn")["token"]
    environment = {
        **os.environ,
        "SHOP": live_shop.shop.rstrip("/"),
        "TILL": f"Authorization: Bearer {token}",
    }

    def answers(block: str) -> list[dict[str, object]]:
        script = block.replace("curl ", "echo; curl ")
        ran = subprocess.run(
            ["bash", "-euc", script], env=environment, capture_output=True, text=True, check=True
        )
        return [json.loads(line) for line in ran.stdout.splitlines() if line]

    who, looked_up, quoted, seen, sold, refused = map(answers, blocks)

    assert [answer["code"] for answer in who] == ["bonn-1"]
    assert [answer.get("sku") for answer in looked_up] == ["RS7-ROT", "RS7-ROT", None]
    assert looked_up[2]["number"] == "3314821"
    assert [answer["total_minor"] for answer in quoted] == [1120]
    assert quoted[0]["list_minor"] == quoted[0]["total_minor"] + quoted[0]["saved_minor"]
    assert seen == [{"sale_id": "sale-0001"}]
    assert [(answer["total_minor"], answer["repeated"]) for answer in sold] == [(1120, False)]
    assert [(answer["status"], answer["code"]) for answer in refused] == [(422, "gtin")]
