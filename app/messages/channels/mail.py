"""Mail by SMTP: plain text, HTML with its styles inlined, papers as PDF."""

import re
import smtplib
from collections.abc import Sequence
from email.message import EmailMessage
from urllib.parse import urlsplit

import css_inline

from app.messages.failures import Unreachable, status_of
from app.messages.kinds import UNSUBSCRIBABLE
from app.messages.models import Message
from config import Config
from kit import clock

_TIMEOUT_SECONDS = 5
_FOR_GOOD = 500


def send(message: Message, papers: Sequence[tuple[str, bytes]], config: Config) -> None:
    """Hand a mail over.

    A process that dies between sending and noting it sends again: the Message-ID stays the same,
    so that the receiving side can tell.

    Raises:
        RuntimeError: no mail server is set up.
        Unreachable: the server says that this address will never get it.
        OSError: it cannot be reached, or refuses the mail for now.
    """
    if config.smtp_url is None:
        raise RuntimeError("SMTP_URL is not set; the mail waits")
    mail = as_mail(message, config.mail_from, config.public_url, papers)
    try:
        _hand_over(config.smtp_url, mail)
    except smtplib.SMTPRecipientsRefused as error:
        # One mail has one recipient. 4xx means "not now" (RFC 5321, 4.2.1): the mail waits.
        code, said = next(iter(error.recipients.values()))
        if code < _FOR_GOOD:
            raise
        words = said.decode("utf-8", "replace")
        raise Unreachable(status_of(words), f"{code} {words}") from error


def as_mail(
    message: Message,
    sender: str,
    public_url: str,
    papers: Sequence[tuple[str, bytes]] = (),
) -> EmailMessage:
    """Return a message as MIME."""
    mail = EmailMessage()
    mail["From"] = sender
    mail["To"] = message.recipient
    mail["Subject"] = message.subject
    mail["Date"] = clock.berlin(message.created_at)
    host = urlsplit(public_url).hostname or "kontor"
    mail["Message-ID"] = f"<{message.id}{_copy(message)}@{host}>"
    # An answer to a machine's mail must not start a conversation between machines (RFC 3834).
    mail["Auto-Submitted"] = "auto-generated"
    if message.kind in UNSUBSCRIBABLE:
        # The mail program's own button: one POST, without a page in between (RFC 8058).
        mail["List-Unsubscribe"] = f"<{message.facts['unsubscribe_url']}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(message.body_text)
    mail.add_alternative(css_inline.inline(message.body_html), subtype="html")
    for name, pdf in papers:
        mail.add_attachment(pdf, maintype="application", subtype="pdf", filename=name)
    return mail


def _hand_over(smtp_url: str, mail: EmailMessage) -> None:
    parts = urlsplit(smtp_url)
    client = smtplib.SMTP_SSL if parts.scheme == "smtps" else smtplib.SMTP
    port = parts.port or (465 if parts.scheme == "smtps" else 25)
    with client(parts.hostname or "localhost", port, timeout=_TIMEOUT_SECONDS) as smtp:
        if re.search(r"starttls", parts.query):
            smtp.starttls()
        if parts.username:
            smtp.login(parts.username, parts.password or "")
        smtp.send_message(mail)


def _copy(message: Message) -> str:
    # A copy that somebody asked for is a mail of its own; a repeated delivery is the same one.
    return f".{message.copies}" if message.copies else ""
