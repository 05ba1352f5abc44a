"""Compile the translations: gettext reads .mo files, people write .po files.

The compiled file is made at start where it is missing or older than its source, so that nobody has
to remember a step, and no built file lies in the repository.
"""

import logging
import tempfile
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

log = logging.getLogger(__name__)


def compile_all(folder: Path) -> int:
    """Compile every out-of-date translation below a folder and return how many were.

    Several processes may start at once: each writes a file of its own and moves it into place. A
    folder that may not be written to keeps what it has.
    """
    compiled = 0
    for source in sorted(folder.glob("*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        try:
            _compile(source, target)
        except OSError as error:
            log.warning("translations of %s are not compiled: %s", source, error)
            continue
        compiled += 1
    return compiled


def _compile(source: Path, target: Path) -> None:
    with source.open("rb") as text:
        catalog = read_po(text, locale=source.parent.parent.name)
    with tempfile.NamedTemporaryFile(dir=target.parent, suffix=".tmp", delete=False) as made:
        write_mo(made, catalog)
    Path(made.name).chmod(0o644)
    Path(made.name).replace(target)
