"""The mails that were received: one `.eml` file each, so that they outlive a restart."""

import email
import email.policy
import re
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path

KEPT = 2000
NAME = re.compile(r"^\d{20}$")


@dataclass(frozen=True)
class Attachment:
    """A part of a mail that is a file."""

    name: str
    content_type: str
    content: bytes
    cid: str  # how the HTML part names it; may be empty


@dataclass(frozen=True)
class Mail:
    """A received mail, taken apart."""

    id: str
    sender: str
    to: str
    subject: str
    at: datetime  # when it says it was written; else when it arrived
    text: str
    html: str
    attachments: list[Attachment] = field(default_factory=list)

    def as_json(self) -> dict[str, str]:
        """Return what tests and people ask for."""
        return {
            "id": self.id,
            "from": self.sender,
            "to": self.to,
            "subject": self.subject,
            "at": self.at.isoformat(),
            "text": self.text,
            "html": self.html,
        }


class Store:
    """Mails in a folder, the newest first; safe to use from several threads."""

    def __init__(self, folder: Path) -> None:
        """Read what an earlier run kept."""
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._lock = threading.Lock()
        self._mails: dict[str, Mail] = {}
        for file in sorted(folder.glob("*.eml")):
            if NAME.match(file.stem):
                self._mails[file.stem] = take_apart(file.stem, file.read_bytes())

    def add(self, raw: bytes, recipients: list[str]) -> Mail:
        """Keep a mail; the envelope's recipients count, not what its head says."""
        with self._lock:
            name = f"{time.time_ns():020d}"
            headed = b"X-Envelope-To: " + ", ".join(recipients).encode() + b"\r\n" + raw
            draft = self._folder / f"{name}.draft"
            draft.write_bytes(headed)
            draft.replace(self._folder / f"{name}.eml")
            mail = self._mails[name] = take_apart(name, headed)
            for old in list(self._mails)[:-KEPT]:
                del self._mails[old]
                (self._folder / f"{old}.eml").unlink(missing_ok=True)
        return mail

    def newest_first(self) -> list[Mail]:
        """Return all mails."""
        with self._lock:
            return list(reversed(self._mails.values()))

    def get(self, name: str) -> Mail | None:
        """Return one mail, or None if there is none of that id."""
        with self._lock:
            return self._mails.get(name)


def take_apart(name: str, raw: bytes) -> Mail:
    """Parse a mail; a broken one is shown as far as it can be read."""
    message = email.message_from_bytes(raw, policy=email.policy.default)
    return Mail(
        id=name,
        sender=str(message.get("From", "")),
        to=str(message.get("X-Envelope-To") or message.get("To", "")),
        subject=str(message.get("Subject", "")),
        at=_written_at(message, name),
        text=_body(message, "plain"),
        html=_body(message, "html"),
        attachments=_attachments(message),
    )


def _written_at(message: EmailMessage, name: str) -> datetime:
    try:
        return parsedate_to_datetime(str(message["Date"])).astimezone(UTC)
    except (TypeError, ValueError):
        return datetime.fromtimestamp(int(name) / 1e9, UTC)


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    if part is None:
        return ""
    try:
        return str(part.get_content()).replace("\r\n", "\n")
    except (LookupError, UnicodeError):
        payload = part.get_payload(decode=True)
        return payload.decode(errors="replace") if isinstance(payload, bytes) else ""


def _attachments(message: EmailMessage) -> list[Attachment]:
    bodies = [message.get_body(("plain",)), message.get_body(("html",))]
    found = []
    for part in message.walk():
        if part.is_multipart() or part in bodies:
            continue
        payload = part.get_payload(decode=True)
        found.append(
            Attachment(
                name=part.get_filename() or f"part-{len(found) + 1}",
                content_type=part.get_content_type(),
                content=payload if isinstance(payload, bytes) else b"",
                cid=str(part.get("Content-ID", "")).strip("<>"),
            )
        )
    return found
