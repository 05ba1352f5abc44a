"""Papers as PDF: Typst, the shop's fonts, and one form per kind of paper.

The same data printed with the same form gives the same bytes: no clock and no chance goes into it.
PDF/A-3b (ISO 19005-3), so that it can be kept and may carry its data with it.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typst

HERE = Path(__file__).parent
FORMS = HERE / "forms"
FONTS = HERE / "fonts"


def paper(form: str, data: Mapping[str, Any], files: Mapping[str, bytes] | None = None) -> bytes:
    """Print a form with its data.

    Args:
        form: name of a file below `forms/`, without its ending.
        data: plain JSON values; the form reads them as `data.json`.
        files: pictures that the form names.
    """
    sources = {
        "main.typ": (FORMS / f"{form}.typ").read_bytes(),
        "house.typ": (FORMS / "house.typ").read_bytes(),
        "data.json": json.dumps(data, ensure_ascii=False).encode(),
        **(files or {}),
    }
    return typst.compile(
        sources, font_paths=[str(FONTS)], ignore_system_fonts=True, pdf_standards="a-3b"
    )
