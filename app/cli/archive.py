"""The file of a backup: a tar with the database's dump, the shop's files, and what belongs in it.

`manifest.json` comes last and names every member with its SHA-256, so that a backup which was cut
off or changed is refused before anything is touched.
"""

import hashlib
import io
import json
import tarfile
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

MANIFEST = "manifest.json"
DUMP = "database.dump"
FORMAT = 1
CHUNK_BYTES = 1 << 20


class BrokenArchiveError(Exception):
    """The file is not a whole backup; the message says what is wrong with it."""


def digest(path: Path) -> str:
    """Return the SHA-256 of a file, in hex."""
    result = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            result.update(chunk)
    return result.hexdigest()


def write(target: Path, dump: Path, folders: Iterable[Path], facts: dict[str, Any]) -> int:
    """Write a backup; it gets its name only once it is whole.

    Args:
        target: the file to write.
        dump: the database's dump.
        folders: folders of files, kept under their own names; missing ones are left out.
        facts: what the manifest says on top of the members.

    Returns:
        The number of files in it, the dump included.
    """
    members: dict[str, str] = {}
    draft = target.with_name(target.name + ".partial")
    with tarfile.open(draft, "w") as archive:
        for name, path in [(DUMP, dump), *_files(folders)]:
            members[name] = digest(path)
            archive.add(path, arcname=name, recursive=False)
        made_at = datetime.now(UTC).isoformat()
        manifest = {"format": FORMAT, "made_at": made_at, **facts, "members": members}
        content = json.dumps(manifest, indent=1).encode()
        entry = tarfile.TarInfo(MANIFEST)
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    draft.replace(target)
    return len(members)


def _files(folders: Iterable[Path]) -> list[tuple[str, Path]]:
    return [
        (f"{folder.name}/{path.relative_to(folder).as_posix()}", path)
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink()
    ]


def unpack(source: Path, into: Path) -> dict[str, Any]:
    """Unpack a backup into an empty folder and prove that it is whole.

    Returns:
        Its manifest.

    Raises:
        BrokenArchiveError: it is not; say nothing of it may be used.
    """
    try:
        with tarfile.open(source, "r:") as archive:
            archive.extractall(into, filter="data")
        manifest = dict(json.loads((into / MANIFEST).read_text()))
    except (tarfile.TarError, OSError, ValueError) as error:
        raise BrokenArchiveError(f"{source} is not a whole backup: {error}") from None
    if manifest.get("format") != FORMAT:
        raise BrokenArchiveError(f"{source} has format {manifest.get('format')}, not {FORMAT}")
    members = dict(manifest["members"])
    unpacked = {path.relative_to(into).as_posix() for path in into.rglob("*") if path.is_file()}
    for name in sorted(unpacked ^ {MANIFEST, *members}):
        raise BrokenArchiveError(f"{source}: {name} is missing or does not belong in it")
    for name, expected in members.items():
        if digest(into / name) != expected:
            raise BrokenArchiveError(f"{source}: {name} was changed")
    return manifest
